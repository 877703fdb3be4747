// Package textnorm brings printed and typed text into one form for comparison.
//
// The printed form is what users see; the forms made here only decide whether
// two texts say the same. Nothing here changes a digit, a unit or a sign into
// another: what is folded is typography. Languages are told apart here, too, since
// that is done by folded words.
package textnorm

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns s in lower case with typography removed: compatibility forms
// (full width, ligatures), quote marks, dashes, soft hyphens, trade marks,
// literal HTML entities, and runs of white space, which become one space. The
// masculine ordinal that printers use for a degree becomes a degree sign. What
// only its place or size sets apart from the digits before it stays apart:
// "mm²" is not "mm2", "2½" is "2 1/2" and the callout in "①Press" is a word of
// its own. Folding twice is the same as folding once.
func Fold(s string) string {
	if isPlain(s) {
		return strings.Join(strings.Fields(strings.ToLower(s)), " ")
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	raised := false // the rune before was a superscript
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '&' {
			if decoded, n := entity(s[i:]); n > 0 {
				for _, r := range decoded {
					raised = foldRune(&b, r, raised)
				}
				i += n
				continue
			}
		}
		raised = foldRune(&b, r, raised)
		i += size
	}
	// The compatibility forms give a few more of the signs, and lower case may
	// compose with a mark where upper case does not.
	var c strings.Builder
	for _, r := range norm.NFKC.String(b.String()) {
		foldRune(&c, r, false)
	}
	return strings.Join(strings.Fields(norm.NFKC.String(strings.ToLower(c.String()))), " ")
}

// superscripts are the raised digits and signs, each beside its plain form.
var superscripts = map[rune]rune{
	'⁰': '0', '¹': '1', '²': '2', '³': '3', '⁴': '4', '⁵': '5', '⁶': '6', '⁷': '7', '⁸': '8', '⁹': '9', '⁺': '+', '⁻': '-',
}

// unitPowers are the squared and cubed units that are one character.
var unitPowers = map[rune]string{
	'㎟': "mm^2", '㎠': "cm^2", '㎡': "m^2", '㎢': "km^2", '㎣': "mm^3", '㎤': "cm^3", '㎥': "m^3", '㎦': "km^3", '㎨': "m/s^2",
}

// foldRune writes the folded form of r, still in its case, and reports whether r
// is a superscript; raised says that the rune before was one.
func foldRune(b *strings.Builder, r rune, raised bool) bool {
	if r < utf8.RuneSelf && r != '&' && r != '`' && r != '\u0002' {
		b.WriteByte(byte(r))
		return false
	}
	switch r {
	case 'º', '˚', '∘':
		b.WriteRune('°')
	case '℃':
		b.WriteString("°C")
	case '℉':
		b.WriteString("°F")
	case '‘', '’', '‚', '‛', '′', '`', '´', 'ʼ':
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
	case '⁄':
		b.WriteByte('/')
	case '&', '＆', '﹠':
		// Alone, so that it never begins an entity when folded again.
		b.WriteString(" & ")
	case '™', '℠', '®', '\ufffe', '\u0002':
		// Says nothing: a trade mark, a mark for a hyphen at the end of a line.
	default:
		if plain, ok := superscripts[r]; ok {
			if !raised {
				b.WriteByte('^')
			}
			b.WriteRune(plain)
			return true
		}
		switch power, ok := unitPowers[r]; {
		case ok:
			b.WriteString(power)
		case isFraction(r):
			b.WriteByte(' ')
			b.WriteRune(r)
		case isEnclosed(r):
			b.WriteByte(' ')
			b.WriteRune(r)
			b.WriteByte(' ')
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			// Invisible: a soft hyphen, a zero width space or joiner, a direction.
		default:
			b.WriteRune(r)
		}
	}
	return false
}

// isFraction reports whether r is a fraction in one character.
func isFraction(r rune) bool {
	return r >= '¼' && r <= '¾' || r >= '⅐' && r <= '⅟' || r == '↉'
}

// isEnclosed reports whether r is a digit or letter in a circle or brackets.
func isEnclosed(r rune) bool {
	return r >= '①' && r <= '⓿' || r >= '㉑' && r <= '㉟' || r >= '㊱' && r <= '㊿'
}

// maxEntity is the length of the longest name of an HTML entity, with room.
const maxEntity = 40

// entity decodes the HTML entity that s begins with, up to its semicolon, and
// returns its length; 0 when s begins with none. Entities without a semicolon
// are not decoded: in "pump&regulator" there is none. Neither are letters and
// digits: nobody writes them so, and a figure would become another.
func entity(s string) (decoded string, n int) {
	end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 2 {
		return "", 0
	}
	for i := 1; i < end; i++ {
		if c := s[i]; (c != '#' || i > 1) && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return "", 0
		}
	}
	decoded = html.UnescapeString(s[:end+1])
	if strings.HasPrefix(decoded, "&") && decoded != "&" || strings.HasSuffix(decoded, ";") {
		return "", 0 // no entity, or a shorter one that needs no semicolon
	}
	if c := decoded[0]; c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' {
		return "", 0
	}
	return decoded, end + 1
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '&' || s[i] == '`' || s[i] < ' ' {
			return false
		}
	}
	return true
}

// Tokens splits s into the words that are searched: runs of letters, digits and
// their marks in folded form. A point or comma between two digits stays inside ("1.22",
// "4.000"); everything else separates.
func Tokens(s string) []string {
	s = Fold(s)
	var out []string
	start := -1
	prev := rune(0)
	for i, r := range s {
		in := isWordRune(r) || start >= 0 && unicode.IsMark(r)
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

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Key returns the letters and digits of s, with their marks, in folded form,
// joined: the same for
// "E-12", "e 12" and "E12", and for a part number with or without its dashes.
func Key(s string) string {
	var b strings.Builder
	for _, r := range Fold(s) {
		if isWordRune(r) || b.Len() > 0 && unicode.IsMark(r) {
			b.WriteRune(r)
		}
	}
	return norm.NFKC.String(b.String()) // a mark may have come beside its letter
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
