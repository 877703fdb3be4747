//go:build unix

package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/postgres/embedded"
	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// helperDir makes the test binary another process that uses the server of the
// named folder: it prints the address, and closes when its input ends.
const helperDir = "EMBEDDED_TEST_HELPER_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperDir); dir != "" {
		os.Exit(helperMain(dir))
	}
	os.Exit(m.Run())
}

func helperMain(dir string) int {
	server, err := embedded.Start(context.Background(), embedded.Options{Dir: dir, NoSync: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stdout, server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

type helper struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout *bufio.Reader
}

func startHelper(t *testing.T, dir string) *helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperDir+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h := &helper{cmd: cmd, stdin: stdin, stdout: bufio.NewReader(stdout)}
	t.Cleanup(h.kill)
	return h
}

// url waits until the helper's server takes connections.
func (h *helper) url(t *testing.T) string {
	t.Helper()
	line, err := h.stdout.ReadString('\n')
	if err != nil {
		t.Fatalf("the helper process did not start the server: %v", err)
	}
	return strings.TrimSpace(line)
}

func (h *helper) kill() {
	if h.cmd.ProcessState == nil {
		_ = h.cmd.Process.Kill()
		_ = h.cmd.Wait()
	}
}

// close lets the helper end in order.
func (h *helper) close(t *testing.T) {
	t.Helper()
	if err := h.stdin.Close(); err != nil {
		t.Error(err)
	}
	if err := h.cmd.Wait(); err != nil {
		t.Errorf("helper process: %v", err)
	}
}

// newDir returns a folder that the server's user can pass through, also when
// the tests run as root, and sees to it that no server is left in it.
func newDir(t *testing.T) string {
	t.Helper()
	base := pgtest.ServerFolder(t)
	dir := filepath.Join(base, "db")
	t.Cleanup(func() {
		if pid := serverPID(dir); pid != 0 && syscall.Kill(pid, 0) == nil {
			t.Errorf("the server in %s is still running", dir)
			_ = syscall.Kill(pid, syscall.SIGQUIT)
			awaitEnd(t, pid)
		}
	})
	return dir
}

func start(t *testing.T, options embedded.Options) *embedded.Server {
	t.Helper()
	server, err := embedded.Start(t.Context(), options)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { closeServer(t, server) })
	return server
}

func closeServer(t *testing.T, server *embedded.Server) {
	t.Helper()
	if err := server.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// serverPID reads the server's process number, 0 when none is noted.
func serverPID(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}

// eventually repeats f until it succeeds.
func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	// Also when the test is over and cleans up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: %v", what, err)
		case <-tick.C:
		}
	}
}

func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "end of the server", func() error {
		if syscall.Kill(pid, 0) == nil {
			return errors.New("still running")
		}
		return nil
	})
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	var value T
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(t.Context(), sql).Scan(&value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestDataSurvivesAStopAndTheServerIsSetUpForSafety(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, embedded.Options{Dir: dir})
	url := server.URL()
	for setting, want := range map[string]string{
		"fsync":            "on",
		"full_page_writes": "on",
		"listen_addresses": "",
		"server_encoding":  "UTF8",
		"data_checksums":   "on",
		"timezone":         "UTC",
	} {
		if got := query[string](t, url, "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if !query[bool](t, url, "SELECT lower('ÄÉ') = 'äé' AND 'Z' < 'a'") {
		t.Error("letters are not classified as Unicode and compared by code point")
	}
	if info, err := os.Stat(filepath.Join(dir, "socket")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket folder: %v, %v; want mode 0700", info, err)
	}
	pid := serverPID(dir)
	if group, err := syscall.Getpgid(pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("the server is in process group %d (%v), where Ctrl-C reaches it", group, err)
	}
	exec1(t, url, "CREATE TABLE kept AS SELECT 'E5' AS code")
	closeServer(t, server)
	awaitEnd(t, pid)
	closeServer(t, server) // again, without effect

	server = start(t, embedded.Options{Dir: dir})
	if server.URL() != url {
		t.Errorf("the address changed from %s to %s", url, server.URL())
	}
	if got := query[string](t, server.URL(), "SELECT code FROM kept"); got != "E5" {
		t.Errorf("got %q after a restart", got)
	}
}

func TestServerThatIsKilledComesBack(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, embedded.Options{Dir: dir})
	pool, err := postgres.Open(t.Context(), server.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "CREATE TABLE kept AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	killed := serverPID(dir)
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pool works again", func() error {
		var n int
		if err := pool.QueryRow(t.Context(), "SELECT n FROM kept").Scan(&n); err != nil {
			return err
		}
		// A session of the dead server may answer a last time.
		if n != 7 || serverPID(dir) == killed {
			return fmt.Errorf("got %d from process %d", n, serverPID(dir))
		}
		return nil
	})
}

