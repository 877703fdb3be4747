package app

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

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
