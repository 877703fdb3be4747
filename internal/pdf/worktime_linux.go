package pdf

import (
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime returns the CPU time that a process has used, with all its threads.
func cpuTime(pid int) (used time.Duration, known bool) {
	const ofProcess = 2 // CPUCLOCK_SCHED of the kernel: in nanoseconds
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|ofProcess, &t); err != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
