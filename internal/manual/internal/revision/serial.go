package revision

import (
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// serialPages are read for the serial numbers that a manual is for: its cover and
// what comes before the first chapter.
const serialPages = 6

// The parts of the patterns below. A serial number has digits; what follows the word
// without bounds is a nameplate's, not a range.
const (
	serialWord  = `(?:serial\s+(?:numbers?|nos?\b\.?|nr\.?|#|range)(?:\s+ranges?)?|s/n\b\.?|seriennummern?|serien-?\s?nr\.?|ser\.\s?-?\s?(?:no|nr)\.?|fabr(?:ik|\.)-?\s?(?:nummer|nr)\.?|n[uú]meros?\s+de\s+s[eé]rie|n[.°º]+\s?de\s+s[eé]rie|num[eé]ros?\s+de\s+s[eé]rie|numeri?\s+di\s+serie|matricol[ae])(?:\(s\))?\s*[:#]?\s*`
	serialValue = `([a-z]{0,6}[-./]?\d[a-z\d]*(?:[-./][a-z\d]+)*)`
	fromWord    = `(?:from|starting\s+(?:with|at|from)|beginning\s+(?:with|at)|as\s+of|ab|von|desde|a\s+partir\s+del?|à\s+partir\s+d[eu']|dal?)\s+(?:the\s+)?`
	toWord      = `(?:\s+(?:to|thru|through|until|up\s+to|bis|hasta|jusqu'[aà]u?|a|à|al)\s+|\s*(?:-|\.\.\.?)\s*)`
	onwards     = `\s*(?:(?:and|&|or|und|oder|y|et|e|ou|o)\s+(?:up|above|later|higher|newer|after|on(?:wards?)?|subsequent|höher|neuer|folgende|superiores|posteriores|siguientes|suivants|supérieurs?|successiv[ie])|onwards?|\+)`
	beforeWord  = `(?:up\s+to(?:\s+and\s+including)?|before|prior\s+to|below|until|bis(?:\s+einschließlich)?|vor|hasta|jusqu'[aà]u?|fino\s+a[l]?)\s+(?:the\s+)?`
)

var (
	serialBetween = regexp.MustCompile(serialWord + `(?:` + fromWord + `)?` + serialValue + toWord + `(?:` + serialWord + `)?` + serialValue)
	serialAndUp   = regexp.MustCompile(serialWord + serialValue + onwards)
	serialFrom    = regexp.MustCompile(fromWord + serialWord + serialValue + `|` + serialWord + fromWord + serialValue)
	serialUpTo    = regexp.MustCompile(beforeWord + serialWord + serialValue + `|` + serialWord + beforeWord + serialValue)

	toldBetween = regexp.MustCompile(`^(?:` + fromWord + `)?` + serialValue + toWord + serialValue + `$`)
	toldFrom    = regexp.MustCompile(`^(?:` + fromWord + serialValue + `|` + serialValue + onwards + `)$`)
	toldUpTo    = regexp.MustCompile(`^` + beforeWord + serialValue + `$`)
)

// serials is a range of serial numbers as keys (textnorm.Key); "" has no bound.
type serials struct{ from, to string }

// Serials returns the ranges of serial numbers that the title or the first pages name,
// as one text: "100200–100999; 200000 and up". "" when they name none, which is for
// all machines. It reads words; package structure knows more of a manual's parts and
// can be heard instead.
func Serials(pages []pdf.Page, title string) string {
	lines := []string{title}
	for i := range pages[:min(len(pages), serialPages)] {
		p := &pages[i]
		for k, l := range p.Lines {
			text := lineText(p, l)
			if k+1 < len(p.Lines) { // a range may be broken
				text += " " + lineText(p, p.Lines[k+1])
			}
			lines = append(lines, text)
		}
	}
	var found []string
	for _, l := range lines {
		for _, r := range rangesOf(textnorm.Fold(l)) {
			if s := r.String(); !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	if len(found) > maxRanges {
		return "" // a table of machines, not what the manual is for
	}
	return strings.Join(found, "; ")
}

// maxRanges is the most ranges of one manual.
const maxRanges = 6

// serialHints are parts of serialWord, one of which every text with it has: most lines
// need no closer look.
var serialHints = strings.Fields("seri séri s/n ser. fabr matricol")

func rangesOf(folded string) []serials {
	if !slices.ContainsFunc(serialHints, func(h string) bool { return strings.Contains(folded, h) }) {
		return nil
	}
	var out []serials
	cut := func(re *regexp.Regexp, add func(values []string) bool) {
		folded = re.ReplaceAllStringFunc(folded, func(m string) string {
			var values []string
			for _, v := range re.FindStringSubmatch(m)[1:] {
				if v != "" {
					values = append(values, strings.TrimRight(v, "-./"))
				}
			}
			if slices.ContainsFunc(values, func(v string) bool { return digits(v) < 3 }) || !add(values) {
				return m
			}
			return " "
		})
	}
	one := func(r serials) bool {
		out = append(out, r)
		return true
	}
	// A number with a dash in it is no range: a range rises.
	cut(serialBetween, func(v []string) bool { return len(v[0]) == len(v[1]) && v[0] < v[1] && one(serials{v[0], v[1]}) })
	cut(serialAndUp, func(v []string) bool { return one(serials{v[0], ""}) })
	cut(serialUpTo, func(v []string) bool { return one(serials{"", v[0]}) })
	cut(serialFrom, func(v []string) bool { return one(serials{v[0], ""}) })
	return out
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// String writes a range as people do.
func (r serials) String() string {
	from, to := strings.ToUpper(r.from), strings.ToUpper(r.to)
	switch {
	case r.to == "":
		return from + " and up"
	case r.from == "":
		return "up to " + to
	}
	return from + "–" + to
}

// SameSerials reports whether two texts, as Serials returns them or as somebody has
// typed them, mean the same serial numbers.
func SameSerials(a, b string) bool {
	x, y := told(a), told(b)
	return slices.Equal(x, y)
}

// told reads ranges that stand without the word; what is no range stands for itself.
func told(text string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(textnorm.Fold(text), func(r rune) bool { return r == ';' || r == ',' }) {
		part = strings.TrimSpace(part)
		part = strings.TrimSpace(regexpSerialWord.ReplaceAllString(part, ""))
		r := serials{}
		switch {
		case toldUpTo.MatchString(part):
			r.to = first(toldUpTo.FindStringSubmatch(part))
		case toldFrom.MatchString(part):
			r.from = first(toldFrom.FindStringSubmatch(part))
		case toldBetween.MatchString(part):
			m := toldBetween.FindStringSubmatch(part)
			r.from, r.to = m[1], m[2]
		default:
			r.from = part
			r.to = part
		}
		if s := textnorm.Key(r.from) + ">" + textnorm.Key(r.to); s != ">" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return out
}

var regexpSerialWord = regexp.MustCompile(serialWord)

func first(m []string) string {
	for _, v := range m[1:] {
		if v != "" {
			return v
		}
	}
	return ""
}
