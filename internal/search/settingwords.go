package search

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// settingWord says what a word can be where a manual tells how something is set.
type settingWord uint16

const (
	wordJumper    settingWord = 1 << iota // what bridges two pins
	wordSwitch                            // a block of coding switches
	wordParameter                         // of a controller
	wordSettings                          // settings, preferences, a menu
	wordState                             // a position of a switch or jumper, or of a function
	wordSet                               // a verb: to set, select or change
	wordFit                               // a verb: to fit or remove a jumper
	wordDefault                           // as delivered
	wordRequired                          // should, must
	wordPurpose                           // begins the clause that says what for, or when
	wordThing                             // what a name behind it is, when that is no setting: a connector, a relay
	wordLink                              // may stand between a name and its position
	wordPin                               // may stand within a position: "pins 1 and 2 short"
)

// settingVocabulary are the words that manuals tell settings by, in the languages
// that they are printed in.
var settingVocabulary = func() map[string]settingWord {
	m := map[string]settingWord{}
	for kind, words := range map[settingWord]string{
		wordJumper:    "jumper jumpers jumper-wire steckbrücke steckbrücken drahtbrücke drahtbrücken lötbrücke lötbrücken kodierbrücke codierbrücke kurzschlussbrücke puente puentes cavalier cavaliers ponticello ponticelli",
		wordSwitch:    "dip dipswitch dipswitches dip-switch dip-switches dipschalter dip-schalter dip-schaltern switchbank kodierschalter codierschalter kodierschaltern codierschaltern microinterruptor microinterruptores micro-interrupteur micro-interrupteurs microinterruttori",
		wordParameter: "parameter parameters parametern parameters: parámetro parámetros paramètre paramètres parametro parametri",
		wordSettings:  "setting settings setup preferences preference configuration configurations menu submenu osd einstellung einstellungen grundeinstellung grundeinstellungen einstellmenü menü ajuste ajustes configuración menú preferencias réglage réglages impostazione impostazioni configurazione instelling instellingen instillingar inställningar indstillinger indstilling asetukset configurações configuração nastavení ustawienia настройки",
		wordState:     "on off open closed short shorted jumpered unjumpered bridged enabled disabled activated deactivated ein aus an offen geschlossen gebrückt kurzgeschlossen aktiviert deaktiviert aktiv inaktiv eingeschaltet ausgeschaltet abierto cerrado puenteado activado desactivado activada desactivada encendido apagado habilitado deshabilitado ouvert fermé activé désactivé aperto chiuso attivato disattivato",
		wordSet:       "set sets setting adjust adjusts adjusting select selects selecting choose choosing change changes changing switch switches switching turn activate activates activating deactivate deactivating enable enables enabling disable disables disabling leave move stellen einstellen setzen schalten wählen auswählen ändern aktivieren deaktivieren einschalten ausschalten festlegen ajustar ajuste seleccionar seleccione elegir elija cambiar cambie activar active desactivar configurar configure poner ponga fijar régler réglez sélectionner sélectionnez choisir activer désactiver regolare impostare selezionare scegliere attivare disattivare instellen selecteren kiezen justera välja ställ indstil vælg",
		wordFit:       "remove cut install fit place put insert bridge close add entfernen entferne auftrennen durchtrennen abziehen stecken aufstecken einsetzen retire quite corte coloque ponga instale inserte retirez coupez placez rimuovere tagliare inserire",
		wordDefault:   "default defaults factory standardmäßig standardmässig werkseitig werksseitig werkseinstellung werkeinstellung voreinstellung voreingestellt standardwert standardeinstellung fábrica defecto predeterminado predeterminada predeterminados usine défaut fabbrica predefinito predefinita",
		wordRequired:  "should must ensure sure required muss müssen soll sollte sollten sicherstellen debe deben asegúrese compruebe doit doivent deve devono",
		wordPurpose:   "to for if when while in case um wenn falls bei zum zur für sonst para si cuando en pour lorsque per quando se otherwise",
		wordThing:     "connector connectors terminal terminals relay relays fuse fuses plug plugs socket sockets sensor sensors pump pumps valve valves fan fans motor heater lamp led pin port cable board resistor capacitor transistor page figure fig table step section chapter stecker buchse klemme klemmen relais sicherung fühler sensor pumpe ventil lüfter kabel platine seite bild abbildung tabelle kapitel conector borne bornes terminal relé fusible sonda bomba válvula ventilador página figura tabla",
		wordLink:      "is are be been set sets placed put to at in into the position positions should must has have it stands = : – - → auf in die der den das stellung ist sind wird werden steht stehen gesetzt gestellt muss müssen en a la posición está están debe deben ser estar à sur doit être su deve essere",
		wordPin:       "pin pins pines pol pole and und y & + not nicht no both position",
	} {
		for w := range strings.FieldsSeq(words) {
			m[w] |= kind
		}
	}
	return m
}()

