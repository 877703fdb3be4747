package search

import (
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// leastConfidence is how sure OCR must be of a number: a wrong part is ordered
// from a wrong digit. Of 434 numbers in scans it was surer than that of all right
// ones but one, and of two in eight wrong ones.
const leastConfidence = 82

// partReader collects the rows of the parts lists of a manual.
type partReader struct {
	sheets   sheets
	document *structure.Document
	rows     []PartRow
	doubtful int // rows that were left out
	taken    map[ref]bool
}

// readParts returns the rows of a manual's parts lists in the order of its pages,
// and how many were left out because the pages do not tell for certain what
// belongs together.
func readParts(s sheets, d *structure.Document) ([]PartRow, int) {
	r := &partReader{sheets: s, document: d, taken: map[ref]bool{}}
	for i := range d.Tables {
		r.table(&d.Tables[i])
	}
	r.lists()
	slices.SortStableFunc(r.rows, func(a, b PartRow) int { return a.Page - b.Page })
	r.compose()
	return r.rows, r.doubtful
}

// partSegment are the rows of a table under one row of headings.
type partSegment struct {
	table     *structure.Table
	from      int // index into the table's rows
	to        int
	roles     []structure.Role
	heads     []string // as printed
	columns   []extent // of what stands in the columns; zero where nothing does
	number    int      // column of the part numbers
	numbers   []int    // those of part numbers per model, when there are several
	models    [][]ref  // what they are headed with
	others    []int
	describes int     // column of the descriptions, -1 for none
	shape     string  // of most numbers, "" when they have many
	pattern   string  // the same, with digits told from letters
	inner     [][]ref // by column: a second heading that stands in the first row
	title     []ref
	named     bool // the headings say that it is a list of parts
	grouped   bool // it has rows that are headings
}

func (r *partReader) table(t *structure.Table) {
	switch t.Kind {
	case structure.KindCodes, structure.KindTroubleshooting, structure.KindContents, structure.KindSettings:
		return
	default:
	}
	n := len(t.Columns)
	if n < 2 {
		return
	}
	current := partSegment{table: t, roles: make([]structure.Role, n), heads: make([]string, n)}
	for k := range t.Columns {
		c := &t.Columns[k]
		parts := strings.Split(c.Heading, " › ")
		current.heads[k] = c.Heading
		current.roles[k] = c.Role
		for i := len(parts) - 1; i >= 0; i-- {
			if role := partHeading(parts[i]); role != structure.RoleOther {
				if c.Role == structure.RoleOther || c.Role == structure.RoleParameter || c.Role == structure.RoleCause || role == roleNote {
					current.roles[k] = role
				}
				break
			}
		}
	}
	if t.Columns[0].Heading != "" && t.Columns[0].Role == structure.RoleOther && len(t.Columns[0].Words) > 0 {
		current.title = r.sheets.refs(t.Columns[0].Words[0])
	}
	r.innerHeadings(&current)
	var above []ref // the first cell of the row above
	for i := current.from; i < len(t.Rows); i++ {
		roles, heads, ok := r.headingRow(&t.Rows[i])
		if ok {
			current.to = i
			if above != nil && current.to > current.from {
				current.to-- // the title of the next
			}
			r.segment(&current)
			next := partSegment{table: t, from: i + 1, roles: roles, heads: heads, title: current.title}
			if above != nil && i > 0 {
				next.title = above
			}
			current = next
		}
		above = nil
		if c := &t.Rows[i].Cells[0]; !c.Empty() && c.Columns < n && lettered(c.Text) && !strings.HasSuffix(c.Text, ".") {
			above = r.sheets.refs(c.Words...)
		}
	}
	current.to = len(t.Rows)
	r.segment(&current)
}

// innerHeadings takes a first row that stands only under a heading over several
// columns for the headings of these: the models of "Part number".
func (r *partReader) innerHeadings(g *partSegment) {
	if len(g.table.Rows) < 2 {
		return
	}
	inner := make([][]ref, len(g.roles))
	n := 0
	for k := range g.table.Rows[0].Cells {
		c := &g.table.Rows[0].Cells[k]
		if c.Empty() || c.Columns == 0 {
			continue
		}
		shared := g.heads[k] != "" && (k > 0 && g.heads[k-1] == g.heads[k] || k+1 < len(g.heads) && g.heads[k+1] == g.heads[k])
		if _, number := spelled(strings.Fields(c.Text)); !shared || number || !lettered(c.Text) {
			return
		}
		inner[k] = r.sheets.refs(c.Words...)
		n++
	}
	if n < 2 {
		return
	}
	for k, words := range inner {
		if len(words) > 0 {
			g.heads[k] += " › " + r.sheets.text(words)
		}
	}
	g.inner, g.from = inner, 1
}

// headingRow reports whether a row between others has headings: the list goes on
// with another part of it.
func (r *partReader) headingRow(row *structure.Row) (roles []structure.Role, heads []string, ok bool) {
	known := map[structure.Role]bool{}
	roles, heads = make([]structure.Role, len(row.Cells)), make([]string, len(row.Cells))
	for k := range row.Cells {
		c := &row.Cells[k]
		roles[k] = structure.RoleOther
		if c.Empty() || c.Columns == 0 {
			continue
		}
		if c.Above {
			return nil, nil, false
		}
		if fields := strings.Fields(c.Text); len(fields) <= 2 && slices.ContainsFunc(fields, strongNumber) {
			return nil, nil, false
		}
		heads[k], roles[k] = c.Text, partHeading(c.Text)
		switch roles[k] {
		case structure.RoleItem, structure.RolePartNumber, structure.RoleMeaning, structure.RoleQuantity, structure.RoleCode, roleNote:
			known[roles[k]] = true
		default:
		}
	}
	return roles, heads, len(known) >= 2 && !r.numbered(row)
}

// numbered reports whether a cell of a row is the number of an item.
func (r *partReader) numbered(row *structure.Row) bool {
	return slices.ContainsFunc(row.Cells, func(c structure.Cell) bool {
		text, ok := cleanItem(c.Text)
		return ok && textnorm.HasDigit(text)
	})
}

// settle finds the columns of numbers and of descriptions. It reports whether the
// rows are those of a parts list.
func (g *partSegment) settle(r *partReader) bool {
	if g.to <= g.from {
		return false
	}
	n := len(g.roles)
	filled, strong, weak, words, items := make([]int, n), make([]int, n), make([]int, n), make([]int, n), make([]int, n)
	shapes := make([]map[string]int, n)
	for k := range shapes {
		shapes[k] = map[string]int{}
	}
	patterns := make([]map[string]int, n)
	distinct := make([]map[string]bool, n)
	for i := g.from; i < g.to; i++ {
		for k := range g.table.Rows[i].Cells {
			c := &g.table.Rows[i].Cells[k]
			if c.Empty() || c.Columns == 0 || c.Above {
				continue
			}
			filled[k]++
			fields := strings.Fields(c.Text)
			number, ok := spelled(fields)
			if distinct[k] == nil {
				distinct[k] = map[string]bool{}
			}
			if !ok && len(fields) > 1 && !slices.ContainsFunc(fields, func(f string) bool { return !isOrderNumber(f) }) {
				number, ok = fields[0], true // of several rows
				for _, f := range fields {
					distinct[k][f] = true
				}
			}
			if ok {
				weak[k]++
				shapes[k][numberShape(number)]++
				if patterns[k] == nil {
					patterns[k] = map[string]int{}
				}
				patterns[k][numberPattern(number)]++
				distinct[k][number] = true
				if strongNumber(strings.ReplaceAll(number, " ", "")) {
					strong[k]++
				}
			}
			if _, ok := cleanItem(c.Text); ok {
				items[k]++
			} else if lettered(c.Text) {
				words[k]++
			}
		}
	}
	g.number, g.describes = -1, -1
	for k, role := range g.roles {
		head := partHeading(lastHeading(g.heads[k])) == structure.RolePartNumber || partHeading(firstHeading(g.heads[k])) == structure.RolePartNumber
		switch {
		case filled[k] == 0:
		case head && 10*weak[k] >= 4*filled[k]:
			if g.number < 0 {
				g.number = k
			}
			g.named, g.roles[k] = true, structure.RolePartNumber
		case role == structure.RolePartNumber, role == structure.RoleCode && 10*items[k] < 7*filled[k]:
			g.named = g.named || 10*strong[k] >= 7*filled[k]
			g.roles[k] = structure.RoleOther // settled by content
		case role == structure.RoleCode && 10*items[k] >= 7*filled[k]:
			g.roles[k] = structure.RoleItem // "Ref. No"
		case role == structure.RoleMeaning && words[k] > 0 && (g.describes < 0 || words[k] > words[g.describes]):
			g.describes = k
		}
	}
	for k := range g.roles { // by content
		unitless := g.table.Columns[k].Unit.Text == ""
		if g.roles[k] != structure.RolePartNumber && g.roles[k] != structure.RoleQuantity && g.roles[k] != structure.RoleModel && g.roles[k] != structure.RoleItem &&
			unitless && filled[k] > 0 && 10*strong[k] >= 7*filled[k] && len(distinct[k]) >= 2 && mostOf(shapes[k], weak[k]) != "" &&
			(g.named || g.describes >= 0 || strong[k] >= 4) {
			g.roles[k] = structure.RolePartNumber
			if g.number < 0 {
				g.number = k
			}
		}
	}
	if g.number < 0 {
		return false
	}
	if g.describes < 0 {
		best := 0
		for k := range g.roles {
			if g.roles[k] == structure.RoleOther && words[k] > best && 2*words[k] > filled[k] {
				g.describes, best = k, words[k]
			}
		}
	}
	if g.describes < 0 && !g.named {
		return false
	}
	// Without a heading that says so, it takes a long list, one with items, or a page
	// that speaks of parts.
	if !g.named && g.table.Kind != structure.KindParts && strong[g.number] < 6 && !slices.Contains(g.roles, structure.RoleItem) && !r.aboutParts(g) {
		return false
	}
	if !slices.Contains(g.roles, structure.RoleItem) && g.number > 0 && g.describes != 0 && filled[0] > 0 && 10*items[0] >= 7*filled[0] {
		g.roles[0] = structure.RoleItem
	}
	g.shape, g.pattern = mostOf(shapes[g.number], weak[g.number]), mostOf(patterns[g.number], weak[g.number])
	g.perModel()
	for k, role := range g.roles {
		if role == structure.RolePartNumber && k != g.number && !slices.Contains(g.numbers, k) {
			g.others = append(g.others, k)
		}
	}
	return true
}

// mostOf returns the shape of at least seven in ten, "" when there is none.
func mostOf(shapes map[string]int, n int) string {
	for s, k := range shapes {
		if 10*k >= 7*n {
			return s
		}
	}
	return ""
}

func firstHeading(heading string) string { first, _, _ := strings.Cut(heading, " › "); return first }

func lastHeading(heading string) string {
	parts := strings.Split(heading, " › ")
	return parts[len(parts)-1]
}

// perModel finds the columns of numbers that one heading spans over, each for a
// model of its own.
func (g *partSegment) perModel() {
	outer, inner, ok := strings.Cut(g.heads[g.number], " › ")
	if !ok || inner == "" {
		return
	}
	for k := g.number; k < len(g.roles); k++ {
		o, i, _ := strings.Cut(g.heads[k], " › ")
		if g.roles[k] != structure.RolePartNumber || o != outer || i == "" || k > g.number && i == inner {
			break
		}
		g.numbers = append(g.numbers, k)
	}
	if len(g.numbers) < 2 {
		g.numbers = nil
	}
}

// aboutParts reports whether the page of a list speaks of parts before it begins.
func (r *partReader) aboutParts(g *partSegment) bool {
	at := g.table.Rows[g.from].At[0]
	if i := g.table.Section; i >= 0 && i < len(r.document.Sections) && r.document.Sections[i].Type == structure.SectionParts {
		return true
	}
	return r.speaksOfParts(at.Page)
}

func (r *partReader) speaksOfParts(page int) bool {
	for _, w := range r.sheets[page].Words {
		if slices.Contains(partWordsOfPages, strings.Trim(textnorm.Fold(w.Text), ".,:;()")) {
			return true
		}
	}
	return false
}

// measure notes where the columns' words lie, from the cells that span nothing.
func (g *partSegment) measure(s sheets) {
	g.columns = make([]extent, len(g.roles))
	seen := make([]bool, len(g.roles))
	note := func(k int, refs []ref) {
		if len(refs) == 0 {
			return
		}
		e := s.around(refs)
		if !seen[k] {
			g.columns[k], seen[k] = e, true
			return
		}
		g.columns[k].from, g.columns[k].to = min(g.columns[k].from, e.from), max(g.columns[k].to, e.to)
	}
	for i := g.from; i < g.to; i++ {
		for k := range g.table.Rows[i].Cells {
			if c := &g.table.Rows[i].Cells[k]; c.Columns == 1 && !c.Above {
				note(k, s.refs(c.Words...))
			}
		}
	}
	for k := range g.table.Columns {
		if words := g.table.Columns[k].Words; len(words) > 0 && !seen[k] {
			note(k, s.refs(words[len(words)-1]))
		}
	}
}

// notes that stand in a cell below what it names.
var noteStart = regexp.MustCompile(`(?i)^(?:note|notes|hinweis|nota|remarque|anmerkung|opmerking|important|caution|warning|wichtig|achtung)\s?:$`)

// withoutNote cuts a description at a note that begins a line of its cell.
func (s sheets) withoutNote(refs []ref) []ref {
	for i, w := range refs {
		if noteStart.MatchString(s.word(w).Text) && (i == 0 || s.line(refs[i-1]) != s.line(w)) {
			return refs[:i]
		}
	}
	return refs
}
