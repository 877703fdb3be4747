package app

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFreeMemoryIsWhatTheTightestLimitLeaves(t *testing.T) {
	t.Parallel()
	const meminfo = "MemTotal: 16384 kB\nMemFree: 10 kB\nMemAvailable: 8192 kB\n"
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  int64
		known bool
	}{
		{"another system", nil, 0, false},
		{"no control groups", map[string]string{"proc/meminfo": meminfo}, 8 << 20, true},
		{"no limit", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/service\n",
			"sys/fs/cgroup/service/memory.max": "max\n",
		}, 8 << 20, true},
		{"files that were read make room", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "4194304\n", "sys/fs/cgroup/memory.current": "3145728\n",
			"sys/fs/cgroup/memory.stat": "anon 5\ninactive_file 1048576\n",
		}, 2 << 20, true},
		{"a group above is tighter", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/pod/container\n",
			"sys/fs/cgroup/pod/memory.max": "1048576\n", "sys/fs/cgroup/pod/container/memory.max": "4194304\n",
		}, 1 << 20, true},
		{"the path is the host's", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/docker/abc\n", "sys/fs/cgroup/memory.max": "1048576\n",
		}, 1 << 20, true},
		{"first version", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu:/x\n4:memory:/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "3145728\n", "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1048576\n",
		}, 2 << 20, true},
		{"more is used than may be", map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "1\n", "sys/fs/cgroup/memory.current": "2\n",
		}, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			root := t.TempDir()
			for name, content := range tc.files {
				path := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, known := freeMemory(root); known != tc.known || known && got != tc.want {
				t.Errorf("%d, %v; want %d, %v", got, known, tc.want, tc.known)
			}
		})
	}
	if n := slots(3); n != 3 {
		t.Errorf("3 slots are configured, and %d used", n)
	}
	if n := slots(0); n < 1 {
		t.Errorf("%d slots", n)
	}
}
