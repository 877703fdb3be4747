package structure

import (
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// Role says what a column of a table holds.
type Role string

// The roles of columns.
const (
	RoleOther      Role = "other"
	RoleCode       Role = "code" // of errors, alarms, flashes
	RoleMeaning    Role = "meaning"
	RoleCause      Role = "cause"
	RoleRemedy     Role = "remedy"
	RoleSymptom    Role = "symptom"
	RoleItem       Role = "item" // the number in the drawing, or of the entry
	RolePartNumber Role = "part_number"
	RoleQuantity   Role = "quantity"
	RoleModel      Role = "model"     // what the row holds for
	RoleParameter  Role = "parameter" // a parameter or switch
	RolePosition   Role = "position"  // of a switch: ON, OFF
	RoleDefault    Role = "default"
	RoleRange      Role = "range"
	RoleUnit       Role = "unit"
	RolePage       Role = "page" // where to read on
)

// headingLimit is how many words a heading has at most whose words tell a role: a
// longer one is a sentence.
const headingLimit = 6

// rolePhrases are whole headings whose single words tell nothing.
var rolePhrases = map[string]Role{
	"#": RoleCode, "no": RoleCode, "nr": RoleCode, "do this": RoleRemedy, "what to do": RoleRemedy, "was tun": RoleRemedy, "qué hacer": RoleRemedy, "que faire": RoleRemedy, "cosa fare": RoleRemedy,
	"what is wrong": RoleMeaning, "what it means": RoleMeaning, "was ist": RoleMeaning, "what happened": RoleMeaning,
	"why": RoleCause, "due to": RoleCause, "warum": RoleCause,
	"on": RolePosition, "off": RolePosition, "ein": RolePosition, "aus": RolePosition, "open": RolePosition, "closed": RolePosition,
	"ref": RoleItem, "ref no": RoleItem, "item": RoleItem, "items": RoleItem, "item no": RoleItem, "pos": RoleItem, "pos nr": RoleItem, "key": RoleItem, "key no": RoleItem,
	"index no": RoleItem, "id": RoleItem, "fig no": RoleItem, "position": RoleItem, "rep": RoleItem, "repère": RoleItem, "rif": RoleItem, "bild nr": RoleItem,
	"p/n": RolePartNumber, "pn": RolePartNumber, "p n": RolePartNumber, "sku": RolePartNumber,
	"used on": RoleModel, "factory setting": RoleDefault, "as delivered": RoleDefault, "delivered": RoleDefault, "werkseinstellung": RoleDefault,
	"initial setting": RoleDefault, "initial value": RoleDefault, "valor inicial": RoleDefault, "ab werk": RoleDefault, "lieferzustand": RoleDefault,
	"menu item": RoleParameter, "menüpunkt": RoleParameter, "opción de menú": RoleParameter, "options": RoleRange, "optionen": RoleRange, "opciones": RoleRange, "possible values": RoleRange,
}

type roleWord struct {
	role  Role
	words []string
}

// roleWords are single words of headings, in the languages that manuals are
// printed in. A heading that has words of two roles takes the first of this order.
var roleWords = []roleWord{
	{RoleRemedy, strings.Fields("remedy remedies action actions solution solutions corrective correction check checks checking prüfen überprüfen kontrollieren compruebe comprobar verifique verificar vérifier vérifiez contrôler contrôlez controllare controlli verificare verifichi controleer controleren einstellen korrigieren repair repairs measure measures todo treatment abhilfe maßnahme maßnahmen massnahme lösung lösungen behebung solución soluciones acción remedio remède remèdes solution rimedio rimedi soluzione oplossing åtgärd åtgärder toimenpide çözüm")},
	{RoleCause, strings.Fields("cause causes reason reasons ursache ursachen grund causa causas motivo raison orsak syy oorzaak neden")},
	{RoleMeaning, strings.Fields("meaning description definition explanation indicates indication condition detail details bedeutung beschreibung bezeichnung erklärung significado descripción descrizione significato signification désignation betekenis omschrijving betydelse beskrivning anlam")},
	{RoleSymptom, strings.Fields("symptom symptoms problem problems trouble complaint malfunction störung störungen problème problema problemas síntoma sintomo inconveniente probleem storing fel vika arıza")},
	{RoleCode, strings.Fields("code codes error errors fault faults alarm alarms display displayed display/led led flash flashes blinks message messages anzeige fehler fehlercode fehlercodes code/anzeige meldung código códigos codice codes kod kode foutcode")},
	{RoleDefault, strings.Fields("default defaults factory preset standard voreinstellung standardeinstellung fabrik fábrica defecto predeterminado défaut usine fabbrica standaard")},
	{RoleRange, strings.Fields("range ranges bereich einstellbereich wertebereich rango intervalo plage campo bereik limits")},
	{RoleParameter, strings.Fields("parameter parameters switch switches dip jumper function setting settings option parámetro parámetros paramètre paramètres parametro parametri schalter funktion einstellung ajuste réglage impostazione")},
	{RoleUnit, strings.Fields("unit units einheit einheiten maßeinheit unidad unidades unité unités unità eenheid")},
	{RoleQuantity, strings.Fields("qty quantity menge anzahl stück stk pcs cantidad cant quantité quantità aantal q'ty")},
	{RolePage, strings.Fields("page pages seite seiten página páginas pagina pagine")},
	{RoleModel, strings.Fields("model models modell modelle modelo modelos modèle modèles modello modelli")},
}

// codeHeads make a heading that of codes whatever its other words mean.
var codeHeads = strings.Fields("code codes fehlercode fehlercodes código códigos codice foutcode kod")

// Headings of columns whose entries look like codes: parts, models, terminals.
var (
	thingHeads = strings.Fields("part parts item items pos position article artikel artikelnummer order bestellnummer bestell teil teile teilenummer ersatzteil ersatzteile spare pieza piezas sku serial model models modell modelle modelo modelos modèle terminal terminals klemme klemmen connector pin wire screw thread product")
	faultHeads = strings.Fields("error errors fault faults alarm alarms failure fehler störung störungen avería erreur défaut errore guasto storing")
	// partHeads and numberHeads together head the numbers by which parts are ordered.
	partHeads   = strings.Fields("part parts teil teile ersatzteil ersatzteile spare pieza piezas pièce pièces repuesto ricambio article artikel order ordering bestell product kit replacement réf référence")
	numberHeads = strings.Fields("number numbers numero número numéro no nr nº n° num # nummer nummern code codice código référence")
	numberWords = strings.Fields("artikelnummer bestellnummer teilenummer ersatzteilnummer artikelnr teilenr bestellnr sachnummer")
)

// RoleOf names what a column holds from its heading, RoleOther when no word of it
// tells.
func RoleOf(heading string) Role {
	if r, ok := rolePhrases[strings.TrimSpace(heading)]; ok {
		return r
	}
	tokens := textnorm.Tokens(heading)
	if len(tokens) == 0 || len(tokens) > headingLimit {
		return RoleOther
	}
	if r, ok := rolePhrases[strings.Join(tokens, " ")]; ok {
		return r
	}
	has := func(words []string) bool {
		return slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(words, t) })
	}
	switch {
	case has(numberWords), !has(faultHeads) && has(partHeads) && has(numberHeads) && !only(tokens, codeHeads) && !only(tokens, numberHeads):
		return RolePartNumber
	case has(thingHeads) && !has(faultHeads):
		for _, r := range []Role{RoleModel, RoleDefault, RoleQuantity, RolePage} {
			if slices.ContainsFunc(roleWords, func(w roleWord) bool { return w.role == r && has(w.words) }) {
				return r
			}
		}
		return RoleOther // a part's or a terminal's name is no fault
	case has(codeHeads):
		return RoleCode
	}
	for _, r := range roleWords {
		if has(r.words) {
			return r.role
		}
	}
	return RoleOther
}

// numberHead reports whether a heading of a column of codes says only that they are
// numbers, which may also count the rows.
func numberHead(heading string) bool {
	tokens := textnorm.Tokens(heading)
	return only(tokens, numberHeads) && !slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(codeHeads, t) })
}

// only reports whether all tokens are among the words.
func only(tokens, words []string) bool {
	return !slices.ContainsFunc(tokens, func(t string) bool { return !slices.Contains(words, t) })
}
