package structure

import (
	"regexp"
	"strconv"
	"strings"
)

// caption matches the numbered captions of tables.
var caption = regexp.MustCompile(`(?i)^(?:tab(?:le|elle|leau|la|ella|el|\.)?|chart|tabelul|taulukko|tablo)\s*[A-Z]?\d+(?:[-–.]\d+)*\b`)

// figureOf reads the figure that a word begins with.
func figureOf(word string) (float64, bool) {
	s := strings.Trim(word, "()~≈<>≤≥°CFcf%,;:")
	s = strings.ReplaceAll(strings.Replace(s, "−", "-", 1), ",", ".")
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}
