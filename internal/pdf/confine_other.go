//go:build !linux

package pdf

import (
	"fmt"
	"syscall"
	"time"
)

// confine puts the CPU limit of the kernel on this process. The address space
// is not limited here: the systems other than Linux do not enforce it.
func confine(l Limits, background bool) error {
	seconds := uint64((l.CPU + time.Second - 1) / time.Second)
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds}); err != nil {
		return fmt.Errorf("set the CPU limit: %w", err)
	}
	if background {
		return giveWay()
	}
	return nil
}

// giveWay lets all other processes go first.
func giveWay() error {
	const niceness = 10
	if err := syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness); err != nil {
		return fmt.Errorf("give way: %w", err)
	}
	return nil
}

// sandbox does nothing: what it takes on Linux, other systems take in their own
// ways.
func sandbox() error { return nil }
