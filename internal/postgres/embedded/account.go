//go:build unix

package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// account is the system user that runs the server in place of root.
type account struct {
	uid, gid uint32
	name     string
}

// chooseAccount returns the user to run the server as, nil when this process's
// own user will do.
func chooseAccount(options Options) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	a, err := dataOwner(filepath.Join(options.Dir, "data"))
	if err == nil && a == nil {
		a, err = lookupAccount(options.User)
	}
	if err != nil {
		return nil, err
	}
	return a, a.checkReach(options.Dir)
}

// dataOwner returns the owner of a data folder that exists, nil otherwise.
func dataOwner(data string) (*account, error) {
	info, err := os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	stat := info.Sys().(*syscall.Stat_t)
	if stat.Uid == 0 {
		return nil, errdefs.New(errdefs.Unavailable, "DATA_FOLDER_DENIED",
			"The data folder %s belongs to root, but PostgreSQL does not run as root. Give it to the user who shall run it: chown -R postgres %[1]s", data)
	}
	return &account{uid: stat.Uid, gid: stat.Gid, name: strconv.Itoa(int(stat.Uid))}, nil
}

func lookupAccount(name string) (*account, error) {
	names := []string{"postgres", "nobody"}
	if name != "" {
		names = []string{name}
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &account{uid: uint32(uid), gid: uint32(gid), name: name}, nil
	}
	return nil, errdefs.New(errdefs.Unavailable, "DATABASE_USER_MISSING",
		"PostgreSQL does not run as root and there is no user %q to run it. Create one (useradd --system postgres), or start this program as an ordinary user.", names[0])
}

// checkReach refuses a folder that the account cannot get to: the server would
// fail in words that do not name the cause.
func (a *account) checkReach(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		mode := info.Mode()
		pass := mode&0o001 != 0
		switch {
		case stat.Uid == a.uid:
			pass = mode&0o100 != 0
		case stat.Gid == a.gid:
			pass = mode&0o010 != 0
		}
		if !pass {
			return errdefs.New(errdefs.Unavailable, "DATA_FOLDER_DENIED",
				"As root, the database runs as user %s, who may not pass through the folder %s (mode %s). Choose a data folder that everyone may pass through, such as --data /var/lib/techcopilot (DATA_DIR=/var/lib/techcopilot), or start the program as an ordinary user.", a.name, dir, mode)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return nil
		}
		dir = parent
	}
}

// own gives a folder of the server to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, int(a.uid), int(a.gid))
}

// owner returns the user that the server's files belong to.
func (a *account) owner() uint32 {
	if a == nil {
		return uint32(os.Geteuid())
	}
	return a.uid
}

// process describes a child of the server's user: without the terminal, so that
// Ctrl-C stops this program only, which then stops the server in order.
func (a *account) process() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setsid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return attr
}

// privateFolder makes a folder that only the server's user can enter, and
// refuses one that somebody else has put there.
func (a *account) privateFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	} else if err == nil {
		return a.own(path)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Sys().(*syscall.Stat_t).Uid != a.owner() {
		return fmt.Errorf("%s exists and is not a folder of the database's user: %w", path, fs.ErrPermission)
	}
	return os.Chmod(path, 0o700)
}
