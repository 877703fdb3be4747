package search

import (
	"context"
	"fmt"
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

// vocabulary is the words of the manuals in scope.
type vocabulary struct {
	words     map[string]*wordInfo
	byLexeme  map[string][]string // folded words by lexeme
	languages []string            // of all manuals, the first manual's first
	chunks    map[uuid.UUID]*chunkIndex
	total     int
	length    int64
}

type wordInfo struct {
	count   int
	lexemes []string // one per language that has the word; none for a stop word
}

// chunkIndex is what scoring needs of one manual's chunks, by ordinal.
type chunkIndex struct {
	lengths []int32
	pages   []int32
}

func (s snapshot) loadVocabulary(ctx context.Context, manuals []uuid.UUID) (*vocabulary, error) {
	v := &vocabulary{words: map[string]*wordInfo{}, byLexeme: map[string][]string{}, chunks: map[uuid.UUID]*chunkIndex{}}
	rows, err := s.tx.Query(ctx, `
		SELECT manual_id, languages, total_length, lengths, pages, words, lexemes, word_counts
		FROM manual_index WHERE manual_id = ANY($1)`, manuals)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id             uuid.UUID
			languages      []string
			length         int64
			c              chunkIndex
			words, lexemes []string
			counts         []int32
		)
		if err := rows.Scan(&id, &languages, &length, &c.lengths, &c.pages, &words, &lexemes, &counts); err != nil {
			return nil, postgres.Translate(err)
		}
		v.chunks[id] = &c
		v.total += len(c.lengths)
		v.length += length
		for _, l := range languages {
			if !slices.Contains(v.languages, l) {
				v.languages = append(v.languages, l)
			}
		}
		for i, w := range words {
			info := v.words[w]
			if info == nil {
				info = &wordInfo{}
				v.words[w] = info
			}
			info.count += int(counts[i])
			if l := lexemes[i]; l != "" && !slices.Contains(info.lexemes, l) {
				info.lexemes = append(info.lexemes, l)
				v.byLexeme[l] = append(v.byLexeme[l], w)
			}
		}
	}
	return v, postgres.Translate(rows.Err())
}

// queryTerm is a Term with the posting lists it is looked up in.
type queryTerm struct {
	Term
	position int // among the question's words
	lexemes  map[string]float64
	// equipment says that the word only names the equipment that was chosen.
	equipment bool
}

// parsed is a question made ready for the posting lists.
type parsed struct {
	terms    []queryTerm
	codes    []string // codes asked for: given, or looking like one in the text
	codeKeys []string
	language string // of the question, or the one to prefer; "" for none
	detected bool   // the question's own words tell its language
}

func (s snapshot) parse(ctx context.Context, q Query, v *vocabulary) (parsed, error) {
	p := parsed{language: v.language(q)}
	p.detected = p.language != "" && p.language == detectLanguage(q)
	printed := strings.Fields(textnorm.Clean(q.Text))
	if err := s.askedCodes(ctx, q, printed, &p); err != nil {
		return p, err
	}
	stems, err := s.stems(ctx, textnorm.Tokens(textnorm.Clean(q.Text)), v.languages)
	if err != nil {
		return p, err
	}
	printedKeys, err := s.knownIdentifiers(ctx, q.Manuals, printed)
	if err != nil {
		return p, err
	}
	p.read(q, v, stems, printedKeys)
	return p, nil
}

func detectLanguage(q Query) string {
	return textnorm.DetectLanguage(strings.Fields(textnorm.Fold(q.Text)), 1)
}

// language returns that of the question, or the one to prefer; "" for none.
func (v *vocabulary) language(q Query) string {
	for _, l := range []string{detectLanguage(q), q.Language, "en"} {
		if l != "" && slices.Contains(v.languages, l) {
			return l
		}
	}
	return ""
}

