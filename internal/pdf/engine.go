package pdf

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// WorkerCommand is the argument by which a program that holds an Engine is
// asked to run as its worker: it must then call WorkerMain and nothing else.
const WorkerCommand = "pdf-worker"

// Config says how an Engine starts its workers. The zero value is usable.
type Config struct {
	// Command is the argv of the worker. Default: this executable and
	// WorkerCommand.
	Command []string
	// CacheDir holds the compiled PDF engine (about 20 MB), so that a worker
	// starts in a tenth of a second instead of five. It is created for the owner
	// only, since what lies in it is executed. Default: a folder below the
	// user's cache folder.
	CacheDir string
	// Limits bound what one document may cost. Zero fields mean the default.
	Limits Limits
	// Slots bound the workers of background work (Extract, Screen, and Render with
	// Background): each takes one and waits for it. Give the same to whatever else
	// works in the background, such as OCR, so that all of it together leaves the
	// machine its memory. Default: as many as there are CPUs.
	Slots *semaphore.Weighted
	// Interactive is how many workers run at once for what a person waits for
	// (Probe, Decrypt, Render), beside the slots; further calls wait. Default: the
	// number of CPUs.
	Interactive int
	// Standby is how many workers are started ahead and wait for their document,
	// each with some 60 MB of memory: a short document is read, or a page drawn, in
	// half the time. An Engine that has any is to be closed. Default: none.
	Standby int
	// Log receives what workers say when they fail. Default: nothing is logged.
	Log *slog.Logger
}

// Limits bound what one document may cost. A zero field means the default.
type Limits struct {
	// FileSize is the largest file in bytes. Default 1 GiB: the largest service
	// manuals (colour scans of 2,000 pages) are about half of that.
	FileSize int64 `json:"file_size"`
	// Pages is the largest number of pages. Default 10,000.
	Pages int `json:"pages"`
	// The times are for a machine that does nothing else: what counts is the CPU time
	// of the worker, or a tenth of the clock's.

	// StartTime is how long a worker may take until the document is open, which
	// includes compiling the PDF engine when it is not in the cache. Default 90 s.
	StartTime time.Duration `json:"start_time"`
	// PageTime is how long one page may take. A usual page takes 10 ms, the
	// worst drawings seen 3 s. Default 20 s.
	PageTime time.Duration `json:"page_time"`
	// DocumentTime is how long all pages together may take, summed over the workers
	// that read them, not counting the time that the visitor takes. Default 20 min.
	DocumentTime time.Duration `json:"document_time"`
	// FileTime is how long one pass over the whole file may take: to screen it or
	// to take its password off. 100 MB take 2 s. Default 2 min.
	FileTime time.Duration `json:"file_time"`
	// CPU is the CPU time of one worker process, after which the kernel kills it:
	// it ends what this process could not. The page that it worked on is lost and
	// the next one read by a new worker. Default 15 min.
	CPU time.Duration `json:"cpu"`
	// Memory is what the PDF engine may use, in bytes; the worker as a whole may
	// use 1 GiB of address space more. Default 1 GiB, at most 4 GiB.
	Memory int64 `json:"memory"`
	// Pixels bounds a rendered page. Default 40 million: A4 at 450 dpi is 20.
	Pixels int `json:"pixels"`
	// Words is how many words of a page are kept. Default 20,000: the densest
	// real pages (parts lists) have 3,000.
	Words int `json:"words"`
	// Objects is how many drawing objects of a page are looked at for rulings
	// and images. Default 100,000.
	Objects int `json:"objects"`
	// OutlineEntries is how many bookmarks are kept. Default 10,000.
	OutlineEntries int `json:"outline_entries"`
	// Restarts is how many times a page may break its worker before the rest of
	// the document is given up, over all workers of the document. Default 20.
	Restarts int `json:"restarts"`
}

func (l Limits) withDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	span := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.FileSize <= 0 {
		l.FileSize = 1 << 30
	}
	if l.Memory <= 0 {
		l.Memory = 1 << 30
	}
	l.Memory = min(max(l.Memory, 64<<20), 4<<30)
	l.FileSize = min(l.FileSize, 4<<30-1) // the PDF engine addresses 32 bits
	def(&l.Pages, 10_000)
	def(&l.Pixels, 40_000_000)
	def(&l.Words, 20_000)
	def(&l.Objects, 100_000)
	def(&l.OutlineEntries, 10_000)
	def(&l.Restarts, 20)
	span(&l.StartTime, 90*time.Second)
	span(&l.PageTime, 20*time.Second)
	span(&l.DocumentTime, 20*time.Minute)
	span(&l.FileTime, 2*time.Minute)
	span(&l.CPU, 15*time.Minute)
	return l
}

