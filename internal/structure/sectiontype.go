package structure

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// sectionWords are the words and phrases of headings that tell what a section is
// about, in the languages that manuals are printed in. A word that ends in "*"
// stands for all that begin so; one that begins with "=" counts only as the whole
// title. The first type that matches counts: "troubleshooting" says more than the
// "installation" beside it.
var sectionWords = []struct {
	kind  SectionType
	words []string
}{
	{SectionErrorCodes, split(`error code, error codes, fault code, fault codes, failure code, failure codes, alarm code, alarm codes, alarm list, trouble code, trouble codes, diagnostic code, diagnostic codes,
		protection code, protection codes, status code, status codes, error message, error messages, diagnostic message, diagnostic messages, message reference, panel messages, display codes, display messages, error display, codes and lamps, fault messages, alarm messages, list of alarms, led codes, blink codes, flash codes, beep codes, service codes, list of errors, list of faults,
		fehlercode*, fehlermeldung*, störmeldung*, störcode*, störungscode*, störungsmeldung*, fehleranzeige*, alarmmeldung*, alarmliste, fehlerliste, meldungen und lampen, anzeige eines fehlercodes, meldungen, blinkcodes,
		código de error, códigos de error, códigos de errores, códigos de avería, códigos de fallo, códigos de falla, códigos de alarma, mensajes de error, mensajes de alarma,
		code d'erreur, codes d'erreur, codes erreur, codes d'erreurs, code erreur, codes de défaut, codes défaut, codes défauts, codes pannes, messages d'erreur, messages d'alarme,
		codice errore, codici errore, codici di errore, codici d'errore, codici guasto, codici allarme, messaggi di errore, foutcode*, foutmelding*, storingscode*, felkod*, fejlkode*, feilkode*, vikakood*, kody błędów, kody usterek, hata kod*, códigos de erro, mensagens de erro, коды ошибок, коды неисправностей`)},
	{SectionTroubleshooting, split(`troubleshoot*, trouble-shoot*, trouble shooting, fault finding, faultfinding, fault diagnosis, problem solving, diagnos*, common fault, common faults, common problems, repair flow chart, symptom, symptoms, what to do if, in case of trouble, when problems occur, system failure, sensor failure, =failure, =failures, =malfunction, malfunctions, before calling for service, before calling service, before you call, possible problems,
		fehlersuche, störungssuche, störungen, störungsbehebung, fehlerbehebung, problembehebung, problemlösung*, fehlerdiagnose, störung, fehler, störungstabelle,
		solución de problemas, resolución de problemas, localización de averías, localización de fallos, averías, solución de fallos, detección de averías,
		dépannage, pannes, diagnostic des pannes, recherche de pannes, résolution des problèmes, problèmes, guide de dépannage, incidents, anomalies,
		ricerca guasti, risoluzione dei problemi, guasti, anomalie, soluzione dei problemi, problemi e soluzioni, inconvenienti, storingen, problemen oplossen, probleemoplossing, felsökning, fejlfinding, feilsøking, vianetsintä, vianmääritys, rozwiązywanie problemów, usuwanie usterek, řešení problémů, odstraňování závad, resolução de problemas, solução de problemas, hibaelhárítás, sorun giderme, depanare, устранение неисправностей, поиск неисправностей, αντιμετώπιση προβλημάτων, repairing instructions, service flow`)},
	{SectionWiring, split(`wiring, wiring diagram*, schematic*, circuit diagram*, electrical diagram*, electric diagram*, connection diagram*, electrical schematic*, block diagram*, pcb layout*, board layout*, ladder diagram*, power wiring,
		schaltplan, schaltpläne, stromlaufplan, stromlaufpläne, schaltschema, schaltbild*, verdrahtungsplan, verdrahtung*, anschlussplan, anschlusspläne, klemmenplan, elektroplan, blockschaltbild, pläne,
		esquema eléctrico, esquemas eléctricos, diagrama eléctrico, diagramas eléctricos, diagrama de cableado, diagramas de cableado, esquema de conexiones, cableado, schéma électrique, schémas électriques, schéma de câblage, câblage, plan de câblage, schema elettrico, schemi elettrici, schema di cablaggio, elektrisch schema, elektrische schema's, bedradingsschema, kopplingsschema*, kytkentäkaavio*, schemat elektryczny, schematy elektryczne, schéma zapojení, схема подключения, электрическая схема, эл. схемы`)},
	{SectionParts, split(`parts list, parts lists, part list, spare part*, spareparts, exploded view*, exploded drawing*, replacement part*, repair part*, parts catalog*, parts breakdown, parts diagram*, illustrated parts, parts manual, parts identification, recommended parts, part number listing, part numbers, parts and accessories, =parts, bill of material*, spares, parts kit*, miscellaneous parts, plastics kit, explosion view*, sequential part number listing,
		ersatzteil*, teileliste*, stückliste*, explosionszeichnung*, explosionsdarstellung*, einzelteile, teilekatalog,
		lista de piezas, piezas de repuesto, piezas de recambio, recambios, repuestos, despiece*, lista de partes, vista explosionada, pièces détachées, pièces de rechange, liste des pièces, vue éclatée, vues éclatées, nomenclature, parti di ricambio, ricambi, pezzi di ricambio, esploso, esplosi, vista esplosa, lista ricambi, reserveonderdelen, onderdelenlijst, reservdel*, reservedel*, varaosa*, części zamienne, lista części, náhradní díly, peças de reposição, peças sobressalentes, lista de peças, запасные части, запчасти, yedek parça*`)},
	{SectionSpecifications, split(`specification*, technical data, technical specification*, technical information, technical characteristics, specs, ratings, electrical data, performance data, electrical characteristics, electrical specification*, dimensions, dimensional drawing*, dimensions and weight*, operating pressures, performance charts, charts, capacity, product specification*, torque values, torque specification*, lubricant*, capacities,
		technische daten, technisches datenblatt, technische merkmale, kenndaten, abmessungen, maße, leistungsdaten, elektrische daten, kennwerte, spezifikation*,
		datos técnicos, especificaciones, especificaciones técnicas, características técnicas, dimensiones, caractéristiques techniques, données techniques, spécifications, caractéristiques, fiche technique, dati tecnici, caratteristiche tecniche, specifiche tecniche, specifiche, dimensioni, technische gegevens, specificaties, tekniska data, tekniske data, tekniset tiedot, dane techniczne, technické údaje, dados técnicos, especificações, műszaki adatok, teknik özellikler, specificații tehnice, технические характеристики, технические данные, τεχνικά χαρακτηριστικά, preset operating modes`)},
	{SectionSafety, split(`safety, safety*, warning, warnings, caution, cautions, precaution, precautions, danger, hazard*, important notes, important information, esd, electrostatic, grounding guidelines,
		sicherheit, sicherheits*, warnhinweis*, vorsichtsmaßnahm*, gefahren*, wichtige hinweise, warnungen,
		seguridad, advertencia*, precauciones, precaución, indicaciones importantes, sécurité, avertissement*, consignes importantes, précautions, mises en garde, remarques importantes, sicurezza, avvertenz*, precauzioni, indicazioni importanti, veiligheid*, waarschuwing*, voorzorgsmaatregelen, säkerhet*, sikkerhed*, sikkerhet*, turvallisuus*, turvaohje*, bezpieczeństw*, bezpečnost*, segurança, advertências, biztonsági*, biztonság, güvenlik, siguranț*, безопасност*, меры предосторожности, ασφάλεια*`)},
	{SectionMaintenance, split(`maintenance, cleaning, care, servicing, lubrication, =storage, long term storage, winterizing, winterization, preventive, inspection, removal and replacement*, replacement procedures, component replacement*, disassembly, reassembly, removal, replacement, =service, owner service, service procedures, service tool*, service instructions, adjustments, periodic, upkeep, preservation, descaling, service considerations, repair,
		wartung*, reinigung*, pflege, instandhaltung*, einwinterung, lagerung, demontage, entkalk*, gerät reinigen, instandsetzung, service und wartung, prüfungen, ausbau, austausch*, reparatur*,
		mantenimiento, limpieza, cuidado, lubricación, almacenamiento, desmontaje, invernaje, entretien, maintenance, nettoyage, hivernage, graissage, stockage, démontage, manutenzione, pulizia, cura, svernamento, lubrificazione, smontaggio, onderhoud, reiniging, underhåll, rengöring, vedligeholdelse, rengøring, vedlikehold, rengjøring, huolto, puhdistus, konserwacja, czyszczenie, údržba, čištění, čistenie, manutenção, limpeza, karbantartás, tisztítás, bakım, temizlik, întreținere, curățare, обслуживание, техническое обслуживание, уход, чистка, очистка, συντήρηση, καθαρισμός`)},
	{SectionInstallation, split(`install*, mounting, =assembly, =assembly instructions, set-up, setup, setting up, unpacking, unpack*, commissioning, getting started, positioning, =location, foundation, connecting, connection, connections, electrical connection*, electrical requirements, electrical work, field wiring, hook-up, hookup, preparation, tractor preparation, refrigerant piping, piping work, piping, drainage, drainage piping work, test run, start-up, startup, initial start-up, initial startup, before start-up, clearances, attaching*, transport, transportation, =handling, lifting and handling, getting the device*,
		installation*, montage*, aufstellung*, aufstellen, einbau, inbetriebnahme, erstinbetriebnahme, anschluss, anschlüsse, elektrischer anschluss, hydraulische anschlüsse, auspacken, gerät aufstellen, gerät anschließen, anschließen, aufbau, einrichten,
		instalación, montaje, puesta en marcha, puesta en servicio, desembalaje, conexión, conexiones, installation, montage, mise en service, mise en place, raccordement*, déballage, première mise en service, installazione, montaggio, messa in funzione, messa in servizio, collegamento, collegamenti, disimballaggio, installatie, ingebruikneming, ingebruikname, aansluiting*, opstelling, driftsättning, asennus, käyttöönotto, instalacja, uruchomienie, montaż, instalace, uvedení do provozu, instalação, montagem, colocação em funcionamento, telepítés, üzembe helyezés, kurulum, devreye alma, instalare, punerea în funcțiune, установка, монтаж, ввод в эксплуатацию, подключение, εγκατάσταση, έναρξη χρήσης`)},
	{SectionOperation, split(`operat*, using, =use, how to use, usage, controls, control panel, panel operation, user interface, =functions, settings, setting, adjusting, adjust*, changing*, programming, remote control*, timer*, modes, menu*, key functions, operation manual, driving, test mode, test modes, parameter*, sequence of operation, fill modes, priming mode, heat modes, preset, cooking, washing, working with*, switching*, osd*, softkeys,
		bedienung*, betrieb*, benutzung, verwendung, nutzung, einstellung*, einstellen*, funktion*, steuerung, fernbedienung, programm*, prüfprogramme, umrüsten, benutzerfunktionen, arbeiten mit*, ein-/ausschalten*, gerät ein*,
		funcionamiento, uso, manejo, utilización, operación, ajuste*, configuración, mando a distancia, fonctionnement, utilisation, réglage*, commande*, mode d'emploi, télécommande, funzionamento, utilizzo, impostazion*, regolazion*, comandi, telecomando, bediening, gebruik, werking, instellen, användning, drift, inställningar, betjening, bruk, käyttö, asetukset, obsługa, eksploatacja, ustawienia, obsluha, provoz, nastavení, operação, utilização, funcionamento, kezelés, működés, használat, beállítás*, kullanım, çalıştırma, ayar*, utilizare, exploatare, funcționare, управление, эксплуатация, использование, настройк*, λειτουργία*, χειρισμός`)},
	{SectionOverview, split(`overview, introduction, general, generalization, general information, description, product description, product diagram, features, about, about this*, component identification, external component*, identification, part names, item names, names of parts, component location*, components, system overview, construction, how it works, machine and method, know the machine, further information, notational conventions, foreword, preface, scope, major components, checklist, layout, terminal introduction, icon legend,
		übersicht, einleitung, einführung, allgemeines, allgemein, beschreibung, gerätebeschreibung, produktbeschreibung, aufbau und funktion, funktionsweise, vorwort, darstellungsmittel, weitere informationen, ihr*,
		descripción, descripción general, introducción, generalidades, información general, présentation, description, introduction, généralités, aperçu, descrizione, introduzione, generalità, panoramica, overzicht, inleiding, beschrijving, algemeen, översikt, oversigt, oversikt, yleiskatsaus, johdanto, opis, wprowadzenie, popis, úvod, descrição, introdução, visão geral, áttekintés, bevezetés, genel bakış, giriş, descriere, prezentare, обзор, введение, описание, общие сведения, επισκόπηση, εισαγωγή`)},
}

