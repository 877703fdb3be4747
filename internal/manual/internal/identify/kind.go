package identify

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// kinds are the words by which a manual says what it is for, in the order in
// which one decides over the next where both stand in one heading: whoever has
// the "Installation and Service Manual" has a service manual.
var kinds = []struct {
	name  string
	words *regexp.Regexp
}{
	{"bulletin", regexp.MustCompile(`(?i)(?:service|technical|product|safety) (?:information )?bulletin|service letter|technische (?:mitteilung|information)|bolet[ií]n t[eé]cnico|bulletin technique|bollettino tecnico`)},
	// Maintenance by those who operate the machine.
	{"user", regexp.MustCompile(`(?i)(?:operation|operating|operator['’]?s?['’]?|users?|owner['’]?s?|use)(?:,? (?:\S+ )?(?:and|&)|,) (?:(?:and|&) )?maintenance (?:manual|guide|handbook|instructions?)|betriebs- und wartungs(?:anleitung|handbuch)`)},
	{"service", regexp.MustCompile(`(?i)service ?(?:(?:and|&|/|,) ?\S+ )*(?:manual|guide|handbook|instructions?)|(?:repair|workshop|maintenance|technical(?: service)?|troubleshooting) (?:(?:and|&) \S+ )?(?:manual|guide|handbook)|service-?\s?(?:handbuch|anleitung|manual)|(?:reparatur|wartungs)(?:anleitung|handbuch)|werkstatthandbuch|manual (?:t[eé]cnico|de (?:servicio|reparaci[oó]n|taller))|manuel (?:de (?:service|r[eé]paration)|technique|d'entretien)|manuale (?:tecnico|di (?:servizio|riparazione|assistenza))`)},
	{"parts", regexp.MustCompile(`(?i)(?:spare |replacement |illustrated |service )?parts? (?:list|manual|catalog(?:ue)?|book|breakdown|diagram)s?|(?:spare|replacement) parts|ersatzteil(?:e|liste|katalog)?|(?:lista|cat[aá]logo|manual) de (?:piezas|repuestos|recambios|partes)|(?:liste|catalogue) des? pi[eè]ces|pi[eè]ces d[eé]tach[eé]es|(?:catalogo|elenco|parti di) ricambi\w*`)},
	{"wiring", regexp.MustCompile(`(?i)(?:wiring|electrical|circuit) (?:diagrams?|schematics?)|(?:schalt|stromlauf|verdrahtungs|anschluss)pl[aä]ne?|(?:esquemas?|diagramas?) el[eé]ctricos?|sch[eé]mas? [eé]lectriques?|schem[ai] elettric[io]`)},
	{"installation", regexp.MustCompile(`(?i)install(?:ation|er'?s?)(?: ?[,/&]| and| or| \S+ (?:and|&))*(?: \S+){0,3} ?(?:manual|guide|handbook|instructions?)|installation instructions?|(?:montage|installations?|einbau|aufstell)-?(?:anleitung|handbuch|anweisung)|(?:manual|instrucciones|gu[ií]a) de (?:instalaci[oó]n|montaje)|(?:manuel|notice|guide|instructions) (?:d'|d’|de )(?:installation|montage)|(?:manuale|istruzioni) (?:di|per l'|d') ?(?:installazione|montaggio)`)},
	{"user", regexp.MustCompile(`(?i)(?:user|owner|operator|operating|operations?|instruction|use (?:and|&) care)(?:['’]?s?['’]?)?(?: ?[,/&]| and)*(?: \S+){0,2} ?(?:manual|guide|handbook|instructions?|book)|operating instructions?|instructions? for use|(?:bedienungs|betriebs|gebrauchs|benutzer)(?:anleitung|handbuch|anweisung)|(?:manual|instrucciones|gu[ií]a) (?:de(?:l)? )(?:usuario|instrucciones|operaci[oó]n|uso|funcionamiento|manejo)|mode d['’]emploi|(?:manuel|notice|guide) (?:d['’]|de (?:l['’])?)(?:utilisat\w+|emploi)|(?:manuale|istruzioni) (?:d['’]|per l['’]|dell['’])(?:uso|utente)`)},
}

// kindFound is a type of manual with the words that say it.
type kindFound struct {
	name, phrase string
	line         *line
	prominent    bool
}

// contentsEntry matches a line of a table of contents.
var contentsEntry = regexp.MustCompile(`^\d+\.\d|(?:\.{4}|…|_{4}|-{4}).*\d$|\pL\s+\d{1,3}$`)

