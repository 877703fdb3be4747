// Package textnorm brings printed and typed text into one form for comparison.
//
// The printed form is what users see; the forms made here only decide whether
// two texts say the same. Nothing here changes a digit, a unit or a sign into
// another: what is folded is typography.
package textnorm

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in lower case with typography removed: compatibility forms
// (full width, ligatures), quote marks, dashes, soft hyphens, literal HTML
// entities, and runs of white space, which become one space. The masculine
// ordinal that printers use for a degree becomes a degree sign; a superscript
// digit keeps its meaning by being separated ("mm²" is not "mm2").
func Fold(s string) string {
	if isPlain(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	if strings.Contains(s, "&") {
		s = html.UnescapeString(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch r {
		case 'º', '˚', '∘':
			b.WriteRune('°')
		case '℃':
			b.WriteString("°C")
		case '℉':
			b.WriteString("°F")
		case '²':
			b.WriteString("^2")
		case '³':
			b.WriteString("^3")
		case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\ufffe', '\u0002':
			// Invisible: a soft hyphen, zero width spaces and joiners, marks.
		case '‘', '’', '‚', '‛', '′', '`', '´':
			b.WriteByte('\'')
		case '“', '”', '„', '‟', '″', '«', '»':
			b.WriteByte('"')
		case '‐', '‑', '‒', '–', '—', '―', '−', '﹣', '－':
			b.WriteByte('-')
		case '×', '✕':
			b.WriteByte('x')
		case '∼', '～', '〜':
			b.WriteByte('~')
		case '·', '•', '∙', '⋅':
			b.WriteRune('·')
		default:
			b.WriteRune(r)
		}
	}
	s = norm.NFKC.String(b.String())
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '&' || s[i] == '`' || s[i] < ' ' {
			return false
		}
	}
	return true
}

// Tokens splits s into the words that are searched: runs of letters and digits
// in folded form. A point or comma between two digits stays inside ("1.22",
// "4.000"); everything else separates.
func Tokens(s string) []string {
	s = Fold(s)
	var out []string
	start := -1
	prev := rune(0)
	for i, r := range s {
		in := isWordRune(r)
		if !in && (r == '.' || r == ',') && unicode.IsDigit(prev) && start >= 0 {
			next, _ := utf8.DecodeRuneInString(s[i+1:])
			in = unicode.IsDigit(next)
		}
		switch {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			out = append(out, s[start:i])
			start = -1
		}
		prev = r
	}
	if start >= 0 {
		out = append(out, s[start:])
	}
	return out
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// Key returns the letters and digits of s in folded form, joined: the same for
// "E-12", "e 12" and "E12", and for a part number with or without its dashes.
func Key(s string) string {
	var b strings.Builder
	for _, r := range Fold(s) {
		if isWordRune(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// HasDigit reports whether s has a decimal digit.
func HasDigit(s string) bool { return strings.ContainsFunc(s, unicode.IsDigit) }

// Clean makes foreign text safe to store and show: valid UTF-8 without control
// characters, white space collapsed.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
