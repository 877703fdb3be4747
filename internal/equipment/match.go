package equipment

import (
	"cmp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// entry is a model with the keys it is found by.
type entry struct {
	Model
	makerKey string
	key      string
	aliases  []string
	manuals  bool // it has some, read or not
}

func hasManuals(e entry) bool { return e.manuals }

type catalogue []entry

// find returns the models that are meant, by the first rule that finds any.
func (c catalogue) find(makerKey, nameKey string) []Model {
	for _, scope := range c.scopes(makerKey, nameKey) {
		for _, rule := range []func(string) []Model{scope.c.named, scope.c.aliased, scope.c.continued, scope.c.shortened} {
			if found := rule(scope.nameKey); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

type scope struct {
	c       catalogue
	nameKey string
}

// scopes returns where to look, the surest first.
func (c catalogue) scopes(makerKey, nameKey string) []scope {
	if makerKey != "" {
		same := c.filter(func(e entry) bool { return e.makerKey == makerKey })
		like := c.filter(func(e entry) bool { return similarMaker(e.makerKey, makerKey) })
		out := []scope{{same, nameKey}, {like, nameKey}}
		if rest, ok := strings.CutPrefix(nameKey, makerKey); ok && rest != "" {
			out = append(out, scope{like, rest})
		}
		return out
	}
	out := []scope{{c, nameKey}}
	seen := map[string]bool{}
	for _, e := range c {
		if rest, ok := strings.CutPrefix(nameKey, e.makerKey); ok && rest != "" && !seen[e.makerKey] {
			seen[e.makerKey] = true
			out = append(out, scope{c.filter(func(o entry) bool { return o.makerKey == e.makerKey }), rest})
		}
	}
	return out
}

func (c catalogue) filter(keep func(entry) bool) catalogue {
	var out catalogue
	for _, e := range c {
		if keep(e) {
			out = append(out, e)
		}
	}
	return out
}

// similarMaker accepts a name that is typed short or with more words than the
// library has: "Mitsubishi", "Mitsubishi Electric Europe".
func similarMaker(known, typed string) bool {
	return min(len(known), len(typed)) >= 3 && (strings.HasPrefix(known, typed) || strings.HasPrefix(typed, known))
}

func (c catalogue) named(key string) []Model {
	return c.models(func(e entry) bool { return e.key == key })
}

func (c catalogue) aliased(key string) []Model {
	return c.models(func(e entry) bool { return slices.Contains(e.aliases, key) })
}

// continued finds the models whose name or alias is the longest beginning of key.
func (c catalogue) continued(key string) []Model {
	longest := 0
	length := func(e entry) int {
		n := 0
		for _, k := range e.keys() {
			if len(k) > n && telling(k) && continues(key, k) {
				n = len(k)
			}
		}
		return n
	}
	for _, e := range c {
		longest = max(longest, length(e))
	}
	if longest == 0 {
		return nil
	}
	return c.models(func(e entry) bool { return length(e) == longest })
}

func (c catalogue) shortened(key string) []Model {
	if !telling(key) {
		return nil
	}
	return c.models(func(e entry) bool {
		return slices.ContainsFunc(e.keys(), func(k string) bool { return continues(k, key) })
	})
}

func (c catalogue) models(keep func(entry) bool) []Model {
	var out []Model
	for _, e := range c {
		if keep(e) {
			out = append(out, e.Model)
		}
	}
	return out
}

// withManuals returns those of the models that have manuals.
func (c catalogue) withManuals(models []Model) []Model {
	return c.models(func(e entry) bool { return e.manuals && slices.Contains(models, e.Model) })
}

func (e entry) keys() []string { return append([]string{e.key}, e.aliases...) }

// telling reports whether a key says enough to stand for a longer one.
func telling(key string) bool { return len(key) >= 3 && strings.ContainsAny(key, "0123456789") }

// continues reports whether long begins with short and goes on after a whole
// number.
func continues(long, short string) bool {
	if len(long) <= len(short) || !strings.HasPrefix(long, short) {
		return false
	}
	return !digit(long[len(short)]) || !digit(short[len(short)-1])
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

// closest returns the n models with manuals whose names are most like the asked one.
func (c catalogue) closest(makerKey, nameKey string, n int) []Model {
	type scored struct {
		Model
		score float64
	}
	var all []scored
	for _, e := range c.filter(hasManuals) {
		best := 0.0
		for _, k := range e.keys() {
			best = max(best, similarity(nameKey, k))
		}
		// Somebody who typed the name only, or everything into one field.
		best = max(best, similarity(nameKey, e.makerKey+e.key))
		if makerKey != "" && (e.makerKey == makerKey || similarMaker(e.makerKey, makerKey)) {
			best += 0.25 // the manufacturer is known: any of its models is a hint
		}
		if best >= 0.4 {
			all = append(all, scored{e.Model, best})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	out := []Model{}
	for _, s := range all[:min(n, len(all))] {
		out = append(out, s.Model)
	}
	return out
}

// similarity is 1 for equal keys and 0 for keys without anything in common: the
// edit distance in relation to the longer key, or, where one key continues the
// other, how much of it they share at the beginning.
func similarity(a, b string) float64 {
	longer := max(len(a), len(b))
	if longer == 0 {
		return 0
	}
	common := 0
	for common < min(len(a), len(b)) && a[common] == b[common] {
		common++
	}
	byEdits := 1 - float64(textnorm.EditDistance(a, b, longer))/float64(longer)
	byPrefix := 0.0
	if common >= 3 {
		byPrefix = 0.9 * float64(common) / float64(min(len(a), len(b)))
	}
	return max(byEdits, byPrefix)
}
