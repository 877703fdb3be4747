//go:build unix

package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// binaries is a folder with the server programs of one major version.
type binaries struct {
	dir   string
	major int
}

// packageFolders are where packages put the server programs, which few of them
// add to PATH.
var packageFolders = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/usr/lib/postgresql*/bin",                           // openSUSE
	"/usr/pgsql-*/bin",                                   // PostgreSQL's own packages for Fedora and RHEL
	"/usr/bin",                                           // Fedora, Arch
	"/usr/libexec/postgresql*",                           // Alpine
	"/usr/local/pgsql/bin",                               // built from source
	"/usr/local/bin",                                     // container images, FreeBSD
	"/opt/homebrew/opt/postgresql*/bin",                  // Homebrew on Apple silicon
	"/usr/local/opt/postgresql*/bin",                     // Homebrew on Intel
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",     // Homebrew on Linux
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	"/opt/local/lib/postgresql*/bin",                     // MacPorts
	"/Library/PostgreSQL/*/bin",                          // EDB's installer on macOS
	"/run/current-system/sw/bin",                         // NixOS
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// chooseBinaries returns the binaries for a data folder of the given major
// version, or for a new one when major is 0: then the newest.
func chooseBinaries(ctx context.Context, binDir, data string, major int) (binaries, error) {
	found, err := findBinaries(ctx, binDir)
	if err != nil {
		return binaries{}, err
	}
	var usable []binaries
	for _, b := range found {
		if b.major >= postgres.MinMajor {
			usable = append(usable, b)
		}
	}
	if len(usable) == 0 {
		return binaries{}, notFound(binDir, found)
	}
	if major == 0 {
		// The first of the newest: an explicit folder or PATH comes first.
		return slices.MaxFunc(usable, func(a, b binaries) int { return a.major - b.major }), nil
	}
	for _, b := range usable {
		if b.major == major {
			return b, nil
		}
	}
	return binaries{}, versionMismatch(data, major, usable)
}

// findBinaries returns what is installed, in the order of preference.
func findBinaries(ctx context.Context, binDir string) ([]binaries, error) {
	var dirs []string
	if binDir != "" {
		dirs = []string{binDir}
	} else {
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			// A link such as /usr/local/bin/postgres leads to the folder
			// that holds all the programs.
			if target, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil {
				dirs = append(dirs, filepath.Dir(target))
			}
		}
		for _, pattern := range packageFolders {
			matches, err := filepath.Glob(pattern)
			if err != nil {
				return nil, fmt.Errorf("pattern %s: %w", pattern, err)
			}
			dirs = append(dirs, matches...)
		}
	}
	var found []binaries
	seen := map[string]bool{}
	for _, dir := range dirs {
		if resolved, err := filepath.EvalSymlinks(dir); err == nil {
			dir = resolved
		}
		if seen[dir] {
			continue
		}
		seen[dir] = true
		major, err := installedMajor(ctx, dir)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // not a folder of server programs
		}
		found = append(found, binaries{dir: dir, major: major})
	}
	return found, nil
}

func installedMajor(ctx context.Context, dir string) (int, error) {
	if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0, err
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return 0, errors.New("not a PostgreSQL server")
	}
	return strconv.Atoi(string(match[1]))
}

func notFound(binDir string, found []binaries) error {
	var where string
	switch {
	case len(found) > 0:
		where = fmt.Sprintf("PostgreSQL %d or newer is needed, only %s was found", postgres.MinMajor, listBinaries(found))
	case binDir != "":
		where = fmt.Sprintf("No PostgreSQL server programs (initdb, postgres) were found in %s", binDir)
	default:
		where = "No PostgreSQL server programs were found on this machine"
	}
	return errdefs.New(errdefs.Unavailable, "POSTGRES_NOT_FOUND",
		"%s. Install them (Debian, Ubuntu: sudo apt-get install postgresql; macOS: brew install postgresql@17; Fedora: sudo dnf install postgresql-server) and start again, or set DATABASE_URL to use a server elsewhere.", where)
}

func versionMismatch(data string, major int, found []binaries) error {
	return errdefs.New(errdefs.Unavailable, "POSTGRES_VERSION_MISMATCH",
		"The data folder %s was made by PostgreSQL %d, but found on this machine: %s. Install PostgreSQL %d (Debian, Ubuntu: sudo apt-get install postgresql-%[2]d; macOS: brew install postgresql@%[2]d), or move the data to the newer version with pg_upgrade. The folder was not touched.", data, major, listBinaries(found), major)
}

func listBinaries(found []binaries) string {
	var names []string
	for _, b := range found {
		names = append(names, fmt.Sprintf("PostgreSQL %d in %s", b.major, b.dir))
	}
	return strings.Join(names, ", ")
}
