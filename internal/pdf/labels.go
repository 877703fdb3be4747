package pdf

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	// labelMargin is the part of the page's height, at its top and bottom, in
	// which page numbers are looked for.
	labelMargin = 0.12
	// minLabelRun is how many pages must count on before a number is taken for
	// a page number, and maxLabelGap how many may lack it in between.
	minLabelRun = 4
	maxLabelGap = 3
)

// pageNumber matches a printed page number: 12, 3-12, EN-12, A12.
var pageNumber = regexp.MustCompile(`^([A-Za-z]{0,3}|[A-Za-z0-9]{1,3}[-–.])(\d{1,4})$`)

// PrintedLabels returns the label that is printed on each page of a document,
// "" where it is not known. The file's own labels are taken where it has any
// that say more than the count of pages; else the numbers in the pages' headers
// and footers, if they are there on each of the pages concerned and count on
// with the pages in a run of at least four. Nothing is filled in: a page
// between numbered ones that does not show its own number has no label.
func PrintedLabels(pages []Page) []string {
	out := make([]string, len(pages))
	own := false
	for i, p := range pages {
		out[i] = p.Label
		own = own || p.Label != "" && p.Label != strconv.Itoa(p.Number)
	}
	if own {
		return out
	}
	clear(out)

	type series struct {
		prefix string
		offset int
	}
	type shown struct {
		page int // index
		text string
	}
	found := map[series][]shown{}
	for i := range pages {
		for text := range marginNumbers(&pages[i]) {
			m := pageNumber.FindStringSubmatch(text)
			n, err := strconv.Atoi(m[2])
			if err != nil {
				continue
			}
			s := series{m[1], n - pages[i].Number}
			found[s] = append(found[s], shown{i, text})
		}
	}
	// The longest run that a page is part of decides; two equals decide nothing.
	longest := make([]int, len(pages))
	for _, all := range found {
		for start := 0; start < len(all); {
			end := start + 1
			for end < len(all) && all[end].page-all[end-1].page <= 1+maxLabelGap {
				end++
			}
			if n := end - start; n >= minLabelRun {
				for _, s := range all[start:end] {
					switch {
					case n > longest[s.page]:
						out[s.page], longest[s.page] = s.text, n
					case n == longest[s.page] && out[s.page] != s.text:
						out[s.page] = ""
					}
				}
			}
			start = end
		}
	}
	return out
}

// marginNumbers returns what can be a page number in the page's header and footer.
func marginNumbers(p *Page) map[string]bool {
	out := map[string]bool{}
	for _, w := range p.Words {
		if mid := (w.Box.Y0 + w.Box.Y1) / 2; mid > labelMargin*p.Height && mid < (1-labelMargin)*p.Height {
			continue
		}
		text := strings.Trim(w.Text, "-–—|•·[]()")
		if before, _, ok := strings.Cut(text, "/"); ok { // 5/13
			text = before
		}
		if pageNumber.MatchString(text) {
			out[text] = true
		}
	}
	return out
}
