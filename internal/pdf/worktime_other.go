//go:build !linux

package pdf

import "time"

// cpuTime is not known here: limits are by the clock.
func cpuTime(int) (used time.Duration, known bool) { return 0, false }
