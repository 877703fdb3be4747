package identify

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

const (
	// firstPages are searched for names: covers, safety notes, contents, the first
	// chapter. Further back a manual names other machines too.
	firstPages = 6
	// lookahead is how far the pages with text may lie behind the file's first.
	lookahead = 12
	// properPages are searched for a name in lower case, which makes it a word.
	properPages = 30
	// maxGram is the most words that one name is made of.
	maxGram = 4
)

// line is a printed line of a searched page.
type line struct {
	page   int
	cover  bool
	size   float64 // of its letters, points
	text   string
	tokens []token
	// aliases are the keys of names that composite words of the line stand for:
	// "PUZ-WM50/60" for puzwm60 too.
	aliases map[string]string
}

// token is a word of a line, or a part of it between slashes and commas.
type token struct {
	text string // without the punctuation around it
	key  string // never ""
	mark bool   // it carries ®, ™ or ©
	// apart says that it is set apart from the token before: by a slash, a comma.
	apart bool
}

// document is what is searched of a manual.
type document struct {
	lines []line
	// largest is the size of the cover's largest letters, usual the median of the
	// lines behind it.
	largest, usual float64
	lower          map[string]bool // words that are printed in lower case somewhere
	domains        map[string]bool // keys of the names in web and mail addresses
}

var (
	separate = regexp.MustCompile(`[/,;:()\[\]|]+`)
	domain   = regexp.MustCompile(`(?i)(?:www\.|@|https?://)(?:[a-z0-9-]+\.)*?([a-z0-9-]{2,})\.(?:com?\.)?[a-z]{2,4}\b`)
)

func read(pages []pdf.Page) *document {
	d := &document{lower: map[string]bool{}, domains: map[string]bool{}}
	cover, searched := 0, 0
	for i := range pages[:min(len(pages), properPages)] {
		p := &pages[i]
		if len(p.Words) < 2 || p.Error != "" {
			continue
		}
		for _, w := range p.Words {
			if w.Text == strings.ToLower(w.Text) && !strings.ContainsAny(w.Text, "@/0123456789") && !strings.Contains(strings.TrimRight(w.Text, "."), ".") {
				d.lower[equipment.Key(w.Text)] = true
			}
		}
		// The back cover names the maker, too.
		if last := i == len(pages)-1; last || searched < firstPages && i < lookahead {
			// What stands behind pages that wait for OCR is no cover.
			if cover == 0 && i < 2 {
				cover = p.Number
			}
			d.read(p, p.Number == cover && !contents(p))
			searched++
		}
	}
	if n := len(pages); n > properPages && len(pages[n-1].Words) > 1 {
		d.read(&pages[n-1], false)
	}
	var covers, sizes []float64
	for _, l := range d.lines {
		switch {
		case len(l.tokens) == 0:
		case l.cover:
			covers = append(covers, l.size)
			d.largest = max(d.largest, l.size)
		default:
			sizes = append(sizes, l.size)
		}
	}
	if len(sizes) == 0 { // a single leaf
		sizes = covers
	}
	if len(sizes) > 0 {
		slices.Sort(sizes)
		d.usual = sizes[len(sizes)/2]
	}
	return d
}

// contents reports whether the page is a table of contents, which some manuals
// begin with.
func contents(p *pdf.Page) bool {
	n := 0
	for i := range p.Lines {
		if contentsEntry.MatchString(p.LineText(i)) {
			n++
		}
	}
	return n >= 6 && 3*n >= len(p.Lines)
}

func (d *document) read(p *pdf.Page, cover bool) {
	for i, l := range p.Lines {
		if l.Cipher {
			continue
		}
		text := p.LineText(i)
		for _, m := range domain.FindAllStringSubmatch(text, -1) {
			d.domains[equipment.Key(m[1])] = true
		}
		out := line{page: p.Number, cover: cover, size: cmp.Or(l.FontSize, l.Box.Y1-l.Box.Y0), text: text}
		out.tokens = tokens(text)
		for _, word := range strings.Fields(text) {
			if !strings.Contains(strings.Trim(word, "/"), "/") || strings.ContainsAny(word, ":@") {
				continue
			}
			for _, a := range equipment.Aliases(strings.Trim(word, ".,;:()")) {
				if out.aliases == nil {
					out.aliases = map[string]string{}
				}
				out.aliases[equipment.Key(a)] = a
			}
		}
		d.lines = append(d.lines, out)
	}
}

