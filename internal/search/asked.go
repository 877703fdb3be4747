package search

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// codeCue are the words that say that the identifier beside them is a code.
var codeCue = strings.Fields("code error err fault alarm display displays displayed shows showing says flashes zeigt anzeige fehler fehlercode störung código error: erreur affiche errore")

// typedCode is what may be a code in a question.
type typedCode struct {
	text    string   // as typed
	index   []string // keys that the error-code index has when it is one
	certain bool     // the question calls it a code, whatever the index has
}

// askedCodes finds the codes that a question asks about: the one given, or else
// those in its text that the manuals explain or that the text calls a code.
func (s snapshot) askedCodes(ctx context.Context, q Query, printed []string, p *parsed) error {
	if q.Code != "" {
		for _, code := range givenCodes(textnorm.Clean(q.Code)) {
			p.ask(code)
		}
		return nil
	}
	cued := slices.ContainsFunc(textnorm.Tokens(q.Text), func(t string) bool { return slices.Contains(codeCue, t) })
	name := nameParts(q.Equipment)
	typed := make([][]typedCode, len(printed))
	var keys []string
	for i, w := range printed {
		if !partOfName(trimSigns(w), name) {
			typed[i] = typedCodes(printed, i, cued)
		}
		for _, c := range typed[i] {
			keys = append(keys, c.index...)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	known, err := s.knownCodes(ctx, q.Manuals, keys)
	if err != nil {
		return err
	}
	corrected, err := s.corrections.Corrections(ctx, s.tx, RowCodes, q.Manuals, keys)
	if err != nil {
		return err
	}
	for i := range corrected {
		known = append(known, corrected[i].Keys()...) // codes that only the shop knows
	}
	for _, readings := range typed {
		isKnown := func(c typedCode) bool {
			return slices.ContainsFunc(c.index, func(k string) bool { return slices.Contains(known, k) })
		}
		at := slices.IndexFunc(readings, isKnown)
		if at < 0 {
			at = slices.IndexFunc(readings, func(c typedCode) bool { return c.certain })
		}
		if at >= 0 {
			p.ask(readings[at].text)
		}
	}
	return nil
}

// knownCodes returns which of the keys are those of codes that the manuals explain, or
// of what their sub-codes belong to; nil stands for all manuals.
func (s snapshot) knownCodes(ctx context.Context, manuals []uuid.UUID, keys []string) ([]string, error) {
	query := `
		SELECT code_key FROM error_code WHERE manual_id = ANY($1) AND code_key = ANY($2) -- error_code_key
		UNION
		SELECT split_part(code_key, '/', 1) FROM error_code -- a parent that only its sub-codes name
		WHERE manual_id = ANY($1) AND code_key LIKE '%/%' AND split_part(code_key, '/', 1) = ANY($2)`
	if manuals == nil || len(manuals) > manyManuals {
		query = `
		SELECT k FROM unnest($2::text[]) AS k -- error_code_lookup; '0' follows '/'
		WHERE EXISTS (SELECT FROM error_code e WHERE e.code_key COLLATE "C" = k AND ($1::uuid[] IS NULL OR e.manual_id = ANY($1)))
		   OR EXISTS (SELECT FROM error_code e WHERE e.code_key COLLATE "C" >= k || '/' AND e.code_key COLLATE "C" < k || '0'
		              AND ($1::uuid[] IS NULL OR e.manual_id = ANY($1)))`
	}
	rows, err := s.tx.Query(ctx, query, manuals, keys)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	known, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return known, postgres.Translate(err)
}

// manyManuals are more than one model has: they are read by code and not one by one.
const manyManuals = 50

// givenCodes splits what was given as a code where it is several of a kind: "E12
// E13", "E5 and E6". "F21 E3" may be one composed code.
func givenCodes(given string) []string {
	var codes []string
	for _, w := range strings.FieldsFunc(given, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' || r == '+' || r == '&' }) {
		switch {
		case codeWithDigit.MatchString(w) && (len(codes) == 0 || letterPart(w) == letterPart(codes[0])):
			codes = append(codes, w)
		case slices.Contains(subCodeLink, textnorm.Fold(w)):
		default:
			return []string{given}
		}
	}
	if len(codes) < 2 {
		return []string{given}
	}
	return codes
}

// letterPart returns the letters that a code begins with, folded.
func letterPart(code string) string {
	folded := textnorm.Fold(code)
	return folded[:len(folded)-len(strings.TrimLeftFunc(folded, unicode.IsLetter))]
}

// ask adds a code to those that are asked about.
func (p *parsed) ask(code string) {
	keys := typedKeys(code)
	if len(keys) > 0 && slices.Contains(p.codeKeys, keys[0]) {
		return
	}
	p.codes = append(p.codes, code)
	for _, k := range keys {
		if !slices.Contains(p.codeKeys, k) {
			p.codeKeys = append(p.codeKeys, k)
		}
	}
}

// typedKeys returns the keys of a typed code. "E1-2" is the sub-code 2 of E1 and
// never E12; "E1/2" may also be E1 and E2.
func typedKeys(code string) []string {
	sub, ok := subCode(code)
	if !ok {
		return codeKeys(code)
	}
	keys := []string{sub}
	if codePair.MatchString(code) {
		for _, c := range expandRange(code) {
			keys = append(keys, textnorm.Key(c))
		}
	}
	return keys
}

var (
	typedHyphened = regexp.MustCompile(`(?i)^\p{L}{1,4}-\p{L}{1,3}\d?$`)
	typedNumber   = regexp.MustCompile(`^\d{1,3}$`)
)

// typedCodes returns the ways to read a code at words[i], the longest first.
// cued says that the question speaks of a code.
func typedCodes(words []string, i int, cued bool) []typedCode {
	var out []typedCode
	w := trimSigns(words[i])
	if i+1 < len(words) {
		next := trimSigns(words[i+1])
		if typedNumber.MatchString(next) && !(i+2 < len(words) && slices.Contains(counted, textnorm.Fold(trimSigns(words[i+2])))) {
			if sub, ok := subCode(w + " " + next); ok {
				out = append(out, typedCode{text: w + " " + next, index: []string{sub}})
			}
		}
		if numerals.MatchString(next) && letters.MatchString(w) {
			switch {
			case codeWord.MatchString(w):
				out = append(out, typedCode{text: w + " " + next, index: []string{textnorm.Key(w + next), "err" + textnorm.Key(next)}})
			case utf8.RuneCountInString(w) <= 2:
				// "error E 99" names a code, "error at 5 bar" and "fault no 5" do not.
				upper := !strings.ContainsFunc(w, unicode.IsLower) && !textnorm.IsFunctionWord(textnorm.Fold(w)) || w == "E"
				out = append(out, typedCode{text: w + next, index: []string{textnorm.Key(w + next)}, certain: cued && upper && !strings.EqualFold(w, "nr")})
			}
		}
	}
	digit, letter := textnorm.HasDigit(w), strings.ContainsFunc(w, unicode.IsLetter)
	if !letter {
		return out
	}
	_, isSub := subCode(w)
	c := typedCode{text: w, index: typedKeys(w)}
	switch {
	case digit:
		c.certain = cued && (codeWithDigit.MatchString(w) || codeComposed.MatchString(w) || isSub)
		out = append(out, c)
	case typedHyphened.MatchString(w), shortCode(w) && !textnorm.IsFunctionWord(textnorm.Fold(w)):
		out = append(out, c)
	case cued && utf8.RuneCountInString(w) <= 4 && shortCode(strings.ToUpper(w)) && !textnorm.IsFunctionWord(textnorm.Fold(w)):
		out = append(out, c) // "ohh flashes"
	}
	return out
}

// nameParts returns the keys of the words of the equipment's name, of the parts
// that signs divide them into, and of neighbouring parts joined.
func nameParts(equipment string) []string {
	var out []string
	for _, w := range strings.Fields(equipment) {
		parts := strings.FieldsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for i := range parts {
			for k := i + 1; k <= len(parts); k++ {
				out = append(out, textnorm.Key(strings.Join(parts[i:k], "")))
			}
		}
	}
	return out
}

// partOfName reports whether a word only names the equipment: a part of the
// name, or the beginning of one that is too long for chance. "E12" is not a part
// of "XE120".
func partOfName(word string, name []string) bool {
	key := textnorm.Key(word)
	return slices.ContainsFunc(name, func(n string) bool {
		return key == n || utf8.RuneCountInString(key) >= 4 && strings.Contains(n, key)
	})
}

var (
	// subCodeCue are the words that name a sub-code, or lead to it after its code.
	subCodeCue = strings.Fields("subcode subcodes sub code unterziffer unterfehler untercode subcódigo then danach dann followed gefolgt luego puis")
	// subCodeLink may stand between a code and its sub-code beside these.
	subCodeLink = strings.Fields("and with und mit by von y et no nr number nummer is ist")
	// counted are the words that make a number before them one of times or things.
	counted = strings.Fields("x times time mal days day hours hour h years year weeks week months minutes min seconds sec s units unit machines tage tag stunden jahre wochen minuten sekunden geräte veces días phase phases phasen v a hz c f w kw psi bar")
)

// subCodesInText returns the keys of the sub-codes that a question's text names:
// "E18 then 13", "sub-code 07". A number is one only right after its code or
// after a word that says so; "3 times" and "unit 2" are not.
func (p *parsed) subCodesInText(q Query) []string {
	if slices.ContainsFunc(p.codeKeys, func(k string) bool { return strings.Contains(k, "/") }) {
		return nil // the code was given with its sub-code
	}
	tokens := textnorm.Tokens(q.Text)
	var keys []string
	linked := q.Code != "" // the text goes on where the code ends
	cued := false
	patience := 0 // other words that may follow a cue: "then after a while 13"
	for i, t := range tokens {
		isCode := slices.Contains(p.codeKeys, t) || i > 0 && slices.Contains(p.codeKeys, tokens[i-1]+t)
		switch {
		case isCode:
			linked, cued = true, q.Code == "" || i > 0
			continue
		case slices.Contains(subCodeCue, t):
			linked, cued, patience = true, true, 3
			continue
		case linked && slices.Contains(subCodeLink, t):
			continue
		case linked && cued && typedNumber.MatchString(t) && (i+1 == len(tokens) || !slices.Contains(counted, tokens[i+1])):
			for _, k := range p.codeKeys {
				keys = append(keys, subCodeKey(k, t))
			}
		case patience > 0 && !textnorm.HasDigit(t):
			patience--
			continue
		}
		linked, cued, patience = false, false, 0
	}
	return keys
}
