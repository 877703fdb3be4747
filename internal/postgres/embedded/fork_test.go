//go:build unix

package embedded_test

import (
	"os/exec"
	"testing"

	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
)

// A child that is just being started has all files of its parent open for a moment;
// that must not keep the last process from stopping the server, which newDir checks.
func TestTheLastOneOutStopsTheServerWhileProgramsAreStarted(t *testing.T) {
	t.Parallel()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = exec.Command("true").Run()
			}
		}
	}()
	defer func() {
		close(stop)
		<-stopped
	}()
	dir := newDir(t)
	for range 5 {
		closeServer(t, start(t, embedded.Options{Dir: dir, NoSync: true}))
		if pid := serverPID(dir); pid != 0 {
			t.Fatalf("the server, process %d, was not stopped", pid)
		}
	}
}
