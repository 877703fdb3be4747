//go:build !race

package app_test

// slowdown is explained in race_test.go.
const slowdown = 1
