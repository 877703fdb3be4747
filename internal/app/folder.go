package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// prepareFolder makes the data folder if it is missing and finds out whether it
// can be written to, so that a wrong one is told by its name, whatever would
// meet it first.
func prepareFolder(dir string) error {
	if err := makeWritable(dir); err != nil {
		return explainFolder(err, dir)
	}
	return nil
}

func makeWritable(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		mode := fs.FileMode(0o700)
		if os.Geteuid() == 0 {
			mode = 0o711 // the database server's own user passes through
		}
		if err := os.MkdirAll(dir, mode); err != nil {
			return err
		}
		if err := os.Chmod(dir, mode); err != nil { // whatever the umask says
			return err
		}
	}
	probe, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// RequireLibrary refuses a data folder that has no library, so that a command
// which only looks does not make one where a name is mistyped. A library whose
// database is somewhere else is there as long as that is.
//
// Errors: LIBRARY_MISSING.
func RequireLibrary(cfg config.Library) error {
	if cfg.DatabaseURL != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(cfg.DataDir, "postgres")); !errors.Is(err, fs.ErrNotExist) {
		return nil // what else is wrong with it, opening it tells
	}
	return errdefs.New(errdefs.NotFound, "LIBRARY_MISSING",
		"There is no library in %s. Name its folder with --data or DATA_DIR, or make one there: techcopilot serve, or techcopilot import with the first manuals.", cfg.DataDir)
}

// CheckWatched refuses watched folders that share files with the data folder:
// the library would import its own originals.
//
// Errors: CONFIGURATION.
func CheckWatched(cfg config.Library, node config.Node) error {
	data := realPath(cfg.DataDir)
	for _, dir := range node.WatchDir {
		if watched := realPath(dir); within(watched, data) || within(data, watched) {
			return errdefs.New(errdefs.Invalid, "CONFIGURATION",
				"WATCH_DIR names %s, which is, is in or contains the data folder %s. Watch a folder beside it, or the library would import its own files.", dir, cfg.DataDir)
		}
	}
	return nil
}

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// realPath returns the absolute path without symbolic links, as far as it exists.
func realPath(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(realPath(parent), filepath.Base(path))
	}
	return path
}

func explainFolder(err error, dir string) error {
	const code, another = "DATA_FOLDER_UNUSABLE", "or choose another one (--data or DATA_DIR)."
	switch {
	case errors.Is(err, syscall.EROFS):
		return errdefs.Wrap(err, errdefs.Unavailable, code, "The data folder %s is on a disk that is read-only. Make the disk writable, "+another, dir)
	case errors.Is(err, fs.ErrPermission):
		return errdefs.Wrap(err, errdefs.Unavailable, code, "This user may not write to the data folder %s. Start the program as the user who made the folder, "+another, dir)
	case errors.Is(err, syscall.ENOTDIR):
		return errdefs.Wrap(err, errdefs.Unavailable, code, "The data folder %s is not a folder, or leads through a file. Move the file away, "+another, dir)
	case errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENAMETOOLONG), errors.Is(err, fs.ErrNotExist):
		return errdefs.Wrap(err, errdefs.Unavailable, code, "The data folder %s cannot be made. Check its path, "+another, dir)
	}
	return err
}
