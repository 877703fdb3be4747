package app

import (
	"bufio"
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// memoryPerSlot is what a child may need that reads a heavy document or
// recognises a large page, and what this process holds for it.
const memoryPerSlot = 1536 << 20

// slots returns how many children may work in the background at once: as many as
// there are processors, and memory for, but at least one.
func slots(configured int) int {
	if configured > 0 {
		return configured
	}
	n := runtime.GOMAXPROCS(0) // what a container's CPU limit leaves
	if free, known := freeMemory("/"); known {
		n = min(n, int(min(free/memoryPerSlot, math.MaxInt32)))
	}
	return max(n, 1)
}

// freeMemory returns how many bytes this process and its children may still
// take: what the machine has, or less where a control group (a container, a
// service) is held to less. root is where proc and sys are.
func freeMemory(root string) (bytes int64, known bool) {
	bytes, known = math.MaxInt64, false
	if v, ok := entry(filepath.Join(root, "proc/meminfo"), "MemAvailable:"); ok {
		bytes, known = v<<10, true
	}
	groups, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return bytes, known
	}
	for line := range strings.Lines(string(groups)) {
		// hierarchy:controllers:path; the second version's hierarchy is 0.
		f := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(f) != 3 {
			continue
		}
		base, limit, usage, cache := "sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"
		if f[0] != "0" {
			if f[1] != "memory" {
				continue
			}
			base, limit, usage, cache = "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
		}
		// Every group above holds too. In a container the path may be the host's:
		// its own group is then the top.
		for path := filepath.Clean("/" + f[2]); ; path = filepath.Dir(path) {
			dir := filepath.Join(root, base, path)
			if most, ok := number(filepath.Join(dir, limit)); ok {
				used, _ := number(filepath.Join(dir, usage))
				// Files that were read count as used, and make room when it is needed.
				reclaimable, _ := entry(filepath.Join(dir, "memory.stat"), cache)
				bytes, known = min(bytes, max(most-used+reclaimable, 0)), true
			}
			if path == "/" {
				break
			}
		}
	}
	return bytes, known
}

// number reads a file that holds one; "max" is none.
func number(path string) (int64, bool) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64)
	return n, err == nil
}

// entry reads the number behind a name in a file of such lines.
func entry(path, name string) (int64, bool) {
	f, err := os.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) >= 2 && f[0] == name {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
