package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what a process and its descendants needed.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes, of all of them together at one time
}

// samples is how often memory is looked at. A peak that is shorter is missed.
const samples = 20 * time.Millisecond

// measure runs a command to its end.
func measure(ctx context.Context, name string, args ...string) (usage, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	started := time.Now()
	if err := cmd.Start(); err != nil {
		return usage{}, err
	}
	done := make(chan struct{})
	peak := make(chan int64)
	go func() {
		tick := time.NewTicker(samples)
		defer tick.Stop()
		var most int64
		for {
			select {
			case <-tick.C:
				most = max(most, memory(cmd.Process.Pid))
			case <-done:
				peak <- most
				return
			}
		}
	}()
	err := cmd.Wait()
	u := usage{wall: time.Since(started), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	close(done)
	u.peak = <-peak
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && u.peak == 0 {
		u.peak = r.Maxrss << 10
	}
	if err != nil {
		return u, fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return u, nil
}

// memory is what the process and its descendants hold, shared pages counted once.
// It is 0 where there is no /proc.
func memory(root int) int64 {
	var total int64
	for _, p := range family(root) {
		total += proportional(p.pid)
	}
	return total
}

// process is what the system says of one.
type process struct {
	pid int
	cpu time.Duration // of itself and of the children that have ended
}

// family returns a process and its descendants, none where there is no /proc.
func family(root int) []process {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	children := map[int][]process{}
	var out []process
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has just ended
		}
		// The name in parentheses may hold spaces.
		_, rest, ok := strings.Cut(string(data), ") ")
		f := strings.Fields(rest)
		if !ok || len(f) < 15 {
			continue
		}
		p := process{}
		p.pid, _ = strconv.Atoi(filepath.Base(filepath.Dir(path)))
		for _, ticks := range f[11:15] { // user and system, its own and its children's
			n, _ := strconv.Atoi(ticks)
			p.cpu += time.Duration(n) * (time.Second / 100) // the unit of /proc
		}
		parent, _ := strconv.Atoi(f[1])
		children[parent] = append(children[parent], p)
		if p.pid == root {
			out = append(out, p)
		}
	}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i].pid]...)
	}
	return out
}

func proportional(pid int) int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "Pss:" {
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// eachFile runs a command once per file, its output thrown away.
func eachFile(ctx context.Context, files []string, name string, args ...string) (usage, error) {
	var sum usage
	for _, f := range files {
		u, err := measure(ctx, name, append(append([]string{}, args...), f, os.DevNull)...)
		if err != nil {
			return sum, err
		}
		sum.wall += u.wall
		sum.cpu += u.cpu
		sum.peak = max(sum.peak, u.peak)
	}
	return sum, nil
}

func countPages(ctx context.Context, script string, files []string) (int, error) {
	out, err := exec.CommandContext(ctx, "/usr/bin/python3", append([]string{script, "pages"}, files...)...).Output()
	if err != nil {
		return 0, fmt.Errorf("PyMuPDF: %w", err)
	}
	return strconv.Atoi(strings.TrimSpace(string(out)))
}

// importAll imports the files into a library of its own. Making the library is
// not part of the measure, starting and stopping its database is.
func (b *bench) importAll(ctx context.Context, round int) (usage, error) {
	data := filepath.Join(b.scratch, "library-"+strconv.Itoa(round))
	if _, err := measure(ctx, b.program, "migrate", "up", "--data", data); err != nil {
		return usage{}, err
	}
	cache := filepath.Join(data, "cache")
	if b.cache != "" {
		if err := os.Rename(b.cache, cache); err != nil {
			return usage{}, err
		}
	}
	b.cache = cache
	return measure(ctx, b.program, append([]string{"import", "--json", "--data", data, "--tesseract", "none"}, b.files...)...)
}
