package pdf

import (
	"sync"
	"time"
)

// The limits of a worker are for a machine that does nothing else. On one that does
// much else, the worst sound page takes minutes by the clock, most of which the worker
// waits for a processor. So what counts is the CPU time that it has used; and of the
// clock's a tenth, for a worker that hangs uses none.
const patience = 10

// moment is when something began, by the clock and by the worker's CPU time.
type moment struct {
	clock time.Time
	cpu   time.Duration
	known bool // the CPU time
}

func (c *child) now() moment {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := moment{clock: time.Now()}
	if !c.ended {
		m.cpu, m.known = cpuTime(c.cmd.Process.Pid)
	}
	return m
}

// since returns how much of a limit the worker has used up.
func (c *child) since(began moment) time.Duration {
	now := c.now()
	clock := now.clock.Sub(began.clock)
	if !began.known || !now.known {
		return clock
	}
	return max(clock/patience, min(clock, now.cpu-began.cpu))
}

// bound kills the worker when it has used up limit, unless stop is called before.
func (c *child) bound(limit time.Duration) (stop func()) {
	began := c.now()
	var mu sync.Mutex // held while the timer is looked at
	stopped := false
	mu.Lock()
	defer mu.Unlock()
	var timer *time.Timer
	timer = time.AfterFunc(limit, func() {
		mu.Lock()
		defer mu.Unlock()
		if stopped {
			return
		}
		if left := limit - c.since(began); left > 0 {
			timer.Reset(max(left, limit/patience))
			return
		}
		c.timedOut.Store(true)
		c.kill()
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
	}
}