// Engine reads PDF files in child processes. It is safe for concurrent use.
type Engine struct {
	command     []string
	cacheDir    string
	limits      Limits
	log         *slog.Logger
	slots       *semaphore.Weighted // of background work
	interactive *semaphore.Weighted
	standby     *standby
	sessions    sessions
}

// NewEngine prepares the cache folder. It starts the workers that are to stand by
// and waits for none.
func NewEngine(c Config) (*Engine, error) {
	e := &Engine{command: c.Command, cacheDir: c.CacheDir, limits: c.Limits.withDefaults(), log: c.Log}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if len(e.command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, errdefs.Wrap(err, errdefs.Unavailable, "PDF_ENGINE_UNAVAILABLE", "This program cannot find its own file, which it starts to read PDFs. Start it by its full path.")
		}
		e.command = []string{self, WorkerCommand}
	}
	if e.cacheDir == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return nil, errdefs.Wrap(err, errdefs.Unavailable, "PDF_ENGINE_UNAVAILABLE", "There is no cache folder for the PDF engine. Set the data folder or HOME.")
		}
		e.cacheDir = filepath.Join(dir, "techcopilot", "pdf-engine")
	}
	if err := ownerOnly(e.cacheDir); err != nil {
		return nil, errdefs.Wrap(err, errdefs.Unavailable, "PDF_ENGINE_UNAVAILABLE", "The PDF engine's cache folder %s cannot be used. It must be a folder that belongs to the user who runs this program.", e.cacheDir)
	}
	if e.slots = c.Slots; e.slots == nil {
		e.slots = semaphore.NewWeighted(int64(runtime.GOMAXPROCS(0)))
	}
	if c.Interactive <= 0 {
		c.Interactive = runtime.GOMAXPROCS(0)
	}
	e.interactive = semaphore.NewWeighted(int64(c.Interactive))
	e.sessions.most = runtime.GOMAXPROCS(0)
	e.standby = &standby{engine: e, size: c.Standby}
	e.standby.refill()
	return e, nil
}

// Close ends the workers that stand by, and those that wait for another page to
// draw in the background. Without it they end with this process.
func (e *Engine) Close() {
	e.standby.close()
	e.sessions.close()
}

// ownerOnly makes dir a folder that only its owner can enter.
func ownerOnly(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return &fs.PathError{Op: "open", Path: dir, Err: errors.New("not a folder")}
	}
	if info.Mode().Perm() != 0o700 {
		return os.Chmod(dir, 0o700) // fails when the folder is another user's
	}
	return nil
}

// acquire takes one of the slots and returns how it is given back.
func acquire(ctx context.Context, slots *semaphore.Weighted) (release func(), err error) {
	if err := slots.Acquire(ctx, 1); err != nil {
		return nil, context.Cause(ctx)
	}
	return func() { slots.Release(1) }, nil
}

// open checks what can be told without parsing: that there is a file, its size,
// and that it calls itself a PDF.
func (e *Engine) open(path string) (*os.File, error) {
	// A pipe that lies there is found out by check; opening it must not wait.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errdefs.Wrap(err, errdefs.NotFound, "FILE_NOT_FOUND", "There is no file %s.", filepath.Base(path))
	}
	if err != nil {
		return nil, err
	}
	if err := e.check(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func (e *Engine) check(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errdefs.New(errdefs.Invalid, "NOT_A_PDF", "This is not a file. Choose a PDF file.")
	}
	if info.Size() > e.limits.FileSize {
		return tooLarge(info.Size(), e.limits.FileSize)
	}
	// Readers accept a header within the first KiB: mail gateways prepend lines.
	head := make([]byte, 1024)
	n, err := io.ReadFull(io.NewSectionReader(file, 0, int64(len(head))), head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if !bytes.Contains(head[:n], []byte("%PDF-")) {
		return errdefs.New(errdefs.Unsupported, "NOT_A_PDF", "This file is not a PDF. Save or export the manual as PDF, then add that file.")
	}
	return nil
}

func tooLarge(size, limit int64) error {
	return errdefs.New(errdefs.TooLarge, "PDF_TOO_LARGE", "The file has %d MB, more than the %d MB that are read. Split it or reduce its images.", size>>20, limit>>20)
}

func damaged(cause error) error {
	return errdefs.Wrap(cause, errdefs.Invalid, "PDF_DAMAGED", "The PDF is damaged and cannot be read. Download it again, or open it in a viewer and print it to a new PDF.")
}

func pageNotFound(n int) error {
	return errdefs.New(errdefs.NotFound, "PAGE_NOT_FOUND", "The manual has no page %d.", n)
}