// shortStates are states that are other words too where they are written small.
var shortStates = strings.Fields("on off ein aus an")

// settingWordOf returns what a printed word can be.
func settingWordOf(word string) settingWord {
	key := strings.ToLower(trimSigns(word))
	if key == "" {
		key = word
	}
	tag := settingVocabulary[key]
	if tag&wordState != 0 && slices.Contains(shortStates, key) && !unicode.IsUpper([]rune(trimSigns(word))[0]) {
		tag &^= wordState
	}
	return tag
}

var (
	// settingName is how a switch, a jumper or a parameter is named: "SW1", "S1-3",
	// "J43", "P07". A name needs a word beside it that says which of them it is.
	settingName = regexp.MustCompile(`^[A-Z]{1,3}-?\d{1,3}[a-z]?(?:-\d{1,2})?$`)
	// settingNumber is the name of a switch or a parameter that has only a number.
	settingNumber = regexp.MustCompile(`^\d{1,3}(?:[.-]\d{1,2})?$`)
	pinPair       = regexp.MustCompile(`^\d\s?[-–/&+]\s?\d$`)
	settingRange  = regexp.MustCompile(`(?i)[-–+]?\d+(?:[.,]\d+)?\s*(?:%|°?[a-zµ]{1,4})?\s*(?:\.\.\.?|…|–|-|to|bis|a|à|through)\s*[-–+]?\d+(?:[.,]\d+)?`)
	betweenRange  = regexp.MustCompile(`(?i)\d+(?:[.,]\d+)?\s*(?:%|°?[a-zµ]{1,4})?\s*(?:and|und|et|y|e|en|och|og)\s*(?:los|las|les)?\s*\d+(?:[.,]\d+)?`)
	optionValue   = regexp.MustCompile(`^(?:\d{1,4}|[A-Z]|[A-Z][A-Za-z]?\d?)$`)
)

// settingNames returns the names that a word is: several where signs join them,
// "J5/J6/"; nil when it is none.
func settingNames(word string) []string {
	parts := strings.FieldsFunc(word, func(r rune) bool { return r == '/' || r == ',' })
	for i := range parts {
		parts[i] = trimSigns(parts[i])
		if !settingName.MatchString(parts[i]) {
			return nil
		}
	}
	return parts
}

// isSeparator reports whether a word only stands between a name and its text.
func isSeparator(word string) bool {
	return word == "=" || word == ":" || word == "–" || word == "-" || word == "—" || word == "→"
}

// quotedFrom and quotedTo report whether a quotation begins or ends with a word.
func quotedFrom(word string) bool {
	return strings.ContainsAny(word[:1], "\"'") || beginsWith(word, "“„«‘‚")
}

func quotedTo(word string) bool {
	w := strings.TrimRight(word, ".,;:)")
	return strings.HasSuffix(w, "\"") || strings.HasSuffix(w, "'") || endsWith(w, "”“»’‘")
}

func beginsWith(s, runes string) bool {
	return strings.ContainsAny(string([]rune(s)[:1]), runes)
}

func endsWith(s, runes string) bool {
	r := []rune(s)
	return len(r) > 0 && strings.ContainsRune(runes, r[len(r)-1])
}

// faulty reports whether words speak of faults: what looks like names of settings
// there are codes.
func faulty(text string) bool { return containsAny(textnorm.Tokens(text), faultWords) }
