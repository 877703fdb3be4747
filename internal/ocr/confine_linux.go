package ocr

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// attributes has a process lead a group, and die with the thread that starts it:
// nobody would end it, nor read what it writes, when this process is killed. The
// starter has to keep its thread for as long.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// confine puts limits on a process that was just started and is to read a picture.
// They are a second line: a process that cannot be limited is still killed by its
// time.
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
