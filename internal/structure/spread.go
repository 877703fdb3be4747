package structure

import (
	"hash/maphash"
	"slices"

	"github.com/techcopilot/techcopilot/internal/pdf"
)

const (
	// spreadRatio is how much wider than high a page with two printed pages is.
	spreadRatio = 1.15
	// gutterShare is the part of the words that may cross the middle of such a page:
	// a drawing or a table over both.
	gutterShare = 0.03
	// shingle is how many words in a row are compared, doubleWords how many a printed
	// page must have, and doubleShare the part of them that a repetition has in common.
	shingle, doubleWords, doubleShare = 4, 30, 0.9
)

// leaf is a printed page: a page, or one half of a spread.
type leaf struct {
	page  *page
	box   pdf.Box // zero for a whole page
	words []int
	half  bool
}

// isSpread reports whether the page shows two printed pages side by side.
func (v *page) isSpread() bool {
	if v.Height <= 0 || v.Width < spreadRatio*v.Height || len(v.Words) < 2*doubleWords {
		return false
	}
	left, right, across := 0, 0, 0
	for _, w := range v.Words {
		switch {
		case w.Box.X1 <= v.Width/2:
			left++
		case w.Box.X0 >= v.Width/2:
			right++
		default:
			across++
		}
	}
	return left >= doubleWords && right >= doubleWords && float64(across) <= gutterShare*float64(len(v.Words))
}

// leaves are the printed pages of a page, from left to right.
func (v *page) leaves() []leaf {
	if !v.isSpread() {
		all := make([]int, len(v.Words))
		for i := range all {
			all[i] = i
		}
		return []leaf{{page: v, words: all}}
	}
	left := leaf{page: v, half: true, box: pdf.Box{X1: v.Width / 2, Y1: v.Height}}
	right := leaf{page: v, half: true, box: pdf.Box{X0: v.Width / 2, X1: v.Width, Y1: v.Height}}
	for i, w := range v.Words {
		if w.Box.X0+w.Box.X1 < v.Width {
			left.words = append(left.words, i)
		} else {
			right.words = append(right.words, i)
		}
	}
	return []leaf{left, right}
}

// Spreads returns the printed pages that a booklet's sheets show again, and nothing
// else of the structure: what is not to be read twice.
func Spreads(pages []pdf.Page) []Double {
	if !slices.ContainsFunc(pages, func(p pdf.Page) bool { return p.Width >= spreadRatio*p.Height }) {
		return nil
	}
	all := make([]*page, len(pages))
	for i := range pages {
		all[i] = newPage(&pages[i])
	}
	markFurniture(all)
	d := &Document{}
	d.doubles(all)
	return d.Doubles
}

// Holds reports whether a box, such as that of a word, lies in the repetition.
func (x *Double) Holds(page int, b pdf.Box) bool {
	if x.Page != page {
		return false
	}
	mx, my := (b.X0+b.X1)/2, (b.Y0+b.Y1)/2
	return x.Box == pdf.Box{} || mx >= x.Box.X0 && mx < x.Box.X1 && my >= x.Box.Y0 && my < x.Box.Y1
}

// doubled reports whether a box of the page is only printed again.
func (v *page) doubled(b pdf.Box) bool {
	return slices.ContainsFunc(v.doubles, func(x Double) bool { return x.Holds(v.Number, b) })
}

// doubles finds the printed pages that a booklet's sheets show again: one half is
// the same as the other, or as another page. Pages that stand alone are never
// doubles of each other: two drawings may have the same labels.
func (d *Document) doubles(pages []*page) {
	if !slices.ContainsFunc(pages, (*page).isSpread) {
		return
	}
	var leaves []leaf
	for _, v := range pages {
		leaves = append(leaves, v.leaves()...)
	}
	seed := maphash.MakeSeed()
	shingles := make([][]uint64, len(leaves))
	owners := map[uint64][]int{} // of each shingle: the leaves that have it
	for i := range leaves {
		shingles[i] = leaves[i].shingles(seed)
		for _, s := range shingles[i] {
			if o := owners[s]; len(o) == 0 || o[len(o)-1] != i {
				owners[s] = append(o, i)
			}
		}
	}
	repeats := make([]bool, len(leaves))
	// Whole pages are the print that is kept, before halves.
	order := make([]int, 0, len(leaves))
	for _, half := range []bool{false, true} {
		for i := range leaves {
			if leaves[i].half == half {
				order = append(order, i)
			}
		}
	}
	rank := make([]int, len(leaves))
	for at, i := range order {
		rank[i] = at
	}
	for _, i := range order {
		if !leaves[i].half || len(leaves[i].words) < doubleWords {
			continue
		}
		common := map[int]int{}
		for _, s := range shingles[i] {
			for _, o := range owners[s] {
				if rank[o] < rank[i] && !repeats[o] {
					common[o]++
				}
			}
		}
		best := -1
		for o, n := range common {
			if least := doubleShare * float64(max(len(shingles[i]), len(shingles[o]))); float64(n) >= least && (best < 0 || n > common[best] || n == common[best] && o < best) {
				best = o
			}
		}
		if best < 0 {
			continue
		}
		repeats[i] = true
		v := leaves[i].page
		x := Double{Page: v.Number, Box: leaves[i].box, Of: leaves[best].page.Number, From: leaves[best].box, Kind: DoubleSpread}
		d.Doubles, v.doubles = append(d.Doubles, x), append(v.doubles, x)
	}
}

// shingles are the hashes of each few words in a row, folded, without running
// heads and without repetition.
func (l *leaf) shingles(seed maphash.Seed) []uint64 {
	var words []string
	for _, w := range l.words {
		if line := l.page.lineOf[w]; line >= 0 && !l.page.furniture[line] {
			words = append(words, folded(l.page.Words[w].Text))
		}
	}
	var out []uint64
	var h maphash.Hash
	h.SetSeed(seed)
	for i := 0; i+shingle <= len(words); i++ {
		h.Reset()
		for _, w := range words[i : i+shingle] {
			_, _ = h.WriteString(w)
			_ = h.WriteByte(0)
		}
		out = append(out, h.Sum64())
	}
	slices.Sort(out)
	return slices.Compact(out)
}
