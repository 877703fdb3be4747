package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// roleNote is a column of remarks.
const roleNote structure.Role = "note"

// Heading words of parts lists that package structure has no role for, or another
// one outside of parts lists.
var (
	descriptionHeads = strings.Fields("description component components name designation denomination bezeichnung benennung beschreibung denominazione descrizione denominación descripción désignation dénomination omschrijving benaming beskrivning benämning descrição parts")
	noteHeads        = strings.Fields("note notes remark remarks comment comments bemerkung bemerkungen anmerkung anmerkungen hinweis hinweise nota osservazioni observaciones remarque remarques opmerking opmerkingen")
	placeHeads       = strings.Fields("location symbol reference ref designator")
	partWordsOfPages = strings.Fields("part parts spare spares ersatzteil ersatzteile teileliste stückliste pieza piezas repuesto repuestos pièce pièces ricambi ricambio onderdelen reservdelar p/n")
)

// partHeading names what a column of a parts list holds from its heading.
func partHeading(heading string) structure.Role {
	tokens := textnorm.Tokens(heading)
	only := func(words []string) bool {
		return len(tokens) > 0 && !slices.ContainsFunc(tokens, func(t string) bool { return !slices.Contains(words, t) })
	}
	role := structure.RoleOf(heading)
	switch {
	case only(noteHeads):
		return roleNote
	case role == structure.RoleOther || role == structure.RoleParameter || role == structure.RoleCause:
		switch {
		case only(descriptionHeads):
			return structure.RoleMeaning
		case only(placeHeads):
			return structure.RoleItem
		}
		return structure.RoleOther
	}
	return role
}

var (
	// orderNumber is a word that can be a part number: letters, digits and what
	// divides them.
	orderNumber = regexp.MustCompile(`^[#*]?[\p{Lu}\d][\p{L}\d]*(?:[-./_][\p{L}\d*]+)*\*?$`)
	itemText    = regexp.MustCompile(`(?i)^[(\[]?(?:[a-z]{0,3}[-.]?\d{1,4}[a-z]{0,2}|[a-z]{1,2}|n\.?s\.?|[-–—])[)\].]*$`)
)

// isOrderNumber reports whether a word can be a part number: it has enough digits,
// or digits and letters in groups.
func isOrderNumber(word string) bool {
	if len(word) < 3 || len(word) > 24 || !orderNumber.MatchString(word) {
		return false
	}
	digits, letters, lower := 0, 0, 0
	for _, r := range word {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLower(r):
			lower++
			letters++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case lower > 2:
		return false // a word of the language
	case digits >= 4:
		return true
	}
	return digits >= 2 && letters >= 1 && digits+letters >= 6
}

// strongNumber reports whether a word is hardly anything but a part number.
func strongNumber(word string) bool {
	if !isOrderNumber(word) {
		return false
	}
	n, digits := 0, 0
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
		if unicode.IsDigit(r) {
			digits++
		}
	}
	return digits >= 5 || digits >= 4 && n > digits
}

// numberShape writes the lengths of a number's groups and what divides them:
// "6K.0QC01.011" is 2.5.3. A list's numbers have one of few.
func numberShape(number string) string {
	var b strings.Builder
	n := 0
	flush := func() {
		if n > 0 {
			b.WriteByte(byte('a' + min(n, 25)))
		}
		n = 0
	}
	for _, r := range number {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '*' {
			n++
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

// numberPattern writes a number with 0 for each digit and A for each letter.
func numberPattern(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsDigit(r):
			return '0'
		case unicode.IsLetter(r):
			return 'A'
		}
		return r
	}, number)
}

// glued splits a number that the end of the description was printed onto: its
// first group is longer than those of all other numbers of the column. It returns
// the number alone.
func glued(word, shape string) (string, bool) {
	w := []rune(word)
	for cut := 1; cut < len(w) && cut <= 4; cut++ {
		if numberShape(string(w[cut:])) == shape {
			return string(w[cut:]), true
		}
	}
	return "", false
}

// spelled joins the words of a number that is printed in groups: "OB 110.061",
// "00 143 221". It is not ok when a word is no part of one.
func spelled(words []string) (string, bool) {
	if len(words) == 1 {
		return words[0], isOrderNumber(words[0])
	}
	if len(words) > 5 {
		return "", false
	}
	digits := 0
	for i, w := range words {
		n := 0
		for _, r := range w {
			switch {
			case unicode.IsDigit(r):
				n++
			case unicode.IsUpper(r), r == '-', r == '.', r == '/', r == '*':
			default:
				return "", false
			}
		}
		if n == 0 && (i > 0 && i < len(words)-1 || len([]rune(w)) > 4) {
			return "", false
		}
		digits += n
	}
	return strings.Join(words, " "), digits >= 4
}

// cleanItem removes the signs around an item's number; it is not ok for what is no
// such number.
func cleanItem(text string) (string, bool) {
	words := strings.Fields(text)
	if len(words) == 0 || len(words) > 3 {
		return "", false
	}
	for _, w := range words {
		if !itemText.MatchString(w) {
			return "", false
		}
	}
	return strings.Trim(text, "()[]. "), true
}

// lettered reports whether a text has a word of the language: what a description
// is made of.
func lettered(text string) bool {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
			if n >= 3 {
				return true
			}
			continue
		}
		n = 0
	}
	return false
}
