//go:build race

package manual_test

// slowdown is how much longer the tests may take under the race detector.
const slowdown = 5
