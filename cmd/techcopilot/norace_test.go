//go:build !race

package main

// slowdown is explained in race_test.go.
const slowdown = 1
