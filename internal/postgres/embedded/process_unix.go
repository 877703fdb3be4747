//go:build unix && !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
)

// servesFolder reports whether the process is a PostgreSQL server that was
// started on the data folder. A zombie has no command line any more.
func servesFolder(pid int, data string) bool {
	out, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	command := string(out)
	return strings.Contains(command, "postgres") && strings.Contains(command, data)
}
