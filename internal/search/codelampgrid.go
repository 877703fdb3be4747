package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Patterns of several lamps stand in tables with a column for each lamp and a mark
// in its cell where it is lit or flashes; what a filled mark means and what a hollow
// one is told by a legend. Without one the row says only which marks are there.

// lampMarks are the signs that stand for lamps; the text layer has some as letters.
const lampMarks = "●○◯◉◎◐◑⚫⚪"

// lampMark returns the sign that a word is, 0 when it is none.
func lampMark(word string) rune {
	if r, n := utf8.DecodeRuneInString(word); n == len(word) && strings.ContainsRune(lampMarks, r) {
		return r
	}
	return 0
}

const (
	// minPatterns is how many rows of a table of patterns have marks, and minMarked
	// how many of its columns.
	minPatterns, minMarked = 3, 2
	// legendLines is how far a legend is from its table, in heights of a line, and
	// legendGap how far apart its words are.
	legendLines, legendGap = 5, 1.5
)

// numberedLamp is the name of one of several lamps: LED5, L2, D12.
var numberedLamp = regexp.MustCompile(`^(\p{L}+)\d{1,2}$`)

// lampGrid adds the rows of a table of patterns; false when t is none.
func (c *codeReader) lampGrid(p *pdf.Page, t *pdf.Table, section, language string) bool {
	head, columns := markedColumns(p, t)
	if head < 0 {
		return false
	}
	legend := lampLegend(p, t)
	lamps := 0
	for _, k := range columns {
		if namesLamp(t.Rows[head].Cells[k].Text) {
			lamps++
		}
	}
	// Marks say what a model has, too.
	if 2*lamps < len(columns) && len(legend) == 0 {
		return false
	}
	roles := make([]Role, len(t.Rows[head].Cells))
	for k := range roles {
		roles[k] = HeaderRole(t.Rows[head].Cells[k].Text)
		if roles[k] == RoleCode || roles[k] == RoleSymptom {
			roles[k] = RoleMeaning
		}
	}
	if first := slices.IndexFunc(roles, func(r Role) bool { return r == RoleMeaning }); first < 0 {
		for k := range roles {
			if !slices.Contains(columns, k) {
				roles[k] = RoleMeaning // what the pattern stands for
				break
			}
		}
	}
	for _, r := range t.Rows[head+1:] {
		row := CodeRow{Form: FormLamp, Page: p.Number, LastPage: p.Number, Section: section, Language: language}
		var parts []string
		var said []int // the words of the legend that tell what the row's marks mean
		for _, k := range columns {
			if k >= len(r.Cells) || len(r.Cells[k].Words) != 1 {
				continue
			}
			w := r.Cells[k].Words[0]
			mark := lampMark(p.Words[w].Text)
			if mark == 0 {
				continue
			}
			name, state := textnorm.Clean(t.Rows[head].Cells[k].Text), string(mark)
			if l, ok := legend[mark]; ok {
				state = l.state
				if !slices.Contains(said, l.words[0]) {
					said = append(said, l.words...)
				}
			}
			parts = append(parts, name+" "+state)
			row.Fields = append(row.Fields, Field{Role: RoleCode, Header: name, Words: []int{w}})
		}
		if len(parts) == 0 {
			continue
		}
		for k := range r.Cells {
			if k < len(roles) && !slices.Contains(columns, k) && len(r.Cells[k].Words) > 0 {
				row.Fields = append(row.Fields, Field{Role: roles[k], Header: textnorm.Clean(t.Rows[head].Cells[k].Text), Words: r.Cells[k].Words})
			}
		}
		if len(said) > 0 {
			row.Fields = append(row.Fields, Field{Role: RoleOther, Words: said})
		}
		row.Code = strings.Join(parts, ", ")
		row.Key = codeKey(row.Code)
		c.rows = append(c.rows, row)
	}
	return true
}

// markedColumns returns the columns whose cells hold nothing but marks and the row
// of their headings, -1 when the table has none.
func markedColumns(p *pdf.Page, t *pdf.Table) (head int, columns []int) {
	head = -1
	rows := 0
	for i, r := range t.Rows {
		marked := slices.ContainsFunc(r.Cells, func(c pdf.Cell) bool {
			return len(c.Words) == 1 && lampMark(p.Words[c.Words[0]].Text) != 0
		})
		if marked && head < 0 {
			head = i - 1
		}
		if marked {
			rows++
		}
	}
	if head < 0 || rows < minPatterns {
		return -1, nil
	}
	for k := range t.Rows[head].Cells {
		marks, others := 0, 0
		for _, r := range t.Rows[head+1:] {
			switch {
			case k >= len(r.Cells) || len(r.Cells[k].Words) == 0:
			case len(r.Cells[k].Words) == 1 && lampMark(p.Words[r.Cells[k].Words[0]].Text) != 0:
				marks++
			default:
				others++
			}
		}
		if marks > 0 && others == 0 && len(t.Rows[head].Cells[k].Words) > 0 {
			columns = append(columns, k)
		}
	}
	if len(columns) < minMarked {
		return -1, nil
	}
	return head, columns
}

// namesLamp reports whether a heading is the name of a lamp.
func namesLamp(heading string) bool {
	return slices.ContainsFunc(textnorm.Tokens(heading), func(t string) bool {
		if m := numberedLamp.FindStringSubmatch(t); m != nil {
			t = m[1]
		}
		return slices.Contains(lampNouns, t)
	})
}

// lampMeaning is what a legend says of a mark.
type lampMeaning struct {
	state string // without the lamp's name
	words []int  // with the mark
}

// lampLegend finds what marks mean in the lines around a table: a mark, a sign such
// as a colon, and what the lamp does. A mark that is explained twice means nothing.
func lampLegend(p *pdf.Page, t *pdf.Table) map[rune]lampMeaning {
	out := map[rune]lampMeaning{}
	in := tableWords(p)
	for i, l := range p.Lines {
		h := l.Box.Y1 - l.Box.Y0
		if l.Count < 2 || l.Cipher || in[l.First] || l.Box.Y0 > t.Box.Y1+legendLines*h || l.Box.Y1 < t.Box.Y0-legendLines*h {
			continue
		}
		words := lineWords(p, i)
		for k, w := range words {
			mark := lampMark(p.Words[w].Text)
			if mark == 0 {
				continue
			}
			end := k + 1
			for end < len(words) && lampMark(p.Words[words[end]].Text) == 0 && p.Words[words[end]].Box.X0-p.Words[words[end-1]].Box.X1 < legendGap*h {
				end++
			}
			var state []string
			for _, s := range words[k+1 : end] {
				if text := trimSigns(p.Words[s].Text); text != "" && !namesLamp(text) {
					state = append(state, text)
				}
			}
			text := strings.Join(state, " ")
			if !lampState(state) {
				continue
			}
			if o, ok := out[mark]; ok && o.state != text {
				return nil
			}
			out[mark] = lampMeaning{text, words[k:end]}
		}
	}
	return out
}
