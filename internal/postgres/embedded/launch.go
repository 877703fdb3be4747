//go:build unix

package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const (
	// maxSocketPath is under what any system allows for a socket's path, 103
	// bytes on macOS and 107 on Linux.
	maxSocketPath = 99

	maxLogSize = 10 << 20

	// unresponsive is how long a server may take connections not at all,
	// without saying that it is starting or stopping, before it is stopped.
	unresponsive = 15 * time.Second

	// leftovers is how long the processes of a killed server may take to
	// notice that it is gone.
	leftovers = 20 * time.Second
)

var errKilled = errors.New("the server was killed while starting")

// ensureRunning takes over the server that runs on the data folder or starts
// one. The caller holds the transition lock.
func (s *Server) ensureRunning(ctx context.Context) error {
	for deadline := time.Now().Add(leftovers); ; {
		p, err := readPostmaster(s.data())
		if err != nil {
			return explainFolder(err, s.options.Dir)
		}
		if p != nil {
			ready, err := s.adopt(ctx, p)
			if ready || err != nil {
				return err
			}
		}
		messages, err := s.launch(ctx)
		if err == nil {
			return nil
		}
		// What a killed process or server leaves behind may be in the way for
		// a moment: sessions of the dead server that hold its memory, or a
		// server that the killed process had just begun to start or stop.
		busy := errors.Is(err, errKilled) || strings.Contains(messages, "pre-existing shared memory block") ||
			strings.Contains(messages, "lock file") && strings.Contains(messages, "already exists")
		if !busy || time.Now().After(deadline) {
			return s.startFailed(err, messages)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// adopt waits until the running server takes connections. It reports false when
// the server has ended instead, by itself or because it did not respond.
func (s *Server) adopt(ctx context.Context, p *postmaster) (bool, error) {
	deadline := time.Now().Add(unresponsive)
	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 100*time.Millisecond) {
		alive := p.alive()
		// Its process may be there, but out of sight, as when another
		// container shares the folder. A second server on the same data
		// would destroy it.
		if !alive && p.servedFolder != p.data {
			return false, nil
		}
		var err error
		if p.socketDir != "" {
			if err = answers(ctx, p.socketDir); err == nil {
				return true, s.useSocket(p.socketDir)
			}
		}
		switch {
		case changing(err):
			// It says that it is starting or stopping: recovery from a
			// crash takes as long as it takes.
			deadline = time.Now().Add(unresponsive)
		case !alive:
			return false, nil
		case time.Now().After(deadline):
			s.log.WarnContext(ctx, "the database server does not respond and is restarted", "pid", p.pid)
			return false, p.terminate(ctx)
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(wait):
		}
		// A server that has just been started adds its socket to the file.
		if current, err := readPostmaster(p.data); err == nil && current != nil && current.pid == p.pid {
			p = current
		}
	}
}

// useSocket notes where the server listens. That does not change while this
// process runs: the address is in use already.
func (s *Server) useSocket(dir string) error {
	if s.socketDir == "" {
		s.socketDir = dir
	}
	if s.socketDir != dir {
		return fmt.Errorf("the database server listens in %s now, not in %s: another version of this program has started it", dir, s.socketDir)
	}
	return nil
}

// answers connects to the server once.
func answers(ctx context.Context, socketDir string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, socketURL(socketDir, "postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// changing reports whether the server said that it is starting or stopping.
func changing(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pg.Code == "57P03"
}

// launch starts a server; none is running. With an error come the messages that
// the server has written.
func (s *Server) launch(ctx context.Context) (messages string, err error) {
	began := time.Now()
	major, err := dataMajor(s.data())
	if err != nil {
		return "", explainFolder(err, s.options.Dir)
	}
	binary, err := chooseBinaries(ctx, s.options.BinDir, s.data(), major)
	if err != nil {
		return "", err
	}
	if major == 0 {
		if err := s.initialise(ctx, binary); err != nil {
			return "", err
		}
	}
	if s.socketDir == "" {
		s.socketDir = s.chooseSocketDir()
	}
	if err := s.account.privateFolder(s.socketDir); err != nil {
		return "", explainFolder(err, s.options.Dir)
	}
	for _, file := range []string{pidFile(s.data()), filepath.Join(s.socketDir, socketName+".lock")} {
		if err := removeReusedPid(file, s.data()); err != nil {
			return "", explainFolder(err, s.options.Dir)
		}
	}
	if messages, err := s.spawn(ctx, binary); err != nil {
		return messages, err
	}
	s.log.InfoContext(ctx, "database server started", "version", binary.major, "folder", s.options.Dir, "seconds", time.Since(began).Seconds())
	return "", nil
}

// dataMajor returns the major version that made the data folder, 0 when there is
// none yet.
func dataMajor(data string) (int, error) {
	content, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err == nil {
		major, err := strconv.Atoi(strings.TrimSpace(string(content)))
		if err != nil {
			return 0, foreignFolder(data)
		}
		return major, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	entries, err := os.ReadDir(data)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 0, foreignFolder(data)
}

func foreignFolder(data string) error {
	return errdefs.New(errdefs.Unavailable, "POSTGRES_START_FAILED",
		"%s holds files, but is not the data folder of a PostgreSQL database. Restore it from a backup, or move it away to start with an empty database. Nothing in it was touched.", data)
}

// initialise makes the data folder. It is built beside its place and moved there
// when complete, so a kill half-way leaves nothing that looks like a database.
func (s *Server) initialise(ctx context.Context, binary binaries) error {
	began := time.Now()
	pattern := "data.initdb-"
	// What earlier attempts left behind. Their initdb may still be running and
	// fail for it, so each attempt has a folder of its own.
	if old, err := filepath.Glob(filepath.Join(s.options.Dir, pattern+"*")); err == nil {
		for _, dir := range old {
			_ = os.RemoveAll(dir)
		}
	}
	temp, err := os.MkdirTemp(s.options.Dir, pattern)
	if err != nil {
		return explainFolder(err, s.options.Dir)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if err := s.account.own(temp); err != nil {
		return explainFolder(err, s.options.Dir)
	}
	if out, err := s.initdb(ctx, binary, temp); err != nil {
		return s.startFailed(err, out)
	}
	if err := os.Rename(temp, s.data()); err != nil {
		return explainFolder(err, s.options.Dir)
	}
	if err := syncFolder(s.options.Dir); err != nil {
		return explainFolder(err, s.options.Dir)
	}
	s.log.InfoContext(ctx, "database created", "version", binary.major, "folder", s.data(), "seconds", time.Since(began).Seconds())
	return nil
}

// initdb fills the empty folder dir. Text is UTF-8, compared by code point and
// classified as Unicode, alike on every system: as the locale C.UTF-8 does where
// the system has it, put together from others where not (macOS).
func (s *Server) initdb(ctx context.Context, binary binaries, dir string) (out string, err error) {
	for _, locale := range [][]string{
		{"--locale=C.UTF-8"},
		{"--locale=C", "--lc-ctype=en_US.UTF-8"},
		{"--locale=C"},
	} {
		args := []string{
			"--pgdata=" + dir, "--username=" + superuser, "--encoding=UTF8", "--data-checksums", "--no-instructions",
			// Who reaches the socket is decided by its folder's mode. Peer
			// authentication would refuse root, who runs the program.
			"--auth-local=trust", "--auth-host=reject",
		}
		if s.options.NoSync {
			args = append(args, "--no-sync")
		}
		cmd := s.command(ctx, binary, "initdb", append(args, locale...)...)
		var output []byte
		output, err = cmd.CombinedOutput()
		out = string(output)
		if err == nil || !strings.Contains(out, "invalid locale") {
			return out, err
		}
	}
	return out, err
}

func (s *Server) command(ctx context.Context, binary binaries, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(binary.dir, program), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = s.account.process()
	// The environment holds this program's secrets; the server needs none of it.
	cmd.Env = []string{"PATH=" + binary.dir + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	if libraries, ok := os.LookupEnv("LD_LIBRARY_PATH"); ok {
		cmd.Env = append(cmd.Env, "LD_LIBRARY_PATH="+libraries)
	}
	return cmd
}

// removeReusedPid removes a lock file of the server whose process number was
// given to another process after a crash: the server would take that for a
// running server and refuse to start. Every other stale file the server handles
// by itself, and what is left of the old server's memory it finds without it.
func removeReusedPid(file, data string) error {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid := firstNumber(content)
	if pid > 1 && (!pidInUse(pid) || servesFolder(pid, data)) {
		return nil
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// chooseSocketDir returns the same folder for every process of this data folder.
func (s *Server) chooseSocketDir() string {
	dir := filepath.Join(s.options.Dir, "socket")
	if len(filepath.Join(dir, socketName)) <= maxSocketPath {
		return dir
	}
	// Not the folder for temporary files of the environment, which may differ
	// between processes and be long itself.
	sum := sha256.Sum256([]byte(s.options.Dir))
	return fmt.Sprintf("/tmp/techcopilot-%d-%s", s.account.owner(), hex.EncodeToString(sum[:8]))
}

// spawn starts the server and waits until it takes connections. With an error
// come the messages that the server has written.
func (s *Server) spawn(ctx context.Context, binary binaries) (messages string, err error) {
	logFile, offset, err := openLog(filepath.Join(s.options.Dir, "log"))
	if err != nil {
		return "", err
	}
	defer func() { _ = logFile.Close() }()
	// Not tied to ctx: the server lives on when the caller's context ends.
	cmd := s.command(context.WithoutCancel(ctx), binary, "postgres", s.arguments()...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	if err := cmd.Start(); err != nil {
		return "", err
	}
	exited := make(chan struct{})
	// Somebody has to collect the child when it ends, whoever ends it. What
	// its end means is told by its messages.
	go func() {
		defer close(exited)
		_ = cmd.Wait()
	}()

	for wait := 5 * time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		if answers(ctx, s.socketDir) == nil {
			return "", nil
		}
		select {
		case <-exited:
			messages, err := readFrom(logFile, offset)
			ended := fmt.Errorf("the server ended while starting: %s", cmd.ProcessState)
			if !cmd.ProcessState.Exited() {
				ended = fmt.Errorf("%w: %s", errKilled, cmd.ProcessState)
			}
			return messages, errors.Join(ended, err)
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGINT)
			<-exited
			return "", ctx.Err()
		case <-time.After(wait):
		}
	}
}

// arguments are the server's settings: on the command line, where they hold
// whatever the data folder's configuration says.
func (s *Server) arguments() []string {
	settings := map[string]string{
		"listen_addresses": "",
		// A list of names: quoted, a comma is part of the name.
		"unix_socket_directories": `"` + strings.ReplaceAll(s.socketDir, `"`, `""`) + `"`,
		"unix_socket_permissions": "0700",
		"port":                    port,
		"logging_collector":       "off",
		"log_destination":         "stderr",
		"log_timezone":            "UTC",
		"timezone":                "UTC",
		"shared_buffers":          "128MB",
		"log_checkpoints":         "off",
		// The queries are short; compiling them costs more than it saves.
		"jit": "off",
		// Parallel workers talk through /dev/shm, of which containers have
		// 64 MB: larger queries would fail there with a "full disk".
		"max_parallel_workers_per_gather":  "0",
		"max_parallel_maintenance_workers": "0",
	}
	if s.options.NoSync {
		settings["fsync"] = "off"
		settings["full_page_writes"] = "off"
	}
	maps.Copy(settings, s.options.Settings)
	args := []string{"-D", s.data()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// startFailed makes an error that a user can act on from what the server's
// programs have printed.
func (s *Server) startFailed(err error, messages string) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if _, ok := errors.AsType[*errdefs.Error](err); ok {
		return err
	}
	if noSpace(err) || strings.Contains(messages, "No space left on device") {
		return storageFull(fmt.Errorf("%w: %s", err, lastLines(messages)), s.options.Dir)
	}
	if messages != "" {
		err = fmt.Errorf("%w: %s", err, lastLines(messages))
	}
	return errdefs.Wrap(err, errdefs.Unavailable, "POSTGRES_START_FAILED",
		"The built-in database could not be started. The reason stands at the end of %s. Your data is still in %s.", filepath.Join(s.options.Dir, "log"), s.data())
}

func noSpace(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "53100"
	}
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func storageFull(err error, dir string) error {
	return errdefs.Wrap(err, errdefs.StorageFull, "STORAGE_FULL",
		"The disk of the database folder %s is full. Free space on it, then start again; nothing that was stored is lost.", dir)
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}

// openLog opens the log at its end and puts a long one aside.
func openLog(path string) (file *os.File, end int64, err error) {
	if info, err := os.Stat(path); err == nil && info.Size() > maxLogSize {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, 0, err
		}
	}
	file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func readFrom(file *os.File, offset int64) (string, error) {
	var text bytes.Buffer
	_, err := io.Copy(&text, io.NewSectionReader(file, offset, 1<<20))
	return text.String(), err
}

// syncFolder makes a rename inside the folder survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
