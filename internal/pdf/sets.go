package pdf

// sets are numbers from 0 of which some were joined (disjoint sets with path halving).
// The smallest number of a set stands for it.
type sets []int

// newSets are n numbers, each by itself.
func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// of returns the number that stands for the set of i.
func (s sets) of(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// join makes one set of those of a and b, and returns the number that stands for it.
func (s sets) join(a, b int) int {
	a, b = s.of(a), s.of(b)
	root := min(a, b)
	s[max(a, b)] = root
	return root
}
