package eval

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// reader reads pages with pdftotext, which shares no code with our engine.
type reader struct {
	program string
	files   map[string][][]pageText // by path: one text per page and reading order
}

// orders are the orders in which pdftotext can read a page. Columns and table
// cells have no one true order, so a quote may stand in any of them.
var orders = []string{"", "-raw", "-layout"}

func newReader() (*reader, error) {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		return nil, errdefs.Wrap(err, errdefs.Unavailable, "PDFTOTEXT_MISSING",
			"The evaluation checks quotes with pdftotext, which is not installed. Install poppler (Debian: apt-get install poppler-utils; macOS: brew install poppler; Fedora: dnf install poppler-utils).")
	}
	return &reader{program: program, files: map[string][][]pageText{}}, nil
}

// enumerator is the number or sign at the beginning of a list's item. Readers
// that take the numbers for a column of their own put it elsewhere.
var enumerator = regexp.MustCompile(`^\s*(?:\(?\d{1,2}[.)]|[•·▪■●◦–-])\s+`)

// stands reports whether the quote stands on the page as contiguous words.
func (r *reader) stands(ctx context.Context, path string, page int, quote string) (bool, error) {
	texts, ok := r.files[path]
	if !ok {
		for _, order := range orders {
			pages, err := r.read(ctx, path, order)
			if err != nil {
				return false, err
			}
			texts = append(texts, pages)
		}
		r.files[path] = texts
	}
	want := compact(enumerator.ReplaceAllString(quote, ""))
	for _, pages := range texts {
		if page >= 1 && page <= len(pages) && pages[page-1].contains(want.letters) {
			return true, nil
		}
	}
	return false, nil
}

func (r *reader) read(ctx context.Context, path, order string) ([]pageText, error) {
	args := []string{"-q", "-enc", "UTF-8"}
	if order != "" {
		args = append(args, order)
	}
	cmd := exec.CommandContext(ctx, r.program, append(args, path, "-")...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("pdftotext %s: %w: %s", path, err, bytes.TrimSpace(stderr.Bytes()))
	}
	var pages []pageText
	for p := range strings.SplitSeq(string(out), "\f") {
		pages = append(pages, compact(p))
	}
	return pages, nil
}

// pageText is a text without its white space. Two readers agree on the
// characters of a page, not on where a word ends.
type pageText struct {
	letters string
	edges   []bool // whether a word begins at this byte of letters; one more for the end
}

// compact folds typography and removes white space and the hyphens between two
// letters, which may or may not stand for a broken line. Hyphens beside a digit
// stay: they can be a sign or part of a number.
func compact(s string) pageText {
	runes := []rune(textnorm.Fold(strings.Map(printed, s)))
	var b strings.Builder
	var edges []bool
	edge := true
	for i, r := range runes {
		switch {
		case unicode.IsSpace(r):
			edge = true
			continue
		case r == '-' && i > 0 && unicode.IsLetter(runes[i-1]) && nextIsLetter(runes[i+1:]):
			edge = true
			continue
		}
		for range utf8.RuneLen(r) {
			edges = append(edges, edge)
			edge = false
		}
		b.WriteRune(r)
		// Signs end a word for one reader and not for the other.
		edge = !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}
	return pageText{letters: b.String(), edges: append(edges, true)}
}

// printed turns what one reader reports and the other does not into space: signs
// without a meaning in Unicode (bullets of symbol fonts), control characters, and
// the modifier letters that some producers leave behind each word.
func printed(r rune) rune {
	switch {
	case unicode.Is(unicode.Co, r), unicode.IsControl(r), unicode.Is(unicode.Lm, r), r == unicode.ReplacementChar:
		return ' '
	case strings.ContainsRune("•▪■●◦", r):
		return ' '
	}
	return r
}

func nextIsLetter(rest []rune) bool {
	for _, r := range rest {
		if !unicode.IsSpace(r) {
			return unicode.IsLetter(r)
		}
	}
	return false
}

// contains reports whether the page has the letters in one piece that begins and
// ends where words do: "5 V" does not stand in "15 V".
func (p pageText) contains(letters string) bool {
	if letters == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(p.letters[from:], letters)
		if i < 0 {
			return false
		}
		i += from
		if p.boundary(i) && p.boundary(i+len(letters)) {
			return true
		}
		from = i + 1
	}
}

// boundary reports whether a word can begin at byte i: at white space, beside a
// sign, and between a letter and a digit.
func (p pageText) boundary(i int) bool {
	if p.edges[i] {
		return true
	}
	before, _ := utf8.DecodeLastRuneInString(p.letters[:i])
	after, _ := utf8.DecodeRuneInString(p.letters[i:])
	return !isWord(before) || !isWord(after) || unicode.IsDigit(before) != unicode.IsDigit(after)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
