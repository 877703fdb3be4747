//go:build !race

package pdf_test

// slowdown is explained in race_test.go.
const slowdown = 1
