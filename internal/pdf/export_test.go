package pdf

// Sandbox does to this process what is done to a worker before it reads a
// document.
func Sandbox() error { return sandbox() }

// AwaitStandby returns the process of the first worker that stands by, 0 for none,
// once as many do as are to.
func AwaitStandby(e *Engine) int {
	e.standby.mu.Lock()
	due := e.standby.later != nil && e.standby.later.Stop()
	if due {
		e.standby.later = nil
	}
	e.standby.mu.Unlock()
	if due {
		e.standby.refill()
	}
	e.standby.filled.Wait()
	e.standby.mu.Lock()
	defer e.standby.mu.Unlock()
	if len(e.standby.waiting) == 0 {
		return 0
	}
	return e.standby.waiting[0].cmd.Process.Pid
}
