package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// servesFolder reports whether the process is a PostgreSQL server on the data
// folder: every server works in its data folder. A zombie has none.
func servesFolder(pid int, data string) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || strings.TrimSpace(string(name)) != "postgres" {
		return false
	}
	cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	if resolved, err := filepath.EvalSymlinks(data); err == nil {
		data = resolved
	}
	return cwd == data
}
