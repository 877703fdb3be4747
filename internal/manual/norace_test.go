//go:build !race

package manual_test

// slowdown is explained in race_test.go.
const slowdown = 1
