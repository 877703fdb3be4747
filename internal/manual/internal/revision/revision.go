// Package revision compares manuals: how much of the text of one stands in another,
// which of two is the newer, and whether they are for the same serial numbers.
//
// It reads what pages print and nothing else. It does not decide what a difference
// means: a person does.
package revision

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	// fewestWords is how many words a page needs to be compared: "This page is left
	// blank" is in every manual.
	fewestWords = 8
	// sketchSize is the length of a sketch: the likeness of two pages is known to
	// about one in its square root.
	sketchSize = 32
	// alike is the share of equal parts of two sketches from which on one page is taken
	// for a changed form of the other. Pages of different text share next to nothing.
	alike = 0.4
)

// Print is what the text of one page is compared by.
type Print struct {
	Page   int     // PDF page number
	Hash   int64   // of its words without case and typography
	Sketch []int32 // MinHash of its triples of words (Broder, "On the resemblance and containment of documents", 1997)
}

// Prints returns the prints of the pages that have enough text.
func Prints(pages []pdf.Page) []Print {
	var out []Print
	for i := range pages {
		p := &pages[i]
		words := make([]string, 0, len(p.Words))
		for _, w := range p.Words {
			if f := textnorm.Fold(w.Text); f != "" {
				words = append(words, f)
			}
		}
		if len(words) < fewestWords {
			continue
		}
		sum := sha256.Sum256([]byte(strings.Join(words, " ")))
		out = append(out, Print{Page: p.Number, Hash: int64(binary.BigEndian.Uint64(sum[:])), Sketch: sketch(words)})
	}
	return out
}

// sketch keeps for each of several orders of all triples the first that occurs.
func sketch(words []string) []int32 {
	least := [sketchSize]uint32{}
	for i := range least {
		least[i] = 1<<32 - 1
	}
	h := fnv.New64a()
	for i := 0; i+3 <= len(words); i++ {
		h.Reset()
		for _, w := range words[i : i+3] {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		x := h.Sum64()
		for k := range least {
			// An order of its own for each k: splitmix64's finaliser of another start.
			z := x + uint64(k+1)*0x9e3779b97f4a7c15
			z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
			z = (z ^ z>>27) * 0x94d049bb133111eb
			least[k] = min(least[k], uint32((z^z>>31)>>32))
		}
	}
	out := make([]int32, sketchSize)
	for i, v := range least {
		out[i] = int32(v)
	}
	return out
}

// Overlap counts the pages with text that two manuals share.
type Overlap struct {
	Same    int `json:"same"`    // with the same words
	Similar int `json:"similar"` // changed
	OnlyOld int `json:"only_predecessor"`
	OnlyNew int `json:"only_successor"`
}

// Compare pairs the pages of two manuals, each with one at most: those with the same
// words first, then those that are alike.
func Compare(older, newer []Print) Overlap {
	var o Overlap
	left := map[int64]int{}
	for _, p := range older {
		left[p.Hash]++
	}
	var rest []Print // of the newer
	for _, p := range newer {
		if left[p.Hash] > 0 {
			left[p.Hash]--
			o.Same++
			continue
		}
		rest = append(rest, p)
	}
	var changed []Print // of the older
	for _, p := range older {
		if left[p.Hash] > 0 {
			left[p.Hash]--
			changed = append(changed, p)
		}
	}
	for _, p := range rest {
		best, most := -1, alike
		for i := range changed {
			if l := likeness(p.Sketch, changed[i].Sketch); l >= most && (best < 0 || l > most) {
				best, most = i, l
			}
		}
		if best >= 0 {
			o.Similar++
			changed = slices.Delete(changed, best, best+1)
		}
	}
	o.OnlyNew = len(newer) - o.Same - o.Similar
	o.OnlyOld = len(older) - o.Same - o.Similar
	return o
}

// likeness estimates the share of triples that two pages have in common.
func likeness(a, b []int32) float64 {
	if len(a) != sketchSize || len(b) != sketchSize {
		return 0 // of a version that sketched otherwise
	}
	n := 0
	for i := range a {
		if a[i] == b[i] {
			n++
		}
	}
	return float64(n) / sketchSize
}

// Share is the part of the pages that the two have in common, changed ones included,
// of the manual that has more: 0 to 1.
func (o Overlap) Share() float64 {
	shared := o.Same + o.Similar
	return float64(shared) / float64(max(1, shared+max(o.OnlyOld, o.OnlyNew)))
}

// SameText reports whether the two have the same text, but for one page in twenty.
func (o Overlap) SameText() bool {
	total := o.Same + o.Similar + max(o.OnlyOld, o.OnlyNew)
	return o.Same > 0 && 20*o.Same >= 19*total
}

var (
	letterRevision = regexp.MustCompile(`(?:^|[^\p{L}\p{N}])(\p{L})(\d{0,2})$`)
	numberRevision = regexp.MustCompile(`(?:^|[^\p{N}])(\d+(?:[.]\d+)*)$`)
)

// CompareRevisions returns -1 when a is the older of two printed revisions, 1 when it
// is the newer, and 0 when they are the same or cannot be compared: "Rev. B" and
// "Version 3".
func CompareRevisions(a, b string) int {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	if da, db := date(a), date(b); da != "" && db != "" {
		return CompareDates(da, db)
	}
	if x, y := letterRevision.FindStringSubmatch(a), letterRevision.FindStringSubmatch(b); x != nil && y != nil {
		xn, _ := strconv.Atoi(x[2]) // "" is the one before 1
		yn, _ := strconv.Atoi(y[2])
		return cmp.Or(strings.Compare(strings.ToUpper(x[1]), strings.ToUpper(y[1])), cmp.Compare(xn, yn))
	}
	x, y := numberRevision.FindStringSubmatch(a), numberRevision.FindStringSubmatch(b)
	if x == nil || y == nil || date(a) != date(b) {
		return 0
	}
	return slices.CompareFunc(strings.Split(x[1], "."), strings.Split(y[1], "."), func(p, q string) int {
		p, q = strings.TrimLeft(p, "0"), strings.TrimLeft(q, "0")
		return cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q))
	})
}