func split(words string) []string {
	var out []string
	for w := range strings.SplitSeq(words, ",") {
		out = append(out, strings.Join(strings.Fields(w), " "))
	}
	return out
}

// typeOf names the type of a section from its title, SectionOther when no word of
// it tells. Of several words the type that stands first in sectionWords counts.
func typeOf(title string) SectionType {
	tokens := titleTokens(folded(withoutNumber(title)))
	if len(tokens) == 0 || len(tokens) > 2*headingWords {
		return SectionOther
	}
	best := len(sectionWords)
	for i, t := range tokens {
		for _, p := range phrases.whole[t] {
			if p.rank < best && p.standsAt(tokens, i) {
				best = p.rank
			}
		}
		for n := min(len(t), phrases.longest); n >= shortestStem; n-- {
			if rank, ok := phrases.stems[t[:n]]; ok && rank < best {
				best = rank
			}
		}
	}
	if best == len(sectionWords) {
		return SectionOther
	}
	return sectionWords[best].kind
}

// phrase is one of sectionWords, by its first word.
type phrase struct {
	rank  int      // into sectionWords
	words []string // the last may be a stem
	stem  bool
	alone bool // only as the whole title
}

func (p *phrase) standsAt(tokens []string, i int) bool {
	if i+len(p.words) > len(tokens) || p.alone && len(tokens) != len(p.words) {
		return false
	}
	last := len(p.words) - 1
	for k, w := range p.words {
		if t := tokens[i+k]; t != w && !(k == last && p.stem && strings.HasPrefix(t, w)) {
			return false
		}
	}
	return true
}

