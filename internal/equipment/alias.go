package equipment

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Key returns the letters and digits of a name in lower case: what it is
// compared by.
func Key(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, textnorm.Fold(name))
}

var (
	bracketed = regexp.MustCompile(`\(([^()]*)\)`)
	separator = regexp.MustCompile(`\s*[,;]\s*|\s+(?i:with|and|or|und|oder|et|ou|mit)\s+|\s+/\s+|\s+&\s+|/\s+|\s+/`)
	endNumber = regexp.MustCompile(`^(.*?)([0-9]+)$`)
	beginning = regexp.MustCompile(`^([0-9]+)([A-Za-z][A-Za-z0-9-]*)?$`)
)

// maxAliases bounds what one name can make of itself.
const maxAliases = 64

// Aliases returns the names that are contained in a composite model name and
// can be told apart safely:
//
//	PUZ-WM50/60/85           PUZ-WM50, PUZ-WM60, PUZ-WM85
//	AH-AP9/12SMD             AH-AP9SMD, AH-AP12SMD
//	T25/T40 rotary tiller    T25, T40, each also with "rotary tiller"
//	192E2 / 192EL2 (Meridian 2)   192E2, 192EL2, Meridian 2
//	EL/GL Mach 3 with ML700  EL Mach 3, GL Mach 3, ML700
//	Zero Client DZ19-2       DZ19-2
//	Mr. Silence / Aqua Silence    Mr. Silence, Aqua Silence
//
// An alias has at least three characters and a digit, or two words of a list
// with spaced slashes; a range ("A..SED") gives none. The name itself is not
// among them.
func Aliases(name string) []string {
	var out []string
	self := Key(name)
	add := func(alias string, listed bool) {
		alias = strings.Trim(alias, " -/,;.")
		key := Key(alias)
		tells := telling(key) || listed && strings.Contains(alias, " ") && len(key) >= 8
		if len(out) >= maxAliases || key == self || !tells || strings.Contains(alias, "..") {
			return
		}
		if !slices.ContainsFunc(out, func(a string) bool { return Key(a) == key }) {
			out = append(out, alias)
		}
	}
	for _, m := range bracketed.FindAllStringSubmatch(name, -1) {
		add(m[1], false)
	}
	plain := bracketed.ReplaceAllString(name, " ")
	listed := strings.Contains(plain, " / ")
	for _, part := range separator.Split(plain, -1) {
		for _, alternative := range alternatives(strings.Fields(part)) {
			add(alternative, listed)
			// "T25 rotary tiller": the designation alone, when there is one.
			for i, word := range strings.Fields(alternative) {
				if designation(word, i == 0) {
					add(word, false)
				}
			}
		}
	}
	return out
}

// designation reports whether a word mixes letters and digits, as model
// designations do and words do not. After the first word one that begins with a
// digit is rather a figure with its unit: "230V", "50Hz".
func designation(word string, first bool) bool {
	key := Key(word)
	return strings.ContainsAny(key, "0123456789") && strings.ContainsFunc(key, unicode.IsLetter) &&
		(first || !digit(key[0]))
}

// alternatives writes out the words with each way to read their slashes, at
// most one word of them having any.
func alternatives(words []string) []string {
	at := slices.IndexFunc(words, func(w string) bool { return strings.Contains(strings.Trim(w, "/"), "/") })
	if at < 0 {
		return []string{strings.Join(words, " ")}
	}
	if slices.ContainsFunc(words[at+1:], func(w string) bool { return strings.Contains(w, "/") }) {
		return nil // the combinations are anyone's guess
	}
	var out []string
	for _, choice := range slashes(words[at]) {
		out = append(out, strings.Join(slices.Concat(words[:at], []string{choice}, words[at+1:]), " "))
	}
	return out
}

// slashes writes out "PUZ-WM50/60/85" and "AH-AP9/12/18SMD": members that are a
// number stand for the first with its last number replaced, and letters after
// the last number belong to all.
func slashes(word string) []string {
	members := strings.Split(word, "/")
	first := endNumber.FindStringSubmatch(members[0])
	last := beginning.FindStringSubmatch(members[len(members)-1])
	if first == nil || first[1] == "" || last == nil {
		return members
	}
	suffix := last[2]
	out := []string{members[0] + suffix}
	for i, m := range members[1:] {
		number := beginning.FindStringSubmatch(m)
		switch {
		case number == nil:
			out = append(out, m) // a whole name of its own
		case number[2] != "" && i < len(members)-2:
			return members // letters in the middle: no rule
		default:
			out = append(out, first[1]+number[1]+suffix)
		}
	}
	return out
}
