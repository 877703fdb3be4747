//go:build !race

package pdf_test

import "time"

// They are explained in race_test.go.
const (
	slowdown = 1
	pageTime = 2 * time.Second
)
