package search

import (
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Lamps tell faults by their colour and how they flash. What names such a row are
// the words of the pattern: "Power LED blinks 3 times", "flashing red".
var (
	// lampNouns name a lamp.
	lampNouns = strings.Fields("led leds lamp lamps light lights indicator indicators lampe lampen leuchte leuchten kontrollleuchte kontrolllampe leuchtdiode anzeige netzanzeige betriebsanzeige voyant voyants témoin témoins piloto pilotos indicador indicadores luz spia spie led-band band lampje controlelampje")
	// lampStates are colours and what a lamp does.
	lampStates = strings.Fields("on off lit unlit flash flashes flashing flashed blink blinks blinking flicker flickers flickering pulses pulsing steady steadily red green blue orange amber yellow white aus ein leuchtet blinkt blinken blinkend blinkende rot rote grün grüne blau gelb gelbe weiß dauernd dauerhaft allumé éteint clignote clignotant clignotante rouge vert bleu jaune blanc fixe encendido apagado parpadea parpadeando rojo verde azul amarillo blanco naranja fijo acceso spento lampeggia lampeggiante rosso giallo bianco fisso knippert rood groen")
	// lampWords may stand beside them: how often, how fast, and what joins them.
	lampWords = strings.Fields("solid continuous continuously permanently quickly slowly fast slow rapidly alternating alternately once twice time times x per second seconds sec s pause long short all is are not and or the a at in to with then up does period schnell langsam mal nicht und oder alle bis ist kurz lang rapide lent rapidement lentement rápido lento lentamente rapidamente veces fois volte lights")
	// lampHeads head the columns of patterns.
	lampHeads = strings.Fields("led leds lamp lamps light lights indicator indicators flash flashes flashing blinks pattern color colour lampe lampen leuchte leuchtende leuchtet farbe blinkmuster blinkcode led-band voyant témoin couleur piloto indicador color spia colore")
	// checkVerbs head the columns of what to check in tables of troubles.
	checkVerbs = strings.Fields("check verify prüfen überprüfen kontrollieren vérifier vérifiez comprobar compruebe verificare controllare controleren kontrollera kontroller sprawdź")
	// messageHeads head the columns of displayed texts.
	messageHeads = strings.Fields("message messages display displayed screen meldung meldungen anzeige displayanzeige affichage mensaje mensajes messaggio melding")
)

const (
	lampPhraseWords = 10 // a longer text is a sentence
	messageWords    = 5
)

// formOf names the form of codes that the headings of a table announce.
func formOf(heads []string) CodeForm {
	form := FormCode
	for _, h := range heads {
		tokens := textnorm.Tokens(h)
		switch {
		case len(tokens) > 4 || textnorm.HasDigit(h):
		case containsAny(tokens, lampHeads):
			return FormLamp
		case containsAny(tokens, messageHeads):
			form = FormMessage
		}
	}
	return form
}

func containsAny(tokens, words []string) bool {
	return slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(words, t) })
}

// lampState reports whether words say nothing but what a lamp does.
func lampState(words []string) bool {
	tokens := textnorm.Tokens(strings.Join(words, " "))
	return len(tokens) > 0 && len(tokens) <= lampPhraseWords && containsAny(tokens, lampStates) &&
		!slices.ContainsFunc(tokens, func(t string) bool {
			return !slices.Contains(lampStates, t) && !slices.Contains(lampWords, t) && !slices.Contains(lampNouns, t) && !textnorm.HasDigit(t)
		})
}

// lampPhrase reports whether words name a lamp and what it does.
func lampPhrase(words []string) bool {
	tokens := textnorm.Tokens(strings.Join(words, " "))
	return len(tokens) > 1 && len(tokens) <= lampPhraseWords && containsAny(tokens, lampNouns) && containsAny(tokens, lampStates)
}

