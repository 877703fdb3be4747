package revision

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

const (
	// Dates of print stand on the first pages or on the back.
	datedFirst, datedLast = 3, 2
	earliestYear          = 1950
)

// months are their names' beginnings, folded, by number.
var months = map[string]int{
	"jan": 1, "ene": 1, "gen": 1, "feb": 2, "fév": 2, "fev": 2, "mar": 3, "mär": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mai": 5, "mag": 5,
	"jun": 6, "giu": 6, "jul": 7, "lug": 7, "aug": 8, "ago": 8, "aoû": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10, "nov": 11,
	"dec": 12, "dez": 12, "dic": 12, "déc": 12, "juin": 6, "juil": 7,
}

var (
	namedMonth = regexp.MustCompile(`(?:^|[^\p{L}])(\p{L}{3,10})\.?,?\s+(?:(?:\d{1,2}|de|del),?\s+)?((?:19|20)\d\d)(?:$|[^\d])`)
	monthYear  = regexp.MustCompile(`(?:^|[^\d./-])(0?[1-9]|1[0-2])\s?[/.-]\s?((?:19|20)\d\d)(?:$|[^\d./-])`)
	yearMonth  = regexp.MustCompile(`(?:^|[^\d./-])((?:19|20)\d\d)\s?[/.-]\s?(0[1-9]|1[0-2])(?:[/.-]\d\d?)?(?:$|[^\d./-])`)
	copyright  = regexp.MustCompile(`(?:©|\(c\)|copyright|stand:?)\s*(?:(?:19|20)\d\d\s?[-–,]\s?)?((?:19|20)\d\d)(?:$|[^\d])`)
)

// PrintedDate returns the latest date that the first and last pages print, as 2019-03
// or, where only that is told, 2019; "" for none. Dates to come are none.
func PrintedDate(pages []pdf.Page, now time.Time) string {
	latest := ""
	for i := range pages {
		if i >= datedFirst && i < len(pages)-datedLast {
			continue
		}
		p := &pages[i]
		for _, l := range p.Lines {
			d := date(lineText(p, l))
			if d != "" && d[:4] <= strconv.Itoa(now.Year()) && (latest == "" || CompareDates(d, latest) > 0) {
				latest = d
			}
		}
	}
	return latest
}

// date returns the latest date of a line.
func date(line string) string {
	line = textnorm.Fold(line)
	latest := ""
	add := func(year, month string) {
		y, _ := strconv.Atoi(year)
		if y < earliestYear {
			return
		}
		d := year
		if m, _ := strconv.Atoi(month); m > 0 {
			d = fmt.Sprintf("%s-%02d", year, m)
		}
		if latest == "" || CompareDates(d, latest) > 0 {
			latest = d
		}
	}
	for _, m := range namedMonth.FindAllStringSubmatch(line, -1) {
		if n := month(m[1]); n > 0 {
			add(m[2], strconv.Itoa(n))
		}
	}
	for _, m := range monthYear.FindAllStringSubmatch(line, -1) {
		add(m[2], m[1])
	}
	for _, m := range yearMonth.FindAllStringSubmatch(line, -1) {
		add(m[1], m[2])
	}
	for _, m := range copyright.FindAllStringSubmatch(line, -1) {
		add(m[1], "")
	}
	return latest
}

func month(name string) int {
	r := []rune(name)
	if n := months[string(r[:min(len(r), 4)])]; n > 0 {
		return n
	}
	if n := months[string(r[:3])]; n > 0 {
		for _, full := range monthNames {
			if strings.HasPrefix(full, name) {
				return n
			}
		}
	}
	return 0
}

// monthNames tell "March" from "market".
var monthNames = strings.Fields(`january february march april may june july august september october november december
januar februar märz april mai juni juli august september oktober november dezember
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janvier février fevrier mars avril mai juin juillet août aout septembre octobre novembre décembre decembre
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre sept`)

// CompareDates returns -1 when a is before b, 1 when it is after, and 0 when they are
// the same or one is unknown. A year without a month is not compared within the year.
func CompareDates(a, b string) int {
	if a == "" || b == "" {
		return 0
	}
	if len(a) != len(b) {
		a, b = a[:4], b[:4]
	}
	return strings.Compare(a, b)
}

// lineText returns a line as printed.
func lineText(p *pdf.Page, l pdf.Line) string {
	words := make([]string, 0, l.Count)
	for _, w := range p.Words[l.First : l.First+l.Count] {
		words = append(words, w.Text)
	}
	return strings.Join(words, " ")
}
