//go:build race

package pdf_test

import "time"

// slowdown is how much longer a worker may take under the race detector, which
// it runs under too.
const slowdown = 5

// pageTime is what tests give a page of which some do not end: short, and long
// enough for one that does, on a machine that does much else.
const pageTime = 5 * time.Second
