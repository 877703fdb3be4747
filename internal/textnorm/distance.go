package textnorm

// EditDistance is the optimal string alignment distance in characters: inserted,
// deleted, replaced and swapped neighbouring ones, each counted once (Damerau, "A
// technique for computer detection and correction of spelling errors", 1964). It
// is limit+1 for every larger distance.
func EditDistance(a, b string, limit int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > limit || len(y)-len(x) > limit {
		return limit + 1
	}
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for k := range above {
		above[k] = k
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		least := i
		for k := 1; k <= len(y); k++ {
			cost := 1
			if x[i-1] == y[k-1] {
				cost = 0
			}
			row[k] = min(above[k]+1, row[k-1]+1, above[k-1]+cost)
			if i > 1 && k > 1 && x[i-1] == y[k-2] && x[i-2] == y[k-1] {
				row[k] = min(row[k], before[k-2]+1)
			}
			least = min(least, row[k])
		}
		if least > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}