// shortestStem is the length of the shortest stem of one word, in bytes.
const shortestStem = 3

// phrases are sectionWords by what they begin with.
var phrases = func() (out struct {
	whole   map[string][]phrase
	stems   map[string]int // of one word, to the rank
	longest int            // stem
},
) {
	out.whole, out.stems = map[string][]phrase{}, map[string]int{}
	for rank, s := range sectionWords {
		for _, text := range s.words {
			w, alone := strings.CutPrefix(text, "=")
			w, stem := strings.CutSuffix(w, "*")
			words := titleTokens(folded(w))
			if len(words) == 0 {
				continue
			}
			if stem && len(words) == 1 {
				if old, ok := out.stems[words[0]]; !ok || rank < old {
					out.stems[words[0]] = rank
				}
				out.longest = max(out.longest, len(words[0]))
				continue
			}
			out.whole[words[0]] = append(out.whole[words[0]], phrase{rank, words, stem, alone})
		}
	}
	return out
}()

// titleTokens are the words of a title with the apostrophes and hyphens in them.
func titleTokens(title string) []string {
	return strings.FieldsFunc(title, func(r rune) bool { return strings.ContainsRune(" \t.,;:!?()[]{}\"/|<>–—•·■●▪&*#", r) })
}

// numbered matches the number before a heading: "4.2 I", "3-", "Chapter IV :", "A.",
// "❸".
var numbered = regexp.MustCompile(`(?i)^(?:(?:chapter|section|kapitel|abschnitt|chapitre|capítulo|capitolo|part|teil|appendix|anhang|annex)\s+[\dIVXLA-H]{1,5}\b[\s.:–—-]*|\(?(?:\d{1,2}(?:[.\-]\d{1,2}){0,4}(?:[.):–-]\s*|\s+)|[A-H][.):]\s*)(?:[I|]\s)?|[❶-❿①-⑳➀-➓]\s*)`)

