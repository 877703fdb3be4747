//go:build race

package main

// slowdown is how much longer the tests, and the programs that they start, may
// take under the race detector.
const slowdown = 5
