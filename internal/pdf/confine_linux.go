package pdf

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// niceness of background work: beside a busy process of niceness 0 it gets a
// tenth of a processor.
const niceness = 10

// confine puts the limits of the kernel on this process. They hold even when
// the PDF engine spins in a loop that the Go scheduler cannot interrupt. A
// background process gives way to all others.
func confine(l Limits, background bool) error {
	// Address space: what the process has mapped at its start (the Go runtime
	// reserves more than it uses, the race detector terabytes) and the limit.
	var mapped uint64
	if f, err := os.Open("/proc/self/statm"); err == nil {
		_, _ = fmt.Fscan(f, &mapped)
		f.Close()
		mapped *= uint64(os.Getpagesize())
	}
	space := mapped + uint64(l.Memory) + memoryMargin
	seconds := uint64((l.CPU + time.Second - 1) / time.Second)
	for _, r := range []struct {
		resource int
		value    uint64
	}{
		{unix.RLIMIT_AS, space},
		{unix.RLIMIT_CPU, seconds},
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_FSIZE, 256 << 20},
		{unix.RLIMIT_NOFILE, 64}, // the runtime's own, the document, the compiled engine
	} {
		if err := syscall.Setrlimit(r.resource, &syscall.Rlimit{Cur: r.value, Max: r.value}); err != nil {
			return fmt.Errorf("set limit %d: %w", r.resource, err)
		}
	}
	if background {
		if err := giveWay(); err != nil {
			return err
		}
	}
	return dieWithParent()
}

// giveWay lets all other processes go first. On Linux a process's niceness is that
// of each of its threads; its group, of which it is the only member, means all of
// them.
func giveWay() error {
	if unix.Getpgrp() != os.Getpid() {
		return nil
	}
	if err := unix.Setpriority(unix.PRIO_PGRP, 0, niceness); err != nil {
		return fmt.Errorf("give way: %w", err)
	}
	return nil
}

// dieWithParent makes the kernel kill this process when the other end of its
// standard input is closed, which happens when the parent dies, however it
// dies. PR_SET_PDEATHSIG would do so when the parent's thread ends, which Go
// does not control; a goroutine that reads standard input is stopped by a
// garbage collection that waits for a spinning PDF engine.
func dieWithParent() error {
	const stdin = 0
	if _, err := unix.FcntlInt(stdin, unix.F_SETOWN, os.Getpid()); err != nil {
		return fmt.Errorf("watch the parent: %w", err)
	}
	if _, err := unix.FcntlInt(stdin, unix.F_SETSIG, int(unix.SIGKILL)); err != nil {
		return fmt.Errorf("watch the parent: %w", err)
	}
	flags, err := unix.FcntlInt(stdin, unix.F_GETFL, 0)
	if err == nil {
		_, err = unix.FcntlInt(stdin, unix.F_SETFL, flags|unix.O_ASYNC)
	}
	if err != nil {
		return fmt.Errorf("watch the parent: %w", err)
	}
	return nil
}
