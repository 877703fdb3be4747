package pdf

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// The worker reads one request as a line of JSON from its standard input, which
// then stays open: its end tells the worker that its parent is gone. The PDF is
// file descriptor 3. It answers with lines of JSON on standard output, one
// message each, the last of which has Done or Failure set; the bytes of images
// and files follow the message that counts them as they are.
//
// A worker that is to stay reads a further request about its document, as a line, when
// it has done what it was asked: from file descriptor 4, or from the socket that its
// first one came over. Standard input cannot bring them, since whatever happens to it
// ends the worker.

const (
	fileDescriptor  = 3
	orderDescriptor = 4
)

// maxMessage bounds what the parent reads at once: the largest is a rendered
// page, and the parent must not run out of memory for a hostile document.
const maxMessage = 128 << 20

const (
	opProbe   = "probe"
	opDecrypt = "decrypt"
	opScreen  = "screen"
	opExtract = "extract"
	opRender  = "render"
	// opWait is to be ready for another request, which comes with its document over
	// a socket that is descriptor 3: see standby.
	opWait = "wait"
)

type request struct {
	Op         string `json:"op"`
	CacheDir   string `json:"cache_dir"`
	Limits     Limits `json:"limits"`
	Background bool   `json:"background,omitempty"` // give way to other processes
	Password   string `json:"password,omitempty"`   // probe, decrypt
	// extract: what was asked for, as long as the number of pages is not known, and
	// then which pages in which order.
	Pages  []Range        `json:"pages"`
	Order  []Range        `json:"order,omitempty"`
	Blind  int            `json:"blind,omitempty"` // extract: a page whose picture is not looked at
	Render *RenderOptions `json:"render,omitempty"`
	Stay   bool           `json:"stay,omitempty"` // probe, render: wait for a further request
}

// line is the request as the worker reads it.
func (r request) line() ([]byte, error) {
	line, err := json.Marshal(r) //nolint:gosec // G117: the password goes to the worker only
	return append(line, '\n'), err
}

type message struct {
	Ready    bool      `json:"ready,omitempty"` // the PDF engine runs: the document's time begins
	Document *Document `json:"document,omitempty"`
	Start    int       `json:"start,omitempty"` // the page that is worked on from now
	Look     bool      `json:"look,omitempty"`  // that page has all its text, and its picture is looked at now
	Page     *Page     `json:"page,omitempty"`
	Finding  *Finding  `json:"finding,omitempty"`
	Bytes    int       `json:"bytes,omitempty"` // that many bytes follow the line
	Failure  *failure  `json:"failure,omitempty"`
	Done     bool      `json:"done,omitempty"`
	More     bool      `json:"more,omitempty"` // beside Done: the worker waits for a further request

	data []byte // what followed
}

// failure is why a worker gave up in an orderly way.
type failure struct {
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
	Number int    `json:"number,omitempty"`
}

// The codes of failures; those that are not errors for users are the first two.
const (
	failTrap      = "TRAP"   // the PDF engine crashed on the current page
	failEngine    = "ENGINE" // the PDF engine could not be started
	failDamaged   = "PDF_DAMAGED"
	failEncrypted = "PDF_ENCRYPTED"
	failUnlock    = "PDF_PASSWORD_WRONG"
	failNoPages   = "PDF_NO_PAGES"
	failTooLarge  = "PDF_TOO_LARGE"
	failNoPage    = "PAGE_NOT_FOUND"
	failClip      = "IMAGE_CLIP_INVALID"
)

func (f *failure) Error() string {
	if f.Detail == "" {
		return f.Code
	}
	return f.Code + ": " + f.Detail
}

// userError translates the failures that concern the whole document.
func (f *failure) userError(l Limits) error {
	switch f.Code {
	case failEncrypted:
		return errdefs.Wrap(f, errdefs.Unsupported, f.Code, "The PDF is locked with a password. Give the password with the file; it is used once and not stored.")
	case failUnlock:
		return errdefs.Wrap(f, errdefs.Invalid, f.Code, "The password does not open the PDF. Check it and try again; capital and small letters differ.")
	case failNoPages:
		return errdefs.Wrap(f, errdefs.Invalid, f.Code, "The PDF has no pages. Download it again.")
	case failTooLarge:
		return errdefs.Wrap(f, errdefs.TooLarge, f.Code, "The PDF has %d pages, more than the %d that are read. Split it into parts.", f.Number, l.Pages)
	case failNoPage:
		return pageNotFound(f.Number)
	case failClip:
		return clipInvalid()
	case failEngine:
		return errdefs.Wrap(f, errdefs.Unavailable, "PDF_ENGINE_UNAVAILABLE", "The PDF engine could not be started. Check that the disk has room and that the machine has memory to spare, then try again.")
	}
	return damaged(f)
}

// brokenWorker says that a worker ended without an answer.
type brokenWorker struct {
	page    int  // that it worked on, 0 while it opened the document
	timeout bool // it was killed for taking too long
	total   bool // and the time of the whole document is used up
	detail  string
}

func (b *brokenWorker) Error() string {
	reason, _, _ := strings.Cut(b.detail, "\n") // what follows is a stack
	return fmt.Sprintf("pdf worker broke on page %d (timeout %t): %s", b.page, b.timeout, reason)
}

// pageError is what is shown for the page that broke the worker.
func (b *brokenWorker) pageError() string {
	if b.timeout {
		return "The page took too long to read and was skipped."
	}
	return "The page is damaged and was skipped."
}

// documentError is what is returned when the document cannot be read on.
func (b *brokenWorker) documentError() error {
	if b.timeout {
		return errdefs.Wrap(b, errdefs.Timeout, "PDF_TIMEOUT", "Reading the PDF took too long and was stopped. Open it in a viewer and print it to a new PDF, or split it.")
	}
	return damaged(b)
}
