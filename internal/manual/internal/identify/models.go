package identify

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/equipment"
)

// models finds the models: those of the folder, else those that the file's name,
// the title or the library share with the cover, else what the cover itself
// names. To these come their siblings on the cover, which make the proposal one
// to look at.
func (d *Document) models(maker name, known Known) []name {
	found := d.folderModels(maker)
	if len(found) == 0 {
		found = d.sharedModels(maker, known)
		// A folder that names another machine speaks against what was found.
		below := max(maker.depth, len(d.hints.Folders)-1)
		contradicted := slices.ContainsFunc(d.hints.Folders[max(below, 0):], func(f string) bool { return designation(equipment.Key(f)) })
		for i := range found {
			found[i].sure = found[i].sure && !contradicted
		}
	}
	if len(found) == 0 {
		found = d.coverModels(maker, math.Inf(1))
	} else {
		found = d.withSiblings(maker, found)
	}
	for i, n := range found {
		if slices.ContainsFunc(n.places, place.continued) {
			found[i].sure = false
		}
	}
	if len(found) > maxModels {
		found = found[:maxModels]
		found[0].sure = false
	}
	return found
}

var listSeparator = regexp.MustCompile(`\s*[,;&+]\s*|\s+(?i:and|und|y|et|e)\s+`)

// folderModels confirms the innermost folder below the maker's that names models.
func (d *Document) folderModels(maker name) []name {
	for i := len(d.hints.Folders); i > maker.depth; i-- {
		folder := d.hints.Folders[i-1]
		value := d.withoutMaker(spaced(folder), maker)
		if telling(value) == "" {
			continue
		}
		parts := d.confirmAll(listSeparator.Split(value, -1), folder)
		if n, ok := d.confirm(value, folder); ok && len(parts) < 2 {
			return []name{n}
		}
		if len(parts) > 0 {
			return parts
		}
		// "PUZ-WM50_60_85": a folder's name cannot hold the slashes.
		if composite := strings.NewReplacer("_", "/").Replace(folder); strings.Contains(composite, "/") {
			if parts := d.confirmAll(equipment.Aliases(d.withoutMaker(composite, maker)), folder); len(parts) > 0 {
				return parts
			}
		}
		// "RX-280 oven": what is no word of the trade.
		var words []string
		for _, t := range tokens(value) {
			if !generic[t.key] && !d.text.lower[t.key] {
				words = append(words, t.text)
			}
		}
		if rest := strings.Join(words, " "); rest != "" && equipment.Key(rest) != equipment.Key(value) {
			if n, ok := d.confirm(rest, folder); ok {
				return []name{n}
			}
		}
	}
	return nil
}

func (d *Document) withoutMaker(value string, maker name) string {
	if rest, ok := strings.CutPrefix(strings.ToLower(value), strings.ToLower(maker.value)+" "); ok && maker.value != "" {
		return value[len(value)-len(rest):]
	}
	return value
}

// confirmAll confirms the members of a list; one that is not printed makes the
// others unsure, since the folder then speaks of something else.
func (d *Document) confirmAll(parts []string, folder string) []name {
	var out []name
	missing := false
	for _, part := range parts {
		if n, ok := d.confirm(part, folder); ok {
			out = append(out, n)
		} else if telling(part) != "" {
			missing = true
		}
	}
	for i := range out {
		out[i].sure = out[i].sure && !missing
	}
	return out
}

// confirm looks a folder's name up in the text.
func (d *Document) confirm(value, folder string) (name, bool) {
	key := equipment.Key(value)
	if len(key) < 2 || notModel.MatchString(key) {
		return name{}, false
	}
	places := d.text.find(value)
	if len(places) == 0 {
		return name{}, false
	}
	n := name{value: value, places: places}
	best := places[0]
	switch {
	case designation(key):
		n.value = best.text
		n.sure = best.line.cover || len(places) > 1
	case hasLetter(key):
		if !d.text.proper(value) || !slices.ContainsFunc(places, place.named) {
			return name{}, false // a common word: the folder sorts, it does not name
		}
		n.sure = len(key) >= 3 && best.line.cover
	default: // a number may be any number
		n.sure = d.aboutModel(best)
		if !n.sure && !d.text.prominent(best.line) {
			return name{}, false
		}
	}
	n.add(FieldModel, Folder, folder)
	if d.inFile(key) {
		n.add(FieldModel, File, d.file)
	}
	return n, true
}

// aboutModel reports whether the line says that it names models.
func (d *Document) aboutModel(p place) bool {
	return p.to > 0 && aboutModel.MatchString(joined(p.line.tokens[:p.from]))
}

