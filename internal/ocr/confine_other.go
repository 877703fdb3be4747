//go:build !linux

package ocr

import (
	"syscall"
	"time"
)

// attributes has a process lead a group.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// confine lowers the priority of a process that was just started. Other limits
// can be put on another process on Linux only; here its time has to do.
func confine(pid int, _ time.Duration) {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, pid, niceness)
}