func tokens(text string) []token {
	var out []token
	for _, part := range separate.Split(text, -1) {
		apart := true
		for _, word := range strings.Fields(part) {
			t := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '+' })
			for _, s := range []string{"'s", "’s"} {
				t = strings.TrimSuffix(t, s)
			}
			marked := strings.ContainsAny(word, "®™©")
			if key := equipment.Key(t); key != "" {
				out = append(out, token{t, key, marked, apart})
				apart = false
			} else if marked && len(out) > 0 {
				out[len(out)-1].mark = true
			}
		}
	}
	return out
}

// grams calls f with each run of up to maxGram tokens that nothing sets apart,
// joined to a key.
func grams(tokens []token, f func(from, to int, key string)) {
	for i := range tokens {
		key := ""
		for j := i; j < min(len(tokens), i+maxGram) && (j == i || !tokens[j].apart); j++ {
			key += tokens[j].key
			f(i, j+1, key)
		}
	}
}

// place is where a name stands.
type place struct {
	line     *line
	from, to int    // tokens; none for a name that is part of a composite one
	text     string // as printed
}

// find returns the places of a name, those on the cover first, in larger letters
// before smaller ones.
func (d *document) find(name string) []place {
	want := equipment.Key(name)
	if want == "" {
		return nil
	}
	var out []place
	for i := range d.lines {
		l := &d.lines[i]
		before := len(out)
		grams(l.tokens, func(from, to int, key string) {
			if key == want {
				out = append(out, place{l, from, to, joined(l.tokens[from:to])})
			}
		})
		if a, ok := l.aliases[want]; ok && len(out) == before {
			out = append(out, place{l, 0, 0, a})
		}
	}
	slices.SortStableFunc(out, func(a, b place) int {
		if a.line.cover != b.line.cover {
			if a.line.cover {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.line.size, a.line.size)
	})
	return out
}

func joined(tokens []token) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = t.text
	}
	return strings.Join(words, " ")
}

// continued reports whether a designation goes on behind the place: the "KD 61" of
// "KD 61 E" is the name of a family.
func (p place) continued() bool {
	t := p.line.tokens
	if p.to == 0 || p.to >= len(t) || t[p.to].apart {
		return false
	}
	next := t[p.to].text
	return len(next) <= 2 && next == strings.ToUpper(next)
}

// prominent reports whether a line of the cover is set to be seen.
func (d *document) prominent(l *line) bool {
	return l.cover && l.size >= max(0.4*d.largest, 1.15*d.usual)
}

// proper reports whether the name is printed as a name: with a capital or a digit
// wherever it stands.
func (d *document) proper(name string) bool {
	for _, word := range strings.Fields(name) {
		if key := equipment.Key(word); !d.lower[key] || hasDigit(key) {
			return true
		}
	}
	return false
}

// company reports whether the text uses the name as that of a company: with its
// legal form, under a copyright or as a trade mark, or in an address.
func (d *document) company(name string) bool {
	if d.domains[equipment.Key(name)] {
		return true
	}
	return slices.ContainsFunc(d.find(name), func(p place) bool { return p.company() })
}

func (p place) company() bool {
	if p.to == 0 {
		return false
	}
	t := p.line.tokens
	if t[p.to-1].mark {
		return true
	}
	if rights.MatchString(p.line.text) {
		return true
	}
	for _, next := range t[p.to:min(len(t), p.to+4)] {
		if legalForm(next.text) {
			return true
		}
		if !capital(next.text) {
			return false
		}
	}
	return false
}

var rights = regexp.MustCompile(`(?i)©|\(c\)\s*\d{4}|copyright`)

// named reports whether the place may name something: a word at the beginning of a
// sentence is a word.
func (p place) named() bool { return p.line.cover || p.from > 0 }

// legalForm reports whether a word is the legal form of a company. Those that are
// words, too, count as they are written in a name only.
func legalForm(s string) bool {
	switch s {
	case "AG", "SA", "AB", "NV", "BV", "AS", "Co", "CO", "KG", "SE", "SpA", "SPA", "S.p.A", "S.P.A", "S.A", "S.L", "SL", "Oy", "B.V", "N.V", "A.S":
		return true
	}
	return legalForms[equipment.Key(s)]
}

func capital(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) }) == 0
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// quote is what is shown of a line.
func quote(s string) string {
	const longest = 160
	r := []rune(s)
	if len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
