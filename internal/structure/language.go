package structure

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	// mixedShare is the part of a page's lines that a second language has where
	// several take turns, and mixedLines how many lines it has at least.
	mixedShare, mixedLines = 0.15, 3
	// copyPages is how many pages a copy in another language has at least, and
	// copyRatio how many times as many as the other it may have.
	copyPages, copyRatio = 2, 1.7
	// copyFigures is the part of a copy's figures, part numbers and codes that the
	// other has too, and leastFigures how many it must have for that to tell.
	copyFigures, leastFigures = 0.5, 8
)

// scripts are those that tell the language.
var scripts = []struct {
	table    *unicode.RangeTable
	language string
}{
	{unicode.Hiragana, "ja"},
	{unicode.Katakana, "ja"},
	{unicode.Hangul, "ko"},
	{unicode.Han, "zh"},
	{unicode.Thai, "th"},
	{unicode.Arabic, "ar"},
	{unicode.Hebrew, "he"},
	{unicode.Greek, "el"},
	{unicode.Cyrillic, "ru"},
}

// script names the language of a text that is written in a script of its own, ""
// for Latin letters and for too few.
func script(text string) string {
	latin := 0
	count := make([]int, len(scripts))
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII:
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				latin++
			}
		case r == 'µ' || r == 'Ω' || r == 'Δ' || r == 'Φ' || r == 'π': // units and signs
		default:
			for i := range scripts {
				if unicode.Is(scripts[i].table, r) {
					count[i]++
					break
				}
			}
		}
	}
	best := 0
	for i := range count {
		if count[i] > count[best] {
			best = i
		}
	}
	if count[best] < 2 || count[best] < latin {
		return ""
	}
	if scripts[best].language == "zh" && count[0]+count[1] > 0 {
		return "ja"
	}
	return scripts[best].language
}

// lineLanguages tells the language of each line of a page on which several take
// turns, nil on others. A line that does not tell takes that of the lines around
// it when they agree.
func (v *page) lineLanguages() []string {
	total := map[string]float64{}
	votes := make([]map[string]float64, len(v.Lines))
	own := make([]string, len(v.Lines))
	for i := range v.Lines {
		if v.Lines[i].Cipher || v.Lines[i].Count == 0 {
			continue
		}
		if own[i] = script(v.texts[i]); own[i] != "" {
			total[own[i]] += 2
			continue
		}
		votes[i] = map[string]float64{}
		textnorm.LanguageVotes(plainWords(v.texts[i]), votes[i])
		for l, n := range votes[i] {
			total[l] += n
		}
	}
	if len(total) < 2 {
		return nil
	}
	most := 0.0
	for _, n := range total {
		most = max(most, n)
	}
	lines := map[string]int{}
	decided := 0
	for i := range v.Lines {
		if own[i] == "" {
			best, second := "", 0.0
			for l, n := range votes[i] {
				if total[l] < mixedShare*most {
					continue
				}
				switch {
				case best == "" || n > votes[i][best] || n == votes[i][best] && (total[l] > total[best] || total[l] == total[best] && l < best):
					if best != "" {
						second = max(second, votes[i][best])
					}
					best = l
				default:
					second = max(second, n)
				}
			}
			if best != "" && votes[i][best] >= 1 && votes[i][best] > 1.2*second {
				own[i] = best
			}
		}
		if own[i] != "" {
			decided++
			lines[own[i]]++
		}
	}
	languages := 0
	for _, n := range lines {
		if n >= mixedLines && float64(n) >= mixedShare*float64(decided) {
			languages++
		}
	}
	if languages < 2 {
		return nil
	}
	for i := range own {
		if own[i] == "" && i > 0 && own[i-1] != "" {
			next := i + 1
			for next < len(own) && own[next] == "" {
				next++
			}
			if next < len(own) && own[next] == own[i-1] {
				own[i] = own[i-1]
			}
		}
	}
	return own
}

// plainWords are the words of a text in lower case without the signs around them:
// enough to know function words by.
func plainWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
}

// smooth returns the languages of the pages without the single pages amid another
// language that only look like a third: tables and figures have few words.
func smooth(pages []*page, languages map[int]string) map[int]string {
	const few = 2
	out := map[int]string{}
	for i := 0; i < len(pages); {
		l := languages[pages[i].Number]
		end := i
		for end < len(pages) && languages[pages[end].Number] == l {
			end++
		}
		if i > 0 && end < len(pages) && end-i <= few {
			if before := out[pages[i-1].Number]; before != "" && before == languages[pages[end].Number] {
				l = before
			}
		}
		for ; i < end; i++ {
			if l != "" {
				out[pages[i].Number] = l
			}
		}
	}
	return out
}

// run is a run of pages in one language.
type run struct {
	language    string
	first, last int             // indices into the pages
	figures     map[string]bool // what is the same in every language
}

// runs divides the pages by language: by the chapters that are each in another, else
// page by page. Pages whose language is not known stay with the one before.
func (d *Document) runs(pages []*page, languages map[int]string) []run {
	if out := d.chapterRuns(pages); out != nil {
		return out
	}
	var out []run
	for i, v := range pages {
		l := languages[v.Number]
		k := len(out) - 1
		switch {
		case k >= 0 && (l == "" || l == out[k].language):
			out[k].last = i
		case l != "":
			out = append(out, run{language: l, first: i, last: i})
		}
	}
	return out
}

