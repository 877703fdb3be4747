package search

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Identifiers are the words whose exact form matters: error codes, part
// numbers, models, terminals. They have posting lists of their own under a term
// that begins with identifierMark, made from their key, so that "E-12", "e12"
// and "E 12" meet in one list and are never stemmed or repaired.
const (
	identifierMark   = "#"
	maxIdentifierLen = 24
)

var (
	letters  = regexp.MustCompile(`^\p{L}{1,5}$`)
	numerals = regexp.MustCompile(`^\d{1,3}\p{L}?$`)
)

// identifierKeys returns the keys of the identifiers that begin at words[i], as
// printed: of the word itself, of the parts of a composed one ("F21/E3"), and
// of the word joined with the next ("E 12"). It may return none.
func identifierKeys(words []string, i int) []string {
	w := trimSigns(words[i])
	var keys []string
	add := func(k string) {
		if n := len([]rune(k)); n >= 2 && n <= maxIdentifierLen {
			keys = append(keys, k)
		}
	}
	if looksLikeIdentifier(w) || codeHyphened.MatchString(w) {
		add(textnorm.Key(w))
		if sub, ok := subCode(w); ok {
			add(sub)
		}
		if parts := strings.FieldsFunc(w, func(r rune) bool { return r == '/' || r == ',' || r == '|' }); len(parts) > 1 {
			for _, p := range parts {
				if looksLikeIdentifier(p) {
					add(textnorm.Key(p))
				}
			}
		}
	}
	if i+1 < len(words) && letters.MatchString(w) {
		if next := trimSigns(words[i+1]); numerals.MatchString(next) {
			add(textnorm.Key(w + next))
		}
	}
	return keys
}

// looksLikeIdentifier reports whether a printed word is one: it has a
// digit and a letter, or many digits, or it is short and not written like a word of the language ("OHH", "rtC", "dr"
// only with a capital inside).
func looksLikeIdentifier(w string) bool {
	if textnorm.HasDigit(w) {
		return strings.ContainsFunc(w, unicode.IsLetter) || len(textnorm.Key(w)) >= 5
	}
	n, upper := 0, 0
	for i, r := range w {
		if !unicode.IsLetter(r) {
			return false
		}
		n++
		if unicode.IsUpper(r) && (i > 0 || len(w) <= 2) {
			upper++
		}
	}
	return n >= 2 && n <= 4 && upper > 0
}

func trimSigns(w string) string {
	return strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
