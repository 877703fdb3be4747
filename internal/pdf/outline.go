package pdf

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxOutlineDepth is how deep bookmarks are followed: real ones end at 8.
const maxOutlineDepth = 32

// noRevision is what FPDF_GetSecurityHandlerRevision answers for a plain file.
const noRevision = -1

// info reads what is known of the whole file.
func (d *document) info(maxOutline int) Document {
	return Document{
		Pages:     d.pages,
		Title:     d.meta("Title"),
		Producer:  d.meta("Producer"),
		Encrypted: d.callInt("FPDF_GetSecurityHandlerRevision", d.handle) != noRevision,
		Outline:   d.outline(maxOutline),
	}
}

func (d *document) meta(key string) string {
	name := d.call("malloc", uint64(len(key)+1))
	defer d.call("free", name)
	if !d.mem.Write(uint32(name), append([]byte(key), 0)) {
		return ""
	}
	return strings.TrimSpace(d.utf16("FPDF_GetMetaText", d.handle, name))
}

// label returns the label that the file gives to page index i.
func (d *document) label(i int) string {
	return strings.TrimSpace(d.utf16("FPDF_GetPageLabel", d.handle, uint64(i)))
}

// outline walks the bookmarks in reading order. Bookmarks of a damaged file can
// be their own ancestors or siblings, so each is visited once.
func (d *document) outline(limit int) []OutlineEntry {
	type item struct {
		handle uint64
		level  int
	}
	var out []OutlineEntry
	seen := map[uint64]bool{}
	stack := []item{{d.call("FPDFBookmark_GetFirstChild", d.handle, 0), 1}}
	for len(stack) > 0 && len(seen) < limit {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if it.handle == 0 || seen[it.handle] {
			continue
		}
		seen[it.handle] = true
		title := strings.Join(strings.Fields(d.utf16("FPDFBookmark_GetTitle", it.handle)), " ")
		if title != "" {
			out = append(out, OutlineEntry{Title: title, Level: it.level, Page: d.target(it.handle)})
		}
		stack = append(stack, item{d.call("FPDFBookmark_GetNextSibling", d.handle, it.handle), it.level})
		if it.level < maxOutlineDepth {
			stack = append(stack, item{d.call("FPDFBookmark_GetFirstChild", d.handle, it.handle), it.level + 1})
		}
	}
	return out
}

// target returns the page number that a bookmark leads to, 0 if to none.
func (d *document) target(bookmark uint64) int {
	dest := d.call("FPDFBookmark_GetDest", d.handle, bookmark)
	if dest == 0 {
		action := d.call("FPDFBookmark_GetAction", bookmark)
		if action == 0 {
			return 0
		}
		if dest = d.call("FPDFAction_GetDest", d.handle, action); dest == 0 {
			return 0
		}
	}
	i := d.callInt("FPDFDest_GetDestPageIndex", d.handle, dest)
	if i < 0 || i >= d.pages {
		return 0
	}
	return i + 1
}

// clean returns s as valid UTF-8 without control and other invisible characters.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case !printable(r):
			return -1
		}
		return r
	}, s)
}

// printable reports whether a character belongs in text: no control character,
// no byte-order mark, no half of a surrogate pair and no non-character.
func printable(r rune) bool {
	switch {
	case r < ' ', r >= 0x7f && r < 0xa0, r > utf8.MaxRune:
		return false
	case r >= 0xd800 && r < 0xe000, r == 0xfeff, r == utf8.RuneError, r&0xfffe == 0xfffe:
		return false
	case r >= 0xfdd0 && r < 0xfdf0:
		return false
	}
	return !unicode.Is(unicode.Cf, r)
}

// finite reports whether all values are numbers of a sensible size.
func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.Abs(v) > 1e6 {
			return false
		}
	}
	return true
}
