// Package telemetry says what the program is and does: build information, logs
// and metrics. It keeps no global state and sends nothing anywhere; metrics are
// read from it.
package telemetry

import (
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/term"
)

// Build says which program this is.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Date    string `json:"date,omitempty"` // RFC 3339, UTC
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// NewBuild takes what the linker was told and fills the rest from what the Go
// toolchain stamped into the binary.
func NewBuild(version, commit, date string) Build {
	b := Build{Version: version, Commit: commit, Date: date, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	dirty := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			if b.Commit == "" {
				b.Commit = s.Value
			}
		case "vcs.time":
			if b.Date == "" {
				b.Date = s.Value
			}
		case "vcs.modified":
			dirty = s.Value == "true"
		}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	if dirty && commit == "" && b.Commit != "" {
		b.Commit += "+changes"
	}
	return b
}

// LogValue lists the build for the log.
func (b Build) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("version", b.Version), slog.String("commit", b.Commit),
		slog.String("date", b.Date), slog.String("go", b.Go))
}

// NewLogger returns a logger that writes text or JSON lines to w.
func NewLogger(w io.Writer, json bool, level slog.Level) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// IsTerminal reports whether a person reads f.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