// mayBeNumbered looks at the first letter of a title, so that few are matched.
func mayBeNumbered(title string) bool {
	if title == "" {
		return false
	}
	c := title[0]
	return c >= '0' && c <= '9' || c == '(' || c >= utf8.RuneSelf || strings.IndexByte("ABCDEFGHKSPTabcdefghkspt", c) >= 0
}

// withoutNumber takes the number off a title.
func withoutNumber(title string) string {
	title = strings.TrimSpace(title)
	if !mayBeNumbered(title) {
		return title
	}
	return title[len(numbered.FindString(title)):]
}

func isNumbered(title string) bool {
	title = strings.TrimSpace(title)
	return mayBeNumbered(title) && numbered.MatchString(title)
}

// depthOf is how deep the number before a heading is: 2 for "4.2"; 0 without one.
func depthOf(title string) int {
	if title == "" || title[0] < '0' || title[0] > '9' {
		return 0
	}
	m := depthNumber.FindStringSubmatch(title)
	if m == nil {
		return 0
	}
	return 1 + strings.Count(strings.TrimRight(m[1], "."), ".")
}

var depthNumber = regexp.MustCompile(`^(\d{1,2}(?:\.\d{1,2}){0,4}\.?)(?:[\s–-]|\p{L}|$)`)

// chapterWord matches titles of chapters.
var chapterWord = regexp.MustCompile(`(?i)^(?:chapter|kapitel|chapitre|capítulo|capitolo|hoofdstuk|rozdział|глава)\s+[\dIVXLC]{1,5}\b`)

// signalWords stand over warnings, and are no headings of sections.
var signalWords = strings.Fields("caution warning danger note notes important attention notice achtung warnung gefahr vorsicht hinweis wichtig empfehlung information atención advertencia peligro nota aviso attention avertissement danger remarque important attenzione avvertenza pericolo nota opgelet waarschuwing let gevaar figure fig abb abbildung bild figura table tabelle tabla tableau tabella tip example beispiel or and")

// isSignal reports whether a line only signals a warning, or is a caption.
func isSignal(text string) bool {
	tokens := textnorm.Tokens(text)
	if len(tokens) == 0 {
		return true
	}
	return slices.Contains(signalWords, tokens[0]) && (len(tokens) <= 2 || textnorm.HasDigit(tokens[1]) || strings.Contains(text, ":"))
}