// aboutPaperAt reports whether the place is the manual's own number, or a part's.
func aboutPaperAt(p place) bool {
	return p.to > 0 && aboutPaper.MatchString(joined(p.line.tokens[max(0, p.from-3):p.from])) || p.to == 0 && aboutPaper.MatchString(p.line.text)
}

// shows reports whether the cover shows the name as that of a machine.
func (d *Document) shows(places []place) bool {
	if slices.ContainsFunc(places, aboutPaperAt) {
		return false
	}
	return slices.ContainsFunc(places, func(p place) bool {
		return p.line.cover && (d.text.prominent(p.line) || d.aboutModel(p))
	})
}

// sharedModels finds the designations that the cover shows and the file's name,
// the title or the library has too.
func (d *Document) sharedModels(maker name, known Known) []name {
	var out []name
	add := func(value string, s Source, quoted string) {
		key := equipment.Key(value)
		if i := slices.IndexFunc(out, func(n name) bool { return equipment.Key(n.value) == key }); i >= 0 {
			out[i].add(FieldModel, s, quoted)
			return
		}
		places := d.text.find(value)
		if !designation(key) || len(places) == 0 || slices.ContainsFunc(places, aboutPaperAt) {
			return
		}
		// A name that is part of a longer one there is not a name of its own.
		if slices.ContainsFunc(out, func(n name) bool { return strings.Contains(equipment.Key(n.value), key) }) {
			return
		}
		n := name{value: d.spelling(places[0], maker), places: places, sure: d.shows(places)}
		if !n.sure && s != Library && !places[0].line.cover {
			return
		}
		n.add(FieldModel, s, quoted)
		out = append(out, n)
	}
	for _, m := range known.Models {
		if maker.value == "" || !sameMaker(m.Manufacturer, maker.value) {
			continue
		}
		if places := d.text.find(m.Name); len(places) > 0 && places[0].line.cover {
			before := len(out)
			add(m.Name, Library, m.Name)
			if len(out) > before {
				out[before].value = m.Name
			}
		}
	}
	longestFirst(fileTokens(d.file), func(value string) { add(d.withoutMaker(value, maker), File, d.file) })
	for _, h := range d.headings {
		longestFirst(tokens(h), func(value string) { add(d.withoutMaker(value, maker), Title, h) })
	}
	return out
}

// longestFirst calls f with each run of tokens, longer ones first.
func longestFirst(all []token, f func(string)) {
	for n := maxGram; n > 0; n-- {
		for i := 0; i+n <= len(all); i++ {
			if !generic[all[i].key] && !generic[all[i+n-1].key] {
				f(joined(all[i : i+n]))
			}
		}
	}
}

// spelling is the name as printed, without the maker's before it.
func (d *Document) spelling(p place, maker name) string { return d.withoutMaker(p.text, maker) }

// coverModels are the designations that the cover itself shows, and those in
// letters of at least this size; nothing else bears them out.
func (d *Document) coverModels(maker name, least float64) []name {
	var out []name
	for i := range d.text.lines {
		l := &d.text.lines[i]
		if !l.cover {
			continue
		}
		for k, t := range l.tokens {
			p := place{l, k, k + 1, t.text}
			if !designation(t.key) || sameMaker(t.key, maker.value) || aboutPaperAt(p) || l.size < least && !d.text.prominent(l) && !d.aboutModel(p) {
				continue
			}
			if !slices.ContainsFunc(out, func(n name) bool { return equipment.Key(n.value) == t.key }) {
				out = append(out, name{value: t.text, places: []place{p}})
			}
		}
	}
	return out
}

// withSiblings adds what the cover shows about as large as the models and looks
// like one of them: the same letters first.
func (d *Document) withSiblings(maker name, models []name) []name {
	given := models
	least := math.Inf(1)
	for _, m := range given {
		if l := m.places[0].line; l.cover {
			least = min(least, 0.7*l.size)
		}
	}
	for _, n := range d.coverModels(maker, least) {
		key := equipment.Key(n.value)
		sibling, same := false, false
		for _, m := range given {
			k := equipment.Key(m.value)
			// "RX-280" in "RX-280-SM-2" is the same machine, or its paper.
			same = same || strings.Contains(key, k) || strings.Contains(k, key)
			sibling = sibling || hasDigit(k) && alike(letters(key), letters(k))
		}
		if sibling && !same {
			models = append(models, n)
		}
	}
	return models
}

// alike reports whether two designations begin like those of one family.
func alike(a, b string) bool {
	return a != "" && a == b || len(a) >= 2 && len(b) >= 2 && a[:2] == b[:2]
}

// letters returns what a key has before its first digit.
func letters(key string) string {
	if i := strings.IndexAny(key, "0123456789"); i >= 0 {
		return key[:i]
	}
	return key
}