// kind returns what the cover says the manual is for: the words in the largest
// letters count.
func (d *document) kind() (best kindFound) {
	for i := range d.lines {
		l := &d.lines[i]
		if !l.cover || contentsEntry.MatchString(l.text) {
			continue
		}
		name, phrase := kindOf(l.text)
		// A heading may go on in a second line of the same size.
		if name == "" && i+1 < len(d.lines) && d.lines[i+1].cover && d.lines[i+1].size >= 0.9*l.size && d.lines[i+1].size <= 1.1*l.size {
			if alone, _ := kindOf(d.lines[i+1].text); alone == "" {
				name, phrase = kindOf(l.text + " " + d.lines[i+1].text)
			}
		}
		if name == "" || best.line != nil && (l.size < 1.05*best.line.size || name == best.name) && !(l.size > 0.95*best.line.size && rank(name) < rank(best.name)) {
			continue
		}
		best = kindFound{name, phrase, l, d.prominent(l) && l.size >= 0.5*d.largest}
	}
	return best
}

// kindOf returns the type that a text names, and the words that do so.
func kindOf(text string) (name, phrase string) {
	for _, k := range kinds {
		if m := k.words.FindString(text); m != "" {
			return k.name, m
		}
	}
	return "", ""
}

func rank(kind string) int {
	return slices.IndexFunc(kinds, func(k struct {
		name  string
		words *regexp.Regexp
	},
	) bool {
		return k.name == kind
	})
}

// hintedKind returns the type that names of folders and files speak of, which
// often is a single word.
func hintedKind(name string) string {
	if kind, _ := kindOf(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(name)); kind != "" {
		return kind
	}
	found := ""
	for _, t := range tokens(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(name)) {
		kind := map[string]string{
			"service": "service", "servicio": "service", "parts": "parts", "ersatzteile": "parts", "repuestos": "parts", "ricambi": "parts",
			"install": "installation", "installation": "installation", "montage": "installation", "wiring": "wiring", "schaltplan": "wiring",
			"bulletin": "bulletin", "bulletins": "bulletin", "user": "user", "owner": "user", "owners": "user", "operation": "user", "operating": "user", "operator": "user",
		}[t.key]
		if kind == "" || kind == found {
			continue
		}
		if found != "" {
			return "" // "service parts" may be either
		}
		found = kind
	}
	return found
}

var revision = regexp.MustCompile(`\b(?i:rev(?:ision|isi[oó]n|\.)?|edition|issue|ausgabe|version|vers\.)\s*(?i:no\.?|nr\.?)?\s*[:.#]?\s*((?:[A-Z]\d{0,2}|\d{1,4}(?:[./-]\d{1,4}){0,2}[A-Za-z]?))(?:[\s,;)|]|$)`)

// revision returns the manual's revision as printed, when the first pages name
// one and only one.
func (d *document) revision() (text string, at *line) {
	for i := range d.lines {
		l := &d.lines[i]
		m := revision.FindStringSubmatch(l.text)
		if m == nil || l.page > 3 || m[1] == "0" {
			continue
		}
		found := strings.TrimRight(strings.TrimSpace(m[0]), ",;)|")
		if at != nil && equipment.Key(found) != equipment.Key(text) {
			return "", nil
		}
		if at == nil {
			text, at = found, l
		}
	}
	return text, at
}

// title puts a title together of what was found: nothing in it is guessed.
func title(maker string, models []string, phrase string) string {
	const most = 4
	if maker == "" || len(models) == 0 || phrase == "" {
		return ""
	}
	names := strings.Join(models[:min(len(models), most)], ", ")
	if len(models) > most {
		names += " …"
	}
	if phrase == strings.ToUpper(phrase) || phrase == strings.ToLower(phrase) {
		phrase = capitalised(phrase)
	}
	return maker + " " + names + " " + strings.Join(strings.Fields(phrase), " ")
}

// capitalised writes each word with one capital.
func capitalised(s string) string {
	start := true
	return strings.Map(func(r rune) rune {
		out := unicode.ToLower(r)
		if start {
			out = unicode.ToUpper(r)
		}
		start = !unicode.IsLetter(r) && r != '\'' && r != '’'
		return out
	}, s)
}

// byPlace sorts evidence as a person checks it.
func byPlace(a, b Evidence) int {
	order := map[string]int{FieldManufacturer: 0, FieldModel: 1, FieldType: 2, FieldTitle: 3, FieldRevision: 4}
	return cmp.Or(cmp.Compare(order[a.Field], order[b.Field]), strings.Compare(a.Value, b.Value), cmp.Compare(a.Page, b.Page))
}

// Revision returns the revision that the first pages print, "" when they name none or
// more than one.
func Revision(pages []pdf.Page) string {
	text, _ := read(pages[:min(len(pages), lookahead+firstPages)]).revision()
	return text
}