// read turns the question's words into terms: stems are their lexemes by language,
// printedKeys the keys of the identifiers that the manuals print.
func (p *parsed) read(q Query, v *vocabulary, stems map[string]map[string]string, printedKeys map[string]bool) {
	printed := strings.Fields(textnorm.Clean(q.Text))
	tokens := textnorm.Tokens(textnorm.Clean(q.Text))
	// The filter has done the work of the equipment's name already; its variants
	// carry digits and still tell pages apart.
	equipment := slices.DeleteFunc(textnorm.Tokens(q.Equipment), textnorm.HasDigit)
	position := 0
	for i, w := range printed {
		pieces := textnorm.Tokens(w)
		keys := slices.DeleteFunc(identifierKeys(printed, i), func(k string) bool { return !printedKeys[k] })
		for _, k := range keys {
			p.addTerm(identifierTerm(k, position))
		}
		for _, t := range pieces {
			composed := len(keys) > 0 && len(pieces) > 1
			if !stopWord(stems[t], v, p.language) && !(composed && utf8.RuneCountInString(t) < 2) {
				var term queryTerm
				if slices.Contains(p.codeKeys, t) {
					term = v.exactTerm(t, position, stems[t]) // a code is itself or nothing
				} else {
					term = v.term(t, position, stems[t], tokens)
				}
				term.equipment = slices.Contains(equipment, t)
				p.addTerm(term)
			}
			position++
		}
	}
	for _, k := range p.codeKeys {
		p.addTerm(identifierTerm(k, farAway))
	}
}

