package watch

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// File is a file that was found in a folder.
type File struct {
	Path     string // to open it
	Rel      string // below the folder that was searched
	Size     int64
	Modified time.Time
	// NoEnding says that it is no PDF by its name, but by how it begins. Such files
	// are told and not imported, since nobody named them as manuals.
	NoEnding bool
}

// Walk calls visit with the PDF files in a folder and those below it, in the
// order of their names, until visit returns an error. The case of the ending does
// not matter. Links are followed, each folder once however many lead to it. Passed
// over are hidden files and folders, those of recycle bins and of indexes, and what
// is still being downloaded or is a program's own temporary copy.
//
// A folder below that cannot be read is told to problem, and the others are
// searched; that the folder itself cannot be read is the error.
func Walk(ctx context.Context, root string, visit func(File) error, problem func(path string, err error)) error {
	target, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	w := walk{ctx: ctx, visit: visit, problem: problem, seen: map[string]bool{}}
	return w.folder(root, "", target)
}

type walk struct {
	ctx     context.Context
	visit   func(File) error
	problem func(string, error)
	seen    map[string]bool // folders by their real path
}

func (w *walk) folder(path, rel, target string) error {
	if w.seen[target] {
		return nil
	}
	w.seen[target] = true
	entries, err := os.ReadDir(path)
	if err != nil {
		if rel == "" {
			return err
		}
		w.problem(path, err)
	}
	names := make(map[string]bool, len(entries))
	for _, e := range entries {
		names[strings.ToLower(e.Name())] = true
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if passedOver(e.Name(), names) {
			continue
		}
		if err := w.entry(e, filepath.Join(path, e.Name()), filepath.Join(rel, e.Name()), filepath.Join(target, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) entry(e fs.DirEntry, path, rel, target string) error {
	info, err := e.Info()
	if err == nil && e.Type()&fs.ModeSymlink != 0 {
		if info, err = os.Stat(path); err == nil && info.IsDir() {
			target, err = filepath.EvalSymlinks(path)
		}
	}
	f := File{Path: path, Rel: rel}
	switch {
	case errors.Is(err, fs.ErrNotExist) && e.Type()&fs.ModeSymlink == 0:
		return nil // gone meanwhile
	case err != nil: // a link that leads nowhere, say: opening it says so
	case info.IsDir():
		return w.folder(path, rel, target)
	default:
		f.Size, f.Modified = info.Size(), info.ModTime()
	}
	switch ending := filepath.Ext(e.Name()); {
	case strings.EqualFold(ending, ".pdf"):
	case ending == "" && err == nil && info.Mode().IsRegular() && beginsAsPDF(path):
		f.NoEnding = true
	default:
		return nil
	}
	return w.visit(f)
}

// unfinished are the endings of the files beside a file that is being downloaded.
var unfinished = []string{".part", ".partial", ".crdownload", ".download", ".filepart", ".opdownload"}

// passedOver reports whether a file or folder of a folder with these names (in
// lower case) is nobody's manual.
func passedOver(name string, names map[string]bool) bool {
	lower := strings.ToLower(name)
	switch lower {
	case "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", "__macosx":
		return true
	}
	// ".x" is hidden, "~$x" belongs to an office program, "x~" is a backup.
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || strings.HasSuffix(name, "~") {
		return true
	}
	for _, ending := range unfinished {
		if strings.HasSuffix(lower, ending) || names[lower+ending] {
			return true
		}
	}
	return false
}

func beginsAsPDF(path string) bool {
	f, err := Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, 5)
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == "%PDF-"
}

// Open opens a regular file, and nothing that would keep its reader waiting: a
// pipe, a socket or a device.
//
// Errors: FILE_UNREADABLE, NOT_A_FILE.
func Open(path string) (*os.File, error) { return open(path, os.Stat, os.OpenFile) }

// openWithin does so with a file that is in the folder once all links are
// followed. Whoever may write to a watched folder could otherwise have files
// imported that only this program may read.
//
// Errors: those of Open, and LINK_LEAVES_FOLDER.
func openWithin(folder, path string) (*os.File, error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		if _, stat := os.Stat(path); stat != nil {
			err = stat // which tells a circle from the rest
		}
		return nil, unreadable(err)
	}
	if folder, err = filepath.EvalSymlinks(folder); err != nil {
		return nil, unreadable(err)
	}
	rel, err := filepath.Rel(folder, target)
	if err != nil || !filepath.IsLocal(rel) {
		return nil, errdefs.New(errdefs.Forbidden, "LINK_LEAVES_FOLDER",
			"A symbolic link leads out of the watched folder. Put the file itself there, or watch the folder that it is in.")
	}
	// The links may be others by now: the system keeps to the folder.
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, unreadable(err)
	}
	defer root.Close()
	return open(rel, root.Stat, root.OpenFile)
}

func open(path string, stat func(string) (fs.FileInfo, error), openFile func(string, int, fs.FileMode) (*os.File, error)) (*os.File, error) {
	info, err := stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, notRegular()
	}
	var f *os.File
	if err == nil {
		// What lies there may have been replaced: opening must not wait either.
		f, err = openFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, notRegular()
	}
	return f, nil
}

func unreadable(err error) error {
	if errors.Is(err, syscall.ELOOP) {
		return errdefs.Wrap(err, errdefs.Invalid, "FILE_UNREADABLE", "This is a symbolic link that leads in a circle. Name the file itself.")
	}
	return errdefs.Wrap(err, errdefs.Invalid, "FILE_UNREADABLE", "The file cannot be opened. Check its path, owner and mode.")
}

func notRegular() error {
	return errdefs.New(errdefs.Invalid, "NOT_A_FILE", "This is a folder, a pipe or a device, not a file. Name a PDF file.")
}

// Folders returns the names of the folders that the file is in, outermost first:
// hints for what it is about.
func Folders(path string) []string {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil
	}
	return strings.FieldsFunc(filepath.Dir(path), func(r rune) bool { return r == filepath.Separator })
}
