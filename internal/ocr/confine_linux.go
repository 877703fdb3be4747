package ocr

import (
	"time"

	"golang.org/x/sys/unix"
)

// confine puts limits on a process that was just started. They are a second
// line: a process that cannot be limited is still killed by its time.
func confine(pid int, limit time.Duration) {
	set := func(resource int, value uint64) {
		_ = unix.Prlimit(pid, resource, &unix.Rlimit{Cur: value, Max: value}, nil)
	}
	set(unix.RLIMIT_AS, maxAddressSpace)
	set(unix.RLIMIT_CPU, uint64(limit/time.Second)+1)
	set(unix.RLIMIT_FSIZE, 0)
	set(unix.RLIMIT_CORE, 0)
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, niceness)
}
