package search

import (
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// codeKey is what printed and typed codes are compared by: their letters and
// digits, folded. Displays also show dashes that stand for missing digits: those
// of "---" and "--F" are kept, since nothing else tells them from each other.
func codeKey(code string) string {
	key := textnorm.Key(code)
	folded := strings.TrimSpace(textnorm.Fold(code))
	dashes := len(folded) - len(strings.TrimLeft(folded, "-"))
	if dashes < 2 && (dashes == 0 || key != "") {
		return key
	}
	return folded[:dashes] + key
}

// looseKey is the same for codes that people take for one another when they type
// them: zeros that lead a number do not count ("E5", "E05"), and the letter O beside
// a digit is one ("EO5"). Codes with the same looseKey may be different codes: it
// only finds what no exact key does. The key of a sub-code keeps its slash.
func looseKey(key string) string {
	runes := []rune(key)
	for i := range runes {
		if runes[i] == 'o' && i > 0 && unicode.IsDigit(runes[i-1]) {
			runes[i] = '0'
		}
	}
	for i := len(runes) - 2; i >= 0; i-- {
		if runes[i] == 'o' && unicode.IsDigit(runes[i+1]) {
			runes[i] = '0'
		}
	}
	var b strings.Builder
	for i, r := range runes {
		more := i+1 < len(runes) && unicode.IsDigit(runes[i+1])
		if r == '0' && more && onlyZeros(runes[:i]) {
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// onlyZeros reports whether the digits that end the runes, if any, are all zeros.
func onlyZeros(runes []rune) bool {
	for i := len(runes) - 1; i >= 0 && unicode.IsDigit(runes[i]); i-- {
		if runes[i] != '0' {
			return false
		}
	}
	return true
}