// chapterRuns returns the chapters of one level that are in several languages, nil
// when there are none.
func (d *Document) chapterRuns(pages []*page) []run {
	for level := 1; level <= 2; level++ {
		var out []run
		covered, again := 0, 0
		for i := range d.Sections {
			s := &d.Sections[i]
			if s.Level != level || s.Language == "" || s.LastPage-s.FirstPage+1 < copyPages {
				continue
			}
			first, _ := slices.BinarySearchFunc(pages, s.FirstPage, func(v *page, n int) int { return v.Number - n })
			last, ok := slices.BinarySearchFunc(pages, s.LastPage, func(v *page, n int) int { return v.Number - n })
			if !ok {
				last--
			}
			if k := len(out) - 1; k >= 0 && first <= out[k].last {
				out[k].last = first - 1 // it begins on the page on which the one before ends
			}
			covered += last - first + 1
			// A cover or a preface in the language of a chapter is no chapter of its own.
			if k := slices.IndexFunc(out, func(r run) bool { return r.language == s.Language }); k >= 0 {
				again++
				if last-first <= out[k].last-out[k].first {
					continue
				}
				out = slices.Delete(out, k, k+1)
			}
			out = append(out, run{language: s.Language, first: first, last: last})
		}
		if len(out) >= 2 && again <= 1 && 10*covered >= 6*len(pages) {
			return out
		}
	}
	return nil
}

// copies finds the pages and sections that repeat others in another language: a
// run of pages of about the same length, with the same figures.
func (d *Document) copies(pages []*page, o Options) {
	all := d.runs(pages, o.Languages)
	all = slices.DeleteFunc(all, func(r run) bool { return r.last-r.first+1 < copyPages })
	if len(all) < 2 {
		return
	}
	figures := make([]map[string]bool, len(pages))
	for i := range all {
		r := &all[i]
		r.figures = map[string]bool{}
		for p := r.first; p <= r.last; p++ {
			figures[p] = pages[p].figures()
			for f := range figures[p] {
				r.figures[f] = true
			}
		}
	}
	for j := range all {
		for i := range j {
			if all[i].language == all[j].language || !all[j].copies(&all[i]) {
				continue
			}
			d.pairPages(pages, figures, &all[i], &all[j])
			d.pairSections(pages, &all[i], &all[j])
			break // the first is the one that is repeated
		}
	}
}

func (r *run) copies(of *run) bool {
	a, b := float64(of.last-of.first+1), float64(r.last-r.first+1)
	return a <= copyRatio*b && b <= copyRatio*a && len(r.figures) >= leastFigures && share(r.figures, of.figures) >= copyFigures
}

// share is the part of a's members that b has too.
func share(a, b map[string]bool) float64 {
	if len(a) == 0 {
		return 0
	}
	n := 0
	for f := range a {
		if b[f] {
			n++
		}
	}
	return float64(n) / float64(len(a))
}

// figures are the words of a page with digits, but those of running heads.
func (v *page) figures() map[string]bool {
	out := map[string]bool{}
	for w := range v.Words {
		if t := v.Words[w].Text; len(t) > 1 && textnorm.HasDigit(t) && !v.inFurniture([]int{w}) {
			if k := textnorm.Key(t); len(k) > 1 {
				out[k] = true
			}
		}
	}
	return out
}

// pairPages notes which page of run b repeats which of run a: the one with most
// figures in common among those at about the same place.
func (d *Document) pairPages(pages []*page, figures []map[string]bool, a, b *run) {
	const around = 2
	la, lb := a.last-a.first+1, b.last-b.first+1
	for p := b.first; p <= b.last; p++ {
		at := a.first + (p-b.first)*la/lb
		best, most := at, -1.0
		for q := max(a.first, at-around); q <= min(a.last, at+around); q++ {
			s := share(figures[p], figures[q])
			if la == lb && q == at {
				s += 0.2
			}
			if s > most {
				best, most = q, s
			}
		}
		d.Doubles = append(d.Doubles, Double{Page: pages[p].Number, Of: pages[best].Number, Kind: DoubleLanguage})
	}
}

// pairSections notes which section of run b repeats which of run a: in order when
// both have as many of a level, else those that begin on pages that are paired.
func (d *Document) pairSections(pages []*page, a, b *run) {
	in := func(r *run, level int) []int {
		var out []int
		for i := range d.Sections {
			s := &d.Sections[i]
			if s.Level == level && s.FirstPage >= pages[r.first].Number && s.FirstPage <= pages[r.last].Number && s.CopyOf < 0 {
				out = append(out, i)
			}
		}
		return out
	}
	of := map[int]int{}
	for _, x := range d.Doubles {
		if x.Kind == DoubleLanguage {
			of[x.Page] = x.Of
		}
	}
	for level := 1; level <= 8; level++ {
		from, to := in(a, level), in(b, level)
		for k, i := range to {
			s := &d.Sections[i]
			if len(from) == len(to) {
				s.CopyOf = from[k]
				continue
			}
			at := slices.IndexFunc(from, func(o int) bool {
				return d.Sections[o].FirstPage == of[s.FirstPage] && d.Sections[o].Type == s.Type && !slices.ContainsFunc(to[:k], func(t int) bool { return d.Sections[t].CopyOf == o })
			})
			if at >= 0 {
				s.CopyOf = from[at]
			}
		}
	}
}

func byPage(a, b Double) int { return cmp.Compare(a.Page, b.Page) }
