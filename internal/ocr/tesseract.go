package ocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tesseract runs the program. Each run is a process of its own.
type tesseract struct {
	command string
	dataDir string
	limit   time.Duration // of one run
}

// What one run may cost beside its time.
const (
	maxAddressSpace = 2 << 30 // bytes; a page of 40 million pixels takes 600 MB
	maxOutput       = 32 << 20
	niceness        = 10 // answers come before background work
)

var errTimeout = errors.New("tesseract took too long")

// status asks the program what it is and has.
func (t tesseract) status(ctx context.Context) (Status, error) {
	version, err := t.exec(ctx, nil, 10*time.Second, "--version")
	if err != nil {
		return Status{}, unavailable(t.command, err)
	}
	list, err := t.exec(ctx, nil, 10*time.Second, "--list-langs")
	if err != nil {
		return Status{}, unavailable(t.command, err)
	}
	s := Status{packs: map[string]bool{}}
	if m := versionLine.FindSubmatch(version); m != nil {
		s.Version = string(m[1])
	}
	for line := range strings.Lines(string(list)) {
		s.packs[strings.TrimSpace(line)] = true
	}
	major, _, _ := strings.Cut(s.Version, ".")
	switch n, err := strconv.Atoi(major); {
	case err != nil:
		return Status{}, unavailable(t.command, errors.New("it does not tell its version as tesseract does"))
	case n < minVersion:
		return Status{}, unavailable(t.command, fmt.Errorf("it is version %s", s.Version))
	case !s.packs[english]:
		return Status{}, unavailable(t.command, errors.New("its English language pack is missing"))
	}
	for language, pack := range packs {
		if s.packs[pack] {
			s.Languages = append(s.Languages, language)
		}
	}
	slices.Sort(s.Languages)
	return s, nil
}

// minVersion is the first version of tesseract that is used.
const minVersion = 5

var versionLine = regexp.MustCompile(`(?m)^tesseract v?([0-9][0-9.]*)`)

// read recognises the text of a picture.
func (t tesseract) read(ctx context.Context, picture []byte, languages string, mode pageMode, dpi float64) ([]word, error) {
	out, err := t.exec(ctx, picture, t.limit, "stdin", "stdout", "-l", languages,
		"--psm", strconv.Itoa(int(mode)), "--dpi", strconv.Itoa(int(dpi+0.5)), "-c", "tessedit_create_tsv=1")
	if err != nil {
		return nil, err
	}
	return parse(out)
}

// orientation is the pack that tells which way is up.
const orientation = "osd"

// minDirection is the orientation confidence from which tesseract is right.
const minDirection = 1.0

// direction returns the clockwise quarter turns after which the picture is
// upright, 0 when that cannot be told.
func (t tesseract) direction(ctx context.Context, picture []byte, dpi float64) (int, error) {
	out, err := t.exec(ctx, picture, t.limit, "stdin", "stdout", "-l", orientation,
		"--psm", strconv.Itoa(int(modeDirection)), "--dpi", strconv.Itoa(int(dpi+0.5)))
	if ctx.Err() != nil || errors.Is(err, errTimeout) {
		return 0, err
	}
	rotate, sure := rotateLine.FindSubmatch(out), sureLine.FindSubmatch(out)
	if err != nil || rotate == nil || sure == nil {
		return 0, nil // too few letters to tell
	}
	degrees, _ := strconv.Atoi(string(rotate[1]))
	if confidence, _ := strconv.ParseFloat(string(sure[1]), 64); confidence < minDirection {
		return 0, nil
	}
	return degrees / 90 & 3, nil
}

var (
	rotateLine = regexp.MustCompile(`(?m)^Rotate: (\d+)`)
	sureLine   = regexp.MustCompile(`(?m)^Orientation confidence: ([\d.]+)`)
)

// exec runs the program and returns what it writes to standard output. The
// process group is killed when the context ends or the limit is over. With a
// picture on standard input the process is confined as well; without one it only
// tells of itself, and may be a wrapper that keeps a log.
func (t tesseract) exec(ctx context.Context, stdin []byte, limit time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.command, args...)
	cmd.Env = []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C"}
	if t.dataDir != "" {
		cmd.Env = append(cmd.Env, "TESSDATA_PREFIX="+t.dataDir)
	}
	cmd.Dir = "/"
	cmd.SysProcAttr = attributes()
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	stdout, stderr := capped{room: maxOutput}, capped{room: 2048}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// The process dies with the thread that starts it, see attributes; threads come
	// and go in Go, but for those that are locked.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if len(stdin) > 0 {
		// It waits for the picture, so that the limits hold before it sees any of it.
		confine(cmd.Process.Pid, limit)
	}
	_, writeErr := in.Write(stdin)
	closeErr := in.Close()
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, fmt.Errorf("tesseract: %w: %s", err, strings.TrimSpace(stderr.String()))
	case stdout.over:
		return nil, errors.New("tesseract wrote too much")
	case writeErr != nil && len(stdin) > 0:
		return nil, fmt.Errorf("tesseract did not read the picture: %w", errors.Join(writeErr, closeErr))
	}
	return stdout.Bytes(), nil
}

// capped keeps the first bytes that are written.
type capped struct {
	bytes.Buffer
	room int
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := max(c.room-c.Len(), 0)
	c.over = c.over || len(p) > room
	c.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}