// printedMessage reports whether words are a text of a display: capitals only.
func printedMessage(words []string) bool {
	text := strings.Join(words, " ")
	n := 0
	for _, r := range text {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n >= 3 && len(words) <= messageWords
}

// lampColumns finds the columns below heading row i that together tell a lamp's
// pattern: its name, its colour, how it flashes. Where there are none the table
// lists codes.
func (h *tableHeader) lampColumns(p *pdf.Page, t *pdf.Table, i int) {
	var cols []int
	stated := false // one of them tells what the lamp does
	for k, head := range h.heads {
		tokens := textnorm.Tokens(head)
		if !containsAny(tokens, lampHeads) || len(tokens) > 4 || textnorm.HasDigit(head) {
			continue
		}
		filled, named, states, codes := 0, 0, 0, 0
		for _, r := range t.Rows[i+1:] {
			words := cellWords(p, r.Cells[k])
			if len(words) == 0 || textnorm.Clean(r.Cells[k].Text) == head {
				continue // the heading of all rows, printed beside them
			}
			filled++
			if found, _ := printedCodes(words, true); len(found) > 0 && !codeNumber.MatchString(found[0]) && !lampState(words[:1]) {
				codes++
			}
			tokens := textnorm.Tokens(strings.Join(words, " "))
			if len(tokens) <= lampPhraseWords && (containsAny(tokens, lampStates) || containsAny(tokens, lampNouns) || textnorm.HasDigit(strings.Join(tokens, ""))) {
				named++
			}
			if containsAny(tokens, lampStates) {
				states++
			}
		}
		if filled == 0 || 2*codes >= filled || 4*named < 3*filled {
			continue
		}
		stated = stated || 2*states >= filled
		cols = append(cols, k)
	}
	if len(cols) == 0 || !stated {
		h.form = FormCode
		return
	}
	if h.codeCol >= 0 && !slices.Contains(cols, h.codeCol) {
		if codeShare(p, t.Rows[i+1:], h.codeCol, true) >= 0.5 {
			h.form = FormCode // the lamp is shown beside the code
			return
		}
		h.roles[h.codeCol] = RoleOther
	}
	h.codeCol, h.more = cols[0], cols[1:]
	for _, k := range cols {
		h.roles[k] = RoleCode
	}
}

// lastCode is the last of the columns that tell the code.
func (h *tableHeader) lastCode() int {
	if len(h.more) > 0 {
		return h.more[len(h.more)-1]
	}
	return h.codeCol
}

// isModelHead reports whether a column names the models that its rows are for.
func isModelHead(heading string) bool {
	tokens := textnorm.Tokens(heading)
	return len(tokens) <= 3 && containsAny(tokens, strings.Fields("model models modell modelle modelo modelos modèle modèles modello modelli"))
}

// lampLists reads the patterns of a table that is none of codes: those that a
// table of troubles names ("Indicator flashes red"), and those that the
// description of a lamp lists ("Blinking amber: The battery is low").
func (c *codeReader) lampLists(p *pdf.Page, t *pdf.Table, section, language string) {
	symptom, remedy := troubleColumns(t)
	for i, r := range t.Rows {
		row := CodeRow{Form: FormLamp, Page: p.Number, LastPage: p.Number, Section: section, Language: language}
		if symptom >= 0 && i > 0 && len(r.Cells) > max(symptom, remedy) {
			c.lampTrouble(p, row, r.Cells[symptom].Words, r.Cells[remedy].Words)
			continue
		}
		for k, cell := range r.Cells {
			name := textnorm.Tokens(cell.Text)
			if len(name) == 0 || len(name) > 5 || !slices.Contains(lampNouns, name[len(name)-1]) || k+1 >= len(r.Cells) {
				continue
			}
			for _, item := range bulletItems(p, r.Cells[k+1].Words)[1:] {
				c.lampItem(p, row, cell, item)
			}
		}
	}
}

// troubleColumns returns the columns of symptoms and of what helps in a table of
// troubles, -1 where it is none.
func troubleColumns(t *pdf.Table) (symptom, remedy int) {
	symptom, remedy = -1, -1
	if len(t.Rows) == 0 {
		return symptom, remedy
	}
	for k, cell := range t.Rows[0].Cells {
		role := HeaderRole(cell.Text)
		checks := containsAny(textnorm.Tokens(cell.Text), checkVerbs)
		switch {
		case remedy < 0 && (checks || role == RoleRemedy || role == RoleCause):
			remedy = k
		case symptom < 0 && (role == RoleSymptom || role == RoleCode):
			symptom = k
		}
	}
	if symptom < 0 || remedy < 0 {
		return -1, -1
	}
	return symptom, remedy
}

// lampTrouble adds a trouble that is a lamp's pattern. Where it has a line of its
// own, the other lines say what goes with it.
func (c *codeReader) lampTrouble(p *pdf.Page, row CodeRow, trouble, remedy []int) {
	code, meaning := trouble, []int(nil)
	if !lampPhrase(wordTexts(p, trouble)) {
		code = nil
		for _, line := range cellLines(p, trouble) {
			if code == nil && lampPhrase(wordTexts(p, line)) {
				code = line
			} else {
				meaning = append(meaning, line...)
			}
		}
	}
	items := bulletItems(p, remedy)
	if code == nil || len(remedy) == 0 {
		return
	}
	row.Fields = append(row.Fields, Field{Role: RoleCode, Words: code})
	if lines := cellLines(p, code); len(lines) > 1 && len(meaning) == 0 && !lampPhrase(wordTexts(p, lines[0])) && lampPhrase(wordTexts(p, lines[len(lines)-1])) {
		// "No picture" above "Power LED is lit".
		row.Fields[0].Words, meaning = lines[len(lines)-1], slices.Concat(lines[:len(lines)-1]...)
	}
	if len(meaning) == 0 && len(items) > 1 {
		meaning, items = items[0], items[1:]
	}
	if len(meaning) > 0 {
		row.Fields = append(row.Fields, Field{Role: RoleMeaning, Words: meaning})
	}
	if rest := slices.Concat(items...); len(rest) > 0 {
		row.Fields = append(row.Fields, Field{Role: RoleRemedy, Words: rest})
	}
	row.Code = strings.Join(wordTexts(p, row.Fields[0].Words), " ")
	row.Key = textnorm.Key(row.Code)
	c.rows = append(c.rows, row)
}

// lampItem adds an item of a lamp's description: its pattern, a colon, the meaning.
func (c *codeReader) lampItem(p *pdf.Page, row CodeRow, name pdf.Cell, item []int) {
	for len(item) > 0 && textnorm.Key(p.Words[item[0]].Text) == "" {
		item = item[1:] // the bullet
	}
	at := slices.IndexFunc(item, func(w int) bool { return strings.HasSuffix(p.Words[w].Text, ":") })
	if at < 0 || at > 4 || at+1 >= len(item) || !lampState(wordTexts(p, item[:at+1])) {
		return
	}
	row.Code = textnorm.Clean(name.Text) + " " + strings.TrimSuffix(strings.Join(wordTexts(p, item[:at+1]), " "), ":")
	row.Key = textnorm.Key(row.Code)
	row.Fields = []Field{{Role: RoleCode, Words: item[:at+1]}, {Role: RoleMeaning, Words: item[at+1:]}, {Role: RoleOther, Words: name.Words}}
	c.rows = append(c.rows, row)
}

// bulletItems divides words at the bullets among them; the first part is what
// stands before the first bullet, and may be empty.
func bulletItems(p *pdf.Page, words []int) [][]int {
	out := [][]int{nil}
	for _, w := range words {
		if t := p.Words[w].Text; strings.ContainsAny(t, "►•●▪■▶➢✓") && textnorm.Key(t) == "" {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return out
}

// cellLines divides the words of a cell into its lines.
func cellLines(p *pdf.Page, words []int) [][]int {
	var out [][]int
	for i, w := range words {
		if i == 0 || p.Words[w].Box.Y0 > (p.Words[words[i-1]].Box.Y0+p.Words[words[i-1]].Box.Y1)/2 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], w)
	}
	return out
}

func wordTexts(p *pdf.Page, words []int) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = p.Words[w].Text
	}
	return out
}

// lampHeading reads line i as the heading of a trouble that names a lamp's pattern
// in brackets: "No picture (power LED blinks white)".
func lampHeading(p *pdf.Page, i int) (h codeHeading, ok bool) {
	words := lineWords(p, i)
	at := slices.IndexFunc(words, func(w int) bool { return strings.HasPrefix(p.Words[w].Text, "(") })
	if at < 1 || len(words) > lampPhraseWords+headingWords || !strings.HasSuffix(p.Words[words[len(words)-1]].Text, ")") || !lampPhrase(wordTexts(p, words[at:])) {
		return h, false
	}
	code := strings.Trim(strings.Join(wordTexts(p, words[at:]), " "), "()")
	return codeHeading{line: i, form: FormLamp, codes: []string{code}, rest: words[:at], code: words[at:]}, true
}