func TestServerThatCannotComeBackSaysWhyUntilItCan(t *testing.T) {
	t.Parallel()
	finder := start(t, embedded.Options{Dir: newDir(t), NoSync: true})
	programs := query[string](t, finder.URL(), "SELECT setting FROM pg_config WHERE name = 'BINDIR'")
	version := query[string](t, finder.URL(), "SELECT current_setting('server_version_num')::int / 10000 || '.0'")
	closeServer(t, finder)

	dir := newDir(t)
	link := filepath.Join(filepath.Dir(dir), "bin")
	point := func(to string) {
		t.Helper()
		if err := os.RemoveAll(link); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	point(programs)
	server := start(t, embedded.Options{Dir: dir, BinDir: link, NoSync: true})
	point(fakeBinaries(t, version, "FATAL: could not write: No space left on device"))
	if err := syscall.Kill(serverPID(dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the problem is told", func() error {
		err := server.Problem()
		if err == nil {
			return errors.New("none yet")
		}
		if errdefs.Is(err, errdefs.StorageFull) {
			return nil
		}
		return err
	})
	point(programs)
	eventually(t, "the problem is over", func() error { return server.Problem() })
	if got := query[int](t, server.URL(), "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
}

func TestNextProcessAdoptsTheServerOfAKilledOne(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	owner := startHelper(t, dir)
	exec1(t, owner.url(t), "CREATE TABLE kept AS SELECT 1 AS n")
	pid := serverPID(dir)
	owner.kill()

	server := start(t, embedded.Options{Dir: dir, NoSync: true})
	if got := serverPID(dir); got != pid {
		t.Errorf("process %d serves, want the orphan %d", got, pid)
	}
	if got := query[int](t, server.URL(), "SELECT n FROM kept"); got != 1 {
		t.Errorf("got %d", got)
	}
	// An adopted server is watched like an own one.
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "restart", func() error {
		conn, err := pgx.Connect(t.Context(), server.URL())
		if err != nil {
			return err
		}
		return conn.Close(t.Context())
	})
	pid = serverPID(dir)
	closeServer(t, server)
	awaitEnd(t, pid)
}

func TestServerAndOwnerKilledTogetherLoseNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	owner := startHelper(t, dir)
	exec1(t, owner.url(t), "CREATE TABLE kept AS SELECT 1 AS n")
	// The server first: its owner may be restarting it when it is killed.
	if err := syscall.Kill(serverPID(dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	owner.kill()
	server := start(t, embedded.Options{Dir: dir, NoSync: true})
	if got := query[int](t, server.URL(), "SELECT n FROM kept"); got != 1 {
		t.Errorf("got %d", got)
	}
}

func TestProcessesShareOneServerAndTheLastStopsIt(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	// Two processes and two users in this one, all on a fresh folder at once.
	helpers := []*helper{startHelper(t, dir), startHelper(t, dir)}
	servers := make([]*embedded.Server, 2)
	var group sync.WaitGroup
	for i := range servers {
		group.Go(func() {
			var err error
			if servers[i], err = embedded.Start(t.Context(), embedded.Options{Dir: dir, NoSync: true}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	pid := serverPID(dir)
	for _, h := range helpers {
		if url := h.url(t); url != servers[0].URL() {
			t.Errorf("a process got %s, another %s", url, servers[0].URL())
		}
	}
	helpers[0].close(t)
	closeServer(t, servers[0])
	helpers[1].close(t)
	if got := query[int](t, servers[1].URL(), "SELECT 1"); got != 1 || serverPID(dir) != pid {
		t.Errorf("the server did not stay for its last user: process %d, was %d", serverPID(dir), pid)
	}
	closeServer(t, servers[1])
	awaitEnd(t, pid)
}

func TestInitialisationThatWasKilledStartsAfresh(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	owner := startHelper(t, dir)
	eventually(t, "initialisation begins", func() error {
		half, err := filepath.Glob(filepath.Join(dir, "data.initdb-*", "PG_VERSION"))
		if err != nil || len(half) == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	owner.kill()
	server := start(t, embedded.Options{Dir: dir, NoSync: true})
	if got := query[int](t, server.URL(), "SELECT 1"); got != 1 {
		t.Errorf("got %d", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "data.initdb-*", "PG_VERSION")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStalePidFileDoesNotStopAStart(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := start(t, embedded.Options{Dir: dir, NoSync: true})
	dead := serverPID(dir)
	content, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	closeServer(t, server)

	// A process of the server's own user that now has the number.
	other := exec.Command("sleep", "600")
	if attr := serverUser(t); attr != nil {
		other.SysProcAttr = attr
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()

	for name, pid := range map[string]string{
		"process gone":       strconv.Itoa(dead),
		"number in use":      strconv.Itoa(other.Process.Pid),
		"number of our own":  strconv.Itoa(os.Getpid()),
		"half-written file":  "",
		"number that is not": "-7",
	} {
		path := filepath.Join(dir, "data", "postmaster.pid")
		if err := os.WriteFile(path, []byte(pid+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		ownByServer(t, path)
		server, err := embedded.Start(t.Context(), embedded.Options{Dir: dir, NoSync: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		closeServer(t, server)
	}
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the process with the reused number was harmed: %v", err)
	}
}

// serverUser returns how to run a process as the server's user: nil when that
// is the user of this process.
func serverUser(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func ownByServer(t *testing.T, path string) {
	t.Helper()
	if attr := serverUser(t); attr != nil {
		if err := os.Chown(path, int(attr.Credential.Uid), int(attr.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLongFolderNameGetsAShortSocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), strings.Repeat("long folder, ", 9)+"end")
	server := start(t, embedded.Options{Dir: dir, NoSync: true})
	socket := query[string](t, server.URL(), "SHOW unix_socket_directories")
	if len(socket) > 80 || strings.HasPrefix(socket, dir) {
		t.Errorf("socket in %s", socket)
	}
	second := start(t, embedded.Options{Dir: dir, NoSync: true})
	if second.URL() != server.URL() {
		t.Errorf("two processes got %s and %s", server.URL(), second.URL())
	}
	closeServer(t, second)
	closeServer(t, server)
	if _, err := os.Stat(strings.Trim(socket, `"`)); !os.IsNotExist(err) {
		t.Errorf("the socket's folder is left behind: %v", err)
	}
}

// fakeBinaries makes server programs that report a version and then fail with a
// message.
func fakeBinaries(t *testing.T, version, message string) string {
	t.Helper()
	dir := filepath.Join(newDir(t), "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'postgres (PostgreSQL) " + version + "'; exit; fi\necho '" + message + "'\nexit 1\n"
	for _, name := range []string{"postgres", "initdb"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestErrorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	// dataOf makes a data folder that holds one file.
	dataOf := func(name, content string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			data := filepath.Join(dir, "data")
			if err := os.MkdirAll(data, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(data, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, 0o711); err != nil {
				t.Fatal(err)
			}
			ownByServer(t, data)
		}
	}
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		options embedded.Options
		kind    errdefs.Kind
		code    string
		says    []string
	}{
		{
			name:    "no binaries in the named folder",
			options: embedded.Options{BinDir: "/nowhere"},
			kind:    errdefs.Unavailable, code: "POSTGRES_NOT_FOUND",
			says: []string{"/nowhere", "apt-get install postgresql", "brew install postgresql", "dnf install postgresql-server", "DATABASE_URL"},
		},
		{
			name:    "binaries too old",
			options: embedded.Options{BinDir: fakeBinaries(t, "14.9", "")},
			kind:    errdefs.Unavailable, code: "POSTGRES_NOT_FOUND",
			says: []string{"PostgreSQL 15", "PostgreSQL 14"},
		},
		{
			name:    "data of a version that is not installed",
			prepare: dataOf("PG_VERSION", "12\n"),
			kind:    errdefs.Unavailable, code: "POSTGRES_VERSION_MISMATCH",
			says: []string{"made by PostgreSQL 12", "Install PostgreSQL 12", "pg_upgrade", "not touched"},
		},
		{
			name:    "folder with something else in it",
			prepare: dataOf("letter.txt", "mine"),
			kind:    errdefs.Unavailable, code: "POSTGRES_START_FAILED",
			says: []string{"not the data folder", "Nothing in it was touched"},
		},
		{
			name:    "disk full at the first start",
			options: embedded.Options{BinDir: fakeBinaries(t, "16.1", "could not write: No space left on device")},
			kind:    errdefs.StorageFull, code: "STORAGE_FULL",
			says: []string{"Free space"},
		},
		{
			name:    "disk full at a later start",
			prepare: dataOf("PG_VERSION", "16\n"),
			options: embedded.Options{BinDir: fakeBinaries(t, "16.1", "FATAL: could not write lock file: No space left on device")},
			kind:    errdefs.StorageFull, code: "STORAGE_FULL",
			says: []string{"Free space"},
		},
		{
			name:    "server that does not start",
			prepare: dataOf("PG_VERSION", "16\n"),
			options: embedded.Options{BinDir: fakeBinaries(t, "16.1", "FATAL: something is wrong")},
			kind:    errdefs.Unavailable, code: "POSTGRES_START_FAILED",
			says: []string{"log", "something is wrong"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			if test.prepare != nil {
				test.prepare(t, dir)
			}
			before, _ := filepath.Glob(filepath.Join(dir, "data", "*"))
			test.options.Dir = dir
			server, err := embedded.Start(t.Context(), test.options)
			if err == nil {
				closeServer(t, server)
				t.Fatal("the server started")
			}
			if e := errdefs.As(err); e.Kind != test.kind || e.Code != test.code {
				t.Errorf("got %d %s: %v; want %d %s", e.Kind, e.Code, err, test.kind, test.code)
			}
			for _, words := range test.says {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q is missing in: %v", words, err)
				}
			}
			if after, _ := filepath.Glob(filepath.Join(dir, "data", "*")); len(after) != len(before) {
				t.Errorf("the data folder changed from %v to %v", before, after)
			}
		})
	}
}

func TestFolderOutOfReachIsNamed(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	closed := filepath.Join(dir, "closed")
	if err := os.MkdirAll(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{closed, "/var/lib/techcopilot"}
	if os.Geteuid() != 0 {
		// An ordinary user meets a folder that is not theirs.
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		want = []string{closed, "DATA_DIR"}
	}
	server, err := embedded.Start(t.Context(), embedded.Options{Dir: filepath.Join(closed, "db"), NoSync: true})
	if err == nil {
		closeServer(t, server)
		t.Fatal("the server started")
	}
	if errdefs.Code(err) != "DATA_FOLDER_DENIED" {
		t.Errorf("got %v", err)
	}
	for _, words := range want {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q is missing in: %v", words, err)
		}
	}
}

func TestDataIsServedByBinariesOfItsVersion(t *testing.T) {
	// Not parallel: the search path is the process's.
	dir := newDir(t)
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("98\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ownByServer(t, data)
	// Links in a folder of PATH, as packages make them.
	links := newDir(t)
	if err := os.MkdirAll(links, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(fakeBinaries(t, "98.2", "this is version 98"), "postgres"), filepath.Join(links, "postgres")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", fakeBinaries(t, "99.1", "this is version 99")+":"+links+":"+os.Getenv("PATH"))
	_, err := embedded.Start(t.Context(), embedded.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "this is version 98") {
		t.Errorf("got %v, want the programs of version 98 to be run", err)
	}
	_, err = embedded.Start(t.Context(), embedded.Options{Dir: newDir(t)})
	if err == nil || !strings.Contains(err.Error(), "this is version 99") {
		t.Errorf("got %v, want the newest programs to be run for a new folder", err)
	}
}
