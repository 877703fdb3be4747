//go:build linux && (amd64 || arm64)

package pdf_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// errEnough ends a reading.
var errEnough = errors.New("enough")

func TestDocumentsAreReadWithoutPrivilegesAndGiveWay(t *testing.T) {
	d := &pdftest.Document{}
	for range 300 { // more than the worker can send ahead: it lives while it is looked at
		p := pdftest.NewPage()
		for y := range 40 {
			p.Text(50, float64(40+18*y), 10, "F1", "The pump, the valve and the fan of the machine are to be checked.")
		}
		d.Pages = append(d.Pages, p)
	}
	path := write(t, d.Bytes())
	t.Run("started for it", func(t *testing.T) { testPrivileges(t, newEngine(t, pdf.Limits{}), path) })
	t.Run("stood by", func(t *testing.T) {
		e := standbyEngine(t)
		pdf.AwaitStandby(e)
		testPrivileges(t, e, path)
	})
}

func testPrivileges(t *testing.T, e *pdf.Engine, path string) {
	t.Helper()
	looked := 0
	err := e.Extract(t.Context(), path, pdf.ExtractOptions{}, pdf.Visitor{Document: func(pdf.Document) error {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", child(t)))
		if err != nil {
			return err
		}
		for _, path := range threads {
			status, err := os.ReadFile(path)
			if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
				continue // the thread has ended
			}
			if err != nil {
				return err
			}
			looked++
			stat, err := os.ReadFile(filepath.Join(filepath.Dir(path), "stat"))
			if err == nil {
				_, fields, _ := strings.Cut(string(stat), ") ")
				if nice := strings.Fields(fields)[16]; nice != "10" {
					t.Errorf("%s has a niceness of %s", path, nice)
				}
			}
			want := map[string]string{
				"NoNewPrivs": "1", "Seccomp": "2",
				"CapPrm": "0000000000000000", "CapEff": "0000000000000000", "CapInh": "0000000000000000", "CapAmb": "0000000000000000",
			}
			if os.Getuid() == 0 {
				want["Uid"], want["Gid"], want["Groups"] = "65534 65534 65534 65534", "65534 65534 65534 65534", ""
			}
			for line := range strings.Lines(string(status)) {
				name, value, _ := strings.Cut(line, ":")
				if w, ok := want[name]; ok && strings.Join(strings.Fields(value), " ") != w {
					t.Errorf("%s: %s, want %q", path, strings.TrimSpace(line), w)
				}
			}
		}
		return errEnough
	}})
	if !errors.Is(err, errEnough) || looked == 0 {
		t.Errorf("%d threads were looked at: %v", looked, err)
	}
}

// child returns the only child of this process.
func child(t *testing.T) int {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, path := range lists {
		list, err := os.ReadFile(path)
		if err == nil {
			all = append(all, strings.Fields(string(list))...)
		}
	}
	if len(all) != 1 {
		t.Fatalf("children: %q", all)
	}
	pid, err := strconv.Atoi(all[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestTheSandboxRefusesFilesSocketsAndProcesses(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), os.Args[0], "try-to-escape", filepath.Join(t.TempDir(), "file")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	tried := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range tried {
		if !strings.HasSuffix(line, syscall.EPERM.Error()) {
			t.Error(line)
		}
	}
	if len(tried) != 6 {
		t.Errorf("tried %q", tried)
	}
}

// tryToEscape says what the sandbox makes of each attempt.
func tryToEscape(path string) int {
	if err := pdf.Sandbox(); err != nil {
		fmt.Println("sandbox:", err)
		return 1
	}
	_, err := os.ReadFile("/proc/self/status")
	fmt.Println("read:", err)
	fmt.Println("write:", os.WriteFile(path, []byte("x"), 0o600))
	fmt.Println("remove:", os.Remove(path))
	_, err = new(net.Dialer).Dial("tcp", "127.0.0.1:1")
	fmt.Println("connect:", err)
	fmt.Println("start:", exec.Command("/bin/true").Run())
	fmt.Println("kill:", syscall.Kill(os.Getppid(), 0))
	return 0
}
