//go:build race

package pdf_test

// slowdown is how much longer a worker may take under the race detector, which
// it runs under too.
const slowdown = 5
