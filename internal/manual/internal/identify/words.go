package identify

import (
	"regexp"
	"strings"

	"github.com/techcopilot/techcopilot/internal/equipment"
)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}

// generic are words in the names of folders and files that name no machine.
var generic = set(`
manual manuals manuale manuales manuel manuels handbuch handbook anleitung anleitungen document documents documentation
docs doc pdf pdfs file files download downloads scan scans scanned misc other others various new old archive archiv backup copy
service services servicing parts part spare spares list installation install installer user users owner owners operator operation operating
operations operators guide guides instruction instructions technical tech wiring diagram diagrams schematic schematics bulletin bulletins
repair maintenance troubleshooting catalog catalogue book booklet sheet datasheet spec specs specification rev revision version final
servicehandbuch bedienungsanleitung betriebsanleitung ersatzteile ersatzteilliste montageanleitung installationsanleitung schaltplan
servicio piezas repuestos instalacion usuario instrucciones despiece pieces ricambi uso
en eng english de ger deu deutsch german es spa espanol spanish fr fra french francais it ita italian italiano us usa uk eu int multi
model models modell modelle modelo modelos series serie type types equipment equipments machine machines unit units brand brands make makes
manufacturer manufacturers hersteller marken fabricante fabricantes library bibliothek share shared data media home desktop inbox incoming
watch watched import imports upload uploads tmp temp srv mnt var opt volume volumes drive customer customers kunden sites
kitchen hvac refrigeration heating cooling cooking ice oven ovens fryer fryers freezer freezers combi combis cooler coolers dishwasher
dishwashers grill grills coffee boiler boilers pump pumps heat air conditioner conditioners
a an and the of for with to und mit fuer der die das y con para el la los et avec pour le les e per il`)

var legalForms = set(`inc incorporated ltd limited llc gmbh mbh corp corporation company plc pty srl kgaa ltda sas oyj aps spzoo bvba sarl`)

// notModel matches keys with letters and digits that are no designation: figures
// with their unit, sizes of paper, standards, dates, ordinals, revisions.
var notModel = regexp.MustCompile(`^(?:` +
	`(?:[0-9]+(?:v|vac|vdc|volts?|hz|khz|mhz|ghz|w|kw|kva|va|a|ma|ph|phase|mm|cm|m|km|in|inch|ft|kg|g|mg|lbs?|oz|l|ml|gal|bar|kpa|mpa|psi|pa|btu|btuh|rpm|dba?|k|c|f|h|hrs?|min|s|sec|x|mb|gb|kb|th|st|nd|rd|years?|months?|pages?|pcs?))+` +
	`|a[0-6]|v[0-9]{1,2}|r[0-9]{1,2}|ver[0-9]+|rev[0-9a-z]{1,3}|p[0-9]{1,4}|no[0-9]+|page[0-9]+` +
	`|(?:en|iec|iso|ul|din|ansi|ieee|astm|nfpa|asme|csa|vde|ce|nsf|etl)[0-9]+` +
	`|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[0-9]+|[0-9]+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[0-9]*` +
	`)$`)

var (
	// aboutModel stands before the designations of machines.
	aboutModel = regexp.MustCompile(`(?i)\b(?:models?|modell(?:e|en)?|modelos?|mod[eè]les?|modell[io]|types?|typen?|series|serie|tipo)\b`)
	// aboutPaper stands before the number of the manual itself.
	aboutPaper = regexp.MustCompile(`(?i)\b(?:p/?n|parts?\s*n\w*|doc|document|form|publication|pub|order|item|art|artikel|manual\s*n\w*|lit|literature|print|code|rev|file|ref|bestell|dok|c[oó]digo|sku|isbn|ean|serial|s/?n|tel|phone|fax)\b`)
)

// designation reports whether a key can be the designation of a model: it mixes
// letters and digits, and is nothing else that does.
func designation(key string) bool {
	return len(key) >= 3 && len(key) <= 24 && hasDigit(key) && hasLetter(key) && !notModel.MatchString(key)
}

// telling returns the words of a name that say something, "" when none does.
func telling(name string) string {
	for _, t := range tokens(name) {
		if !generic[t.key] {
			return name
		}
	}
	return ""
}

// withoutLegalForm takes the legal form off a company's name.
func withoutLegalForm(name string) string {
	words := strings.Fields(name)
	for len(words) > 1 && (legalForm(strings.Trim(words[len(words)-1], ".,")) || words[len(words)-1] == "&") {
		words = words[:len(words)-1]
	}
	return strings.Trim(strings.Join(words, " "), " ,.")
}

// sameMaker accepts a name with more or fewer words behind it.
func sameMaker(a, b string) bool {
	a, b = equipment.Key(a), equipment.Key(b)
	return a == b || min(len(a), len(b)) >= 3 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}