// knownIdentifiers returns the keys of the question's identifiers that the
// manuals print. The others are only words: a guess at what belongs together.
func (s snapshot) knownIdentifiers(ctx context.Context, manuals []uuid.UUID, printed []string) (map[string]bool, error) {
	var terms []string
	for i := range printed {
		for _, k := range identifierKeys(printed, i) {
			terms = append(terms, identifierMark+k)
		}
	}
	known := map[string]bool{}
	if len(terms) == 0 {
		return known, nil
	}
	rows, err := s.tx.Query(ctx, `
		SELECT DISTINCT term FROM manual_term WHERE manual_id = ANY($1) AND term = ANY($2)`, manuals, terms) // primary key
	if err != nil {
		return nil, postgres.Translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, t := range found {
		known[strings.TrimPrefix(t, identifierMark)] = true
	}
	return known, postgres.Translate(err)
}

// farAway is the position of a term that is no neighbour of any word.
const farAway = -10

// addTerm adds a term, or merges it into the one of the same word: an
// identifier that is also a plain word counts once.
func (p *parsed) addTerm(t queryTerm) {
	for i := range p.terms {
		if o := &p.terms[i]; o.Word == t.Word {
			for l, w := range t.lexemes {
				o.lexemes[l] = max(o.lexemes[l], w)
			}
			for f, w := range t.Forms {
				o.Forms[f] = max(o.Forms[f], w)
			}
			o.Code = o.Code || t.Code
			return
		}
	}
	p.terms = append(p.terms, t)
}

func identifierTerm(key string, position int) queryTerm {
	return queryTerm{
		Term:     Term{Word: key, Code: true, Forms: map[string]float64{key: 1}},
		position: position, lexemes: map[string]float64{identifierMark + key: 1},
	}
}

// stems asks PostgreSQL for the lexeme of each word in each language; a stop
// word has "" there.
func (s snapshot) stems(ctx context.Context, words, languages []string) (map[string]map[string]string, error) {
	var ws, ls, cfgs []string
	for _, w := range words {
		for _, l := range languages {
			ws, ls, cfgs = append(ws, w), append(ls, l), append(cfgs, config(l))
		}
	}
	rows, err := s.tx.Query(ctx, `
		SELECT w, l, coalesce((tsvector_to_array(to_tsvector(cfg::regconfig, replace(w, ',', '.'))))[1], '')
		FROM unnest($1::text[], $2::text[], $3::text[]) AS u(w, l, cfg)`, ws, ls, cfgs)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	out := map[string]map[string]string{}
	for rows.Next() {
		var w, l, lexeme string
		if err := rows.Scan(&w, &l, &lexeme); err != nil {
			return nil, postgres.Translate(err)
		}
		if out[w] == nil {
			out[w] = map[string]string{}
		}
		out[w][l] = lexeme
	}
	return out, postgres.Translate(rows.Err())
}

// stopWord reports whether a word says nothing in the question's language, or,
// when that is unknown, in the manuals' main language.
func stopWord(stems map[string]string, v *vocabulary, language string) bool {
	if language == "" && len(v.languages) > 0 {
		language = v.languages[0]
	}
	lexeme, ok := stems[language]
	return ok && lexeme == ""
}

// term turns a word of the question into the words of the manuals that count as
// it: its inflections, its abbreviation written out, its compound, or the
// nearest word when the manuals have none of these.
func (v *vocabulary) term(word string, position int, stems map[string]string, tokens []string) queryTerm {
	t := v.exactTerm(word, position, stems)
	for _, other := range equivalents(word) {
		if info := v.words[other]; info != nil {
			for _, l := range info.lexemes {
				v.addLexeme(&t, l, equivalentWeight)
			}
		}
	}
	if m := figureWithUnit.FindStringSubmatch(word); m != nil {
		v.addWord(&t, m[1], 0.8) // "115v" is printed "115 V"
	}
	v.addCompound(&t, tokens, position)
	if len(t.lexemes) == 0 {
		v.withoutLigature(&t)
	}
	if len(t.lexemes) == 0 {
		v.repair(&t)
	}
	return t
}

// exactTerm turns a word of the question into its inflections.
func (v *vocabulary) exactTerm(word string, position int, stems map[string]string) queryTerm {
	t := queryTerm{Term: Term{Word: word, Forms: map[string]float64{}}, position: position, lexemes: map[string]float64{}}
	for _, lexeme := range stems {
		if lexeme != "" && len(v.byLexeme[lexeme]) > 0 {
			v.addLexeme(&t, lexeme, 1)
		}
	}
	t.Found = len(t.lexemes) > 0
	return t
}

// figureWithUnit splits a figure typed together with its unit.
var figureWithUnit = regexp.MustCompile(`^(\d[\d.,]*)\p{L}{1,3}$`)

func (v *vocabulary) addLexeme(t *queryTerm, lexeme string, weight float64) {
	t.lexemes[lexeme] = max(t.lexemes[lexeme], weight)
	for _, w := range v.byLexeme[lexeme] {
		t.Forms[w] = max(t.Forms[w], weight)
	}
}

func (v *vocabulary) addWord(t *queryTerm, word string, weight float64) {
	if info := v.words[word]; info != nil {
		for _, l := range info.lexemes {
			v.addLexeme(t, l, weight)
		}
	}
}

// compounding are the languages that write compounds as one word, whose last
// part says what the whole is.
var compounding = []string{"de", "nl", "da", "no", "sv", "fi", "hu"}

const compoundWeight = 0.7 // what a compound counts for its last part

// addCompound joins a word with its neighbour ("shear bolt" is printed
// "shearbolt") and, when the manuals do not have it, splits it into two words
// that they do have ("Kältemittelmenge", "gearbox").
func (v *vocabulary) addCompound(t *queryTerm, tokens []string, i int) {
	if i+1 < len(tokens) && !figureGoesOn(tokens[i], tokens[i+1]) {
		v.addWord(t, tokens[i]+tokens[i+1], 1)
	}
	if i > 0 && !figureGoesOn(tokens[i-1], tokens[i]) {
		v.addWord(t, tokens[i-1]+tokens[i], 1)
	}
	n := utf8.RuneCountInString(t.Word)
	if n < 7 || textnorm.HasDigit(t.Word) {
		return
	}
	if n >= 10 && len(v.languages) > 0 && slices.Contains(compounding, v.languages[0]) {
		for w := range v.words {
			if len(w) > len(t.Word) && strings.HasSuffix(w, t.Word) {
				v.addWord(t, w, compoundWeight) // "Kabelquerschnitt" in "Mindestkabelquerschnitt"
			}
		}
	}
	if len(t.lexemes) > 0 {
		return
	}
	for at := range t.Word {
		head, tail := t.Word[:at], t.Word[at:]
		if utf8.RuneCountInString(head) < 3 || utf8.RuneCountInString(tail) < 3 || v.words[head] == nil {
			continue
		}
		for _, link := range compoundLinks {
			if rest, ok := strings.CutPrefix(tail, link); ok && v.words[rest] != nil && utf8.RuneCountInString(rest) >= 3 {
				v.addWord(t, head, 0.6)
				v.addWord(t, rest, 0.6)
				t.Repaired = head + " " + rest
			}
		}
	}
}

// compoundLinks may stand between the parts of a compound.
var compoundLinks = []string{"", "s", "n", "es", "en"}

// ligatures are the letters that fonts draw as one, longest first.
var ligatures = []string{"ffi", "ffl", "fi", "fl", "ff"}

// withoutLigature takes for a word what is left of it where a file has no
// character for a ligature, or only for its last letter: "filter" is "ilter".
func (v *vocabulary) withoutLigature(t *queryTerm) {
	for _, ligature := range ligatures {
		at := strings.Index(t.Word, ligature)
		if at < 0 {
			continue
		}
		head, tail := t.Word[:at], t.Word[at+len(ligature):]
		for _, left := range []string{ligature[len(ligature)-1:], ""} {
			if w := head + left + tail; len(w) >= 4 && v.words[w] != nil {
				v.addWord(t, w, repairedWeight)
				t.Repaired = w
				return
			}
		}
	}
}

// figureGoesOn reports whether joining the words would make another figure of
// the one that the first ends with: "E1" and "20" are not "E120".
func figureGoesOn(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	next, _ := utf8.DecodeRuneInString(b)
	return unicode.IsDigit(last) && (unicode.IsDigit(next) || next == '.' || next == ',')
}

// completes reports whether long is short with more behind that leaves its
// figures as they are.
func completes(short, long string) bool {
	rest, ok := strings.CutPrefix(long, short)
	return ok && !figureGoesOn(short, rest)
}

// repair takes the nearest of the manuals' own words for one that they do not
// have. A word with a digit is only ever completed, never altered: E5 is not E6,
// and E12 is not E120.
func (v *vocabulary) repair(t *queryTerm) {
	type candidate struct {
		word  string
		cost  float64
		count int
	}
	var found []candidate
	n := utf8.RuneCountInString(t.Word)
	if textnorm.HasDigit(t.Word) {
		for w, info := range v.words {
			if n >= 3 && completes(t.Word, w) || utf8.RuneCountInString(w) >= 4 && textnorm.HasDigit(w) && completes(w, t.Word) {
				found = append(found, candidate{w, 1 + 0.1*float64(len(w)), info.count})
			}
		}
	} else if n >= 4 {
		budget := repairBudget(n)
		for w, info := range v.words {
			m := utf8.RuneCountInString(w)
			if m < 4 || textnorm.HasDigit(w) || m > n+budget+6 || m < n-budget {
				continue
			}
			if d := textnorm.EditDistance(t.Word, w, budget); d <= budget {
				cost := float64(d) + 0.5*float64(unlikelySwaps(t.Word, w))
				if !sameStart(t.Word, w) {
					cost += 0.5
				}
				if n < 7 && cost > 1 {
					continue // "remote" is not a slip for "remove"
				}
				found = append(found, candidate{w, cost, info.count})
			} else if n >= 6 && (strings.HasPrefix(w, t.Word) || strings.HasSuffix(w, t.Word)) {
				found = append(found, candidate{w, 1.5, info.count})
			}
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		switch {
		case a.cost != b.cost && a.cost < b.cost:
			return -1
		case a.cost != b.cost:
			return 1
		case a.count != b.count:
			return b.count - a.count
		}
		return strings.Compare(a.word, b.word)
	})
	for i, c := range found {
		if i == 3 || c.cost > found[0].cost {
			break
		}
		v.addWord(t, c.word, repairedWeight)
		if t.Repaired == "" {
			t.Repaired = c.word
		}
	}
}

// repairBudget is how many slips a word of n characters may have.
func repairBudget(n int) int {
	if n >= 8 {
		return 2
	}
	return 1
}

// keyRows are the letters as they lie on a keyboard, QWERTY and QWERTZ.
var keyRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiopü", "asdfghjklöä", "yxcvbnm", "qaz", "wsx", "edc", "rfv", "tgb", "yhn", "ujm"}

// unlikelySwaps counts the places where two words of equal length differ by
// letters that do not lie next to each other on a keyboard: a finger slips to a
// neighbour, but another word has any letter.
func unlikelySwaps(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return 0
	}
	n := 0
	for i := range x {
		if x[i] == y[i] || i > 0 && x[i] == y[i-1] && x[i-1] == y[i] || i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] {
			continue
		}
		if !slices.ContainsFunc(keyRows, func(row string) bool {
			return strings.Contains(row, string([]rune{x[i], y[i]})) || strings.Contains(row, string([]rune{y[i], x[i]}))
		}) {
			n++
		}
	}
	return n
}

func sameStart(a, b string) bool {
	ra, _ := utf8.DecodeRuneInString(a)
	rb, _ := utf8.DecodeRuneInString(b)
	return ra == rb
}

// Explain describes how a question was read, one line per term, for people who
// tune the ranking.
func (t Term) Explain() string {
	switch {
	case t.Repaired != "":
		return fmt.Sprintf("%s → %s (idf %.2f)", t.Word, t.Repaired, t.IDF)
	case len(t.Forms) == 0:
		return fmt.Sprintf("%s (not in the manuals)", t.Word)
	}
	return fmt.Sprintf("%s (idf %.2f)", t.Word, t.IDF)
}
