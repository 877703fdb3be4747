package demo

// List is a table of a manual as it was typeset: what reading it has to give.
type List struct {
	FileName string // of its manual
	Caption  string // without its number
	Head     []string
	Rows     []ListRow
}

// ListRow is a row of a List. Cells that go on from the row above hold its text.
type ListRow struct {
	Group string // the subheading that it stands under, "" for none
	Cells []string
}

// Lists returns the captioned tables of the demo library in printed order.
func Lists() []List {
	var out []List
	for _, e := range editions() {
		for _, chapter := range e.content {
			for _, b := range chapter {
				if t, ok := b.(table); ok && t.caption != "" && t.head != nil {
					out = append(out, t.list(e.manual.FileName))
				}
			}
		}
	}
	return out
}

func (t table) list(file string) List {
	l := List{FileName: file, Caption: t.caption, Head: t.head}
	group := ""
	for _, row := range t.rows {
		if len(row) == 1 {
			group = row[0]
			continue
		}
		r := ListRow{Group: group, Cells: make([]string, len(row))}
		for k, text := range row {
			if text == above {
				text = l.Rows[len(l.Rows)-1].Cells[k]
			}
			r.Cells[k] = text
		}
		l.Rows = append(l.Rows, r)
	}
	return l
}
