package troubleshoot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/structure"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// The versions that an answer in the cache is tied to, beside its manuals.
const (
	schemaVersion    = 3
	retrievalVersion = 2
	writerVersion    = 5
)

const (
	pagesRead     = 6  // best pages that an answer is written from
	codePagesRead = 6  // pages of an asked code, beside them
	maxManuals    = 20 // of one model in scope
	cacheLifetime = 30 * 24 * time.Hour
	nearestShown  = 3 // passages under a refusal
)

// Deps are what a Service is built from.
type Deps struct {
	DB      *pgxpool.Pool
	Search  *search.Store
	Manuals *manual.Service
	Models  *equipment.Service
	// Corrections says what the shop's corrections amount to; nobody corrects anything
	// when nil.
	Corrections corrections
	Log         *slog.Logger
	Now         func() time.Time // the clock; time.Now when nil
}

// Service answers questions. It may be used concurrently.
type Service struct {
	db          *pgxpool.Pool
	search      *search.Store
	manuals     *manual.Service
	models      *equipment.Service
	corrections corrections
	log         *slog.Logger
	now         func() time.Time
}

// corrections tells apart the states of what the shop says; package correction's Store
// does.
type corrections interface {
	// Version is another one after each change of a correction of the manuals, and
	// never again one that it was before.
	Version(ctx context.Context, manuals []uuid.UUID) (string, error)
}

// uncorrected is a library in which nobody corrects anything.
type uncorrected struct{}

func (uncorrected) Version(context.Context, []uuid.UUID) (string, error) { return "", nil }

// New returns a Service.
func New(d Deps) *Service {
	s := &Service{db: d.DB, search: d.Search, manuals: d.Manuals, models: d.Models, corrections: d.Corrections, log: d.Log, now: d.Now}
	if s.now == nil {
		s.now = time.Now
	}
	if s.corrections == nil {
		s.corrections = uncorrected{}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// scope is what a question is answered from.
type scope struct {
	equipment Equipment
	manuals   []manual.Manual
	// corrections stands for what the shop says of the manuals' rows. It is read before
	// them: an answer may be newer than its key says, and is never older.
	corrections string
}

func (sc scope) ids() []uuid.UUID {
	out := make([]uuid.UUID, len(sc.manuals))
	for i, m := range sc.manuals {
		out[i] = m.ID
	}
	return out
}

// Ask answers a question for a user. The answer may be a refusal; an error means
// that the question could not be asked: a bad question (Invalid), an unknown
// model with the closest known ones (NotFound), or a model without a manual that
// is ready (NotFound or Unavailable).
func (s *Service) Ask(ctx context.Context, q Question, user uuid.UUID) (*Answer, error) {
	q, err := q.clean()
	if err != nil {
		return nil, err
	}
	for range attempts {
		sc, err := s.scope(ctx, q)
		if err != nil {
			return nil, err
		}
		if sc.corrections, err = s.corrections.Version(ctx, sc.ids()); err != nil {
			return nil, err
		}
		key, err := cacheKey(q, sc)
		if err != nil {
			return nil, err
		}
		if a, err := s.cached(ctx, key); err != nil || a != nil {
			return a, err
		}
		a, err := s.answer(ctx, q, sc)
		if err == nil {
			err = s.unchanged(ctx, sc) // also what the writer has read
		}
		if err == nil {
			return a, s.keep(ctx, key, q, a, user)
		}
		if !errors.Is(err, errChanged) {
			return nil, err
		}
	}
	return nil, errdefs.New(errdefs.Unavailable, "MANUAL_PROCESSING", "The manuals of this model are being indexed right now. Ask again in a moment.")
}

// attempts is how often a question is answered when its manuals are indexed anew
// meanwhile, which happens every 15 s at most.
const attempts = 3

// errChanged says that a manual was indexed anew meanwhile.
var errChanged = errors.New("troubleshoot: a manual has changed")

// unchanged returns errChanged unless the manuals are those of the scope still:
// what the index says of a page must not be read from a page that was read anew
// since.
func (s *Service) unchanged(ctx context.Context, sc scope) error {
	now, err := s.manuals.Generations(ctx, sc.ids())
	if err != nil {
		return err
	}
	for _, m := range sc.manuals {
		if now[m.ID] != m.Generation {
			return errChanged
		}
	}
	return nil
}

// scope resolves the equipment and its manuals that can be asked, if only for
// the pages that are read so far.
func (s *Service) scope(ctx context.Context, q Question) (scope, error) {
	var sc scope
	if q.ManualID != nil {
		m, err := s.manuals.Get(ctx, *q.ManualID)
		if err != nil {
			return sc, err
		}
		if !m.Searchable() {
			return sc, notReady([]manual.Manual{m})
		}
		sc.manuals = []manual.Manual{m}
		sc.equipment = Equipment{Manufacturer: q.Manufacturer, Model: q.Model}
		if len(m.Models) > 0 && q.Model == "" {
			sc.equipment = Equipment{Manufacturer: m.Models[0].Manufacturer, Model: m.Models[0].Name}
		}
		return sc, nil
	}
	model, err := s.models.Resolve(ctx, q.Manufacturer, q.Model)
	if err != nil {
		return sc, err
	}
	sc.equipment = Equipment{Manufacturer: model.Manufacturer, Model: model.Name}
	sc.manuals, err = s.manuals.ForModel(ctx, model.ID)
	if err != nil {
		return sc, err
	}
	if len(sc.manuals) == 0 {
		all, _, err := s.manuals.List(ctx, manual.Filter{Manufacturer: model.Manufacturer, Model: model.Name, Limit: maxManuals})
		if err != nil {
			return sc, err
		}
		return sc, notReady(all)
	}
	sc.manuals = sc.manuals[:min(len(sc.manuals), maxManuals)]
	return sc, nil
}

// siblings returns the keys of the models that share the manuals in scope with
// the chosen one.
func (sc scope) siblings() []string {
	var out []string
	chosen := textnorm.Key(sc.equipment.Model)
	for _, m := range sc.manuals {
		for _, other := range m.Models {
			if k := textnorm.Key(other.Name); k != chosen && !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// notReady says why there is nothing to answer from yet.
func notReady(manuals []manual.Manual) error {
	for _, m := range manuals {
		switch m.Status {
		case manual.Queued, manual.Processing:
			progress := ""
			if m.Pages > 0 {
				progress = fmt.Sprintf(" (%d of %d pages)", m.PagesDone, m.Pages)
			}
			return errdefs.New(errdefs.Unavailable, "MANUAL_PROCESSING", "The manual %q is still being read%s. Ask again in a moment.", m.Title, progress).With("manual_id", m.ID)
		case manual.Failed:
			reason := ""
			if m.Error != nil {
				reason = " " + m.Error.Message
			}
			return errdefs.New(errdefs.NotFound, "MANUAL_NOT_READABLE", "The manual %q could not be read.%s", m.Title, reason).With("manual_id", m.ID)
		case manual.Quarantined:
			return errdefs.New(errdefs.NotFound, "MANUAL_QUARANTINED", "The manual %q is in quarantine and is not asked. An administrator can look at what was found in it and release it.", m.Title).With("manual_id", m.ID)
		case manual.Ready:
		}
	}
	return errdefs.New(errdefs.NotFound, "MANUAL_NOT_FOUND", "There is no manual for this model yet. Import one with \"techcopilot import\" or upload it.")
}

// answer writes and verifies a new answer.
func (s *Service) answer(ctx context.Context, q Question, sc scope) (*Answer, error) {
	res, err := s.search.Search(ctx, search.Query{
		Manuals: sc.ids(), Code: q.Code, Text: q.Symptom, Language: q.Language,
		Equipment: sc.equipment.Manufacturer + " " + sc.equipment.Model,
	})
	if err != nil {
		return nil, err
	}
	e := &evidence{question: q, model: sc.equipment.Model, siblings: sc.siblings(), asked: recognise(q), result: res}
	if e.pages, err = s.readPages(ctx, res); err != nil {
		return nil, err
	}
	if err := s.unchanged(ctx, sc); err != nil {
		return nil, err
	}
	e.load = func(id uuid.UUID, number int) *page {
		p, label, err := s.manuals.Page(ctx, id, number)
		if err != nil {
			return nil // the answer then says that the rest was not read
		}
		return newPage(id, label, "", res.Language, 0, &p)
	}
	if err := s.readIndexed(ctx, e, sc.ids()); err != nil {
		return nil, err
	}
	d := writeExtractive(e)
	v := newVerifier(slices.Concat(e.pages, e.beside))
	if d != nil {
		if err := s.markCorrected(ctx, d, sc.ids()); err != nil {
			return nil, err
		}
		d.addWarnings()
		v.verify(&d.Answer)
		if d.empty() {
			d = nil
		}
	}
	if d == nil {
		d = refuse(e, sc)
		if q.Code != "" && !res.CodeFound {
			if d.Refusal.NearCodes, err = s.search.NearCodes(ctx, sc.ids(), q.Code); err != nil {
				return nil, err
			}
		}
		v.verify(&d.Answer)
	}
	a := &d.Answer
	a.ID, err = uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("make an answer id: %w", err)
	}
	a.Equipment, a.CreatedAt, a.Notices = sc.equipment, s.now().UTC(), notices(sc.manuals)
	for i := range a.Citations {
		for _, m := range sc.manuals {
			if m.ID == a.Citations[i].ManualID {
				a.Citations[i].Title, a.Citations[i].Revision, a.Citations[i].Generation = m.Title, m.Revision, m.Generation
			}
		}
	}
	a.NotInManual = notFound(e, a)
	a.Summary = summarise(a)
	return a, nil
}

// readPages loads the best pages and those of the asked codes.
func (s *Service) readPages(ctx context.Context, res search.Result) ([]*page, error) {
	type ref struct {
		manual   uuid.UUID
		number   int
		section  string
		language string
		score    float64
	}
	var refs []ref
	add := func(r ref) {
		if !slices.ContainsFunc(refs, func(o ref) bool { return o.manual == r.manual && o.number == r.number }) {
			refs = append(refs, r)
		}
	}
	inLanguage := slices.ContainsFunc(res.Pages, func(h search.PageHit) bool { return h.Language == res.Language })
	for _, h := range res.Pages {
		if len(refs) < pagesRead && (!inLanguage || h.Language == res.Language) {
			add(ref{h.ManualID, h.Page, h.Section, h.Language, h.Score / max(res.Pages[0].Score, 1e-9)})
		}
	}
	for i, c := range res.Codes {
		if i < 4*codePagesRead && len(refs) < pagesRead+codePagesRead {
			for number := c.Page; number <= max(c.Page, c.LastPage); number++ {
				add(ref{c.ManualID, number, c.Section, c.Language, 0.5})
			}
		}
	}
	pages := make([]*page, 0, len(refs))
	for _, r := range refs {
		p, label, err := s.manuals.Page(ctx, r.manual, r.number)
		if errdefs.Is(err, errdefs.NotFound) {
			continue // deleted since it was found
		}
		if err != nil {
			return nil, err
		}
		pages = append(pages, newPage(r.manual, label, r.section, r.language, r.score, &p))
	}
	return pages, s.readTables(ctx, pages)
}

// readTables gives the pages the tables of their manuals, which may begin on a page
// before.
func (s *Service) readTables(ctx context.Context, pages []*page) error {
	numbers := map[uuid.UUID][]int{}
	for _, p := range pages {
		if len(p.pdf.Tables) > 0 {
			numbers[p.manual] = append(numbers[p.manual], p.pdf.Number)
		}
	}
	for id, on := range numbers {
		tables, err := s.search.TablesOn(ctx, id, on)
		if err != nil {
			return err
		}
		for _, p := range pages {
			for _, t := range tables {
				if p.manual == id && slices.ContainsFunc(t.Parts, func(part structure.Part) bool { return part.Page == p.pdf.Number }) {
					p.tables = append(p.tables, t)
				}
			}
		}
	}
	return nil
}

// refuse says that the manuals in scope do not answer, what was searched, and
// what is nearest.
func refuse(e *evidence, sc scope) *draft {
	d := &draft{evidence: e, Answer: Answer{Kind: Refused, Writer: extractive}}
	r := &Refusal{}
	for _, m := range sc.manuals {
		r.Searched = append(r.Searched, m.Title)
	}
	for _, t := range e.result.Terms {
		r.Terms = append(r.Terms, t.Word)
	}
	switch {
	case e.question.Code != "" && !e.result.CodeFound:
		r.Reason = fmt.Sprintf("The code %s does not stand in the text of this model's manuals.", e.question.Code)
		r.NextStep = "Check the code on the display and the model on the nameplate, ask by the symptom (codes that are drawn as pictures cannot be searched), or add the manual that lists it."
	case len(e.result.Pages) == 0:
		r.Reason = "None of the question's words stands in the text of this model's manuals."
		r.NextStep = "Use the manual's own words for the part or the symptom, or add another manual of this model."
	default:
		r.Reason = "The manuals of this model do not answer this question."
		r.NextStep = "Look at the nearest passages below, ask with other words, or add another manual of this model."
	}
	for _, n := range notices(sc.manuals) {
		r.Reason += " " + n.Message
	}
	d.Refusal = r
	ranked := e.rank(e.pages)
	for _, c := range ranked[:min(len(ranked), nearestShown)] {
		d.Passages = append(d.Passages, d.item(c))
	}
	return d
}

// notFound lists the words of the question that stand in none of the manuals.
func notFound(e *evidence, a *Answer) []string {
	if a.Kind == Refused {
		return nil
	}
	var out []string
	for _, t := range e.result.Terms {
		if len(t.Forms) == 0 && !slices.Contains(out, t.Word) {
			out = append(out, t.Word)
		}
	}
	return out
}

// summarise puts the answer's first line together from verified items.
func summarise(a *Answer) string {
	switch {
	case a.Refusal != nil:
		return a.Refusal.Reason
	case a.ErrorCode != nil:
		said := a.ErrorCode.Code + ": " + a.ErrorCode.Meaning
		if a.ErrorCode.Correction != nil {
			said += " (corrected by the shop)"
		}
		return said
	case len(a.Values) > 0:
		return labelled(a.Values[0])
	case a.Kind == Procedure && len(a.Steps) > 0 && len(a.Passages) > 0 && a.Passages[0].Label != "":
		return a.Passages[0].Label
	case len(a.Parts) > 0:
		return strings.TrimSpace(a.Parts[0].PartNumber + " " + a.Parts[0].Name)
	case len(a.Steps) > 0:
		first := slices.IndexFunc(a.Steps, func(s Step) bool { return !s.Unverified })
		return a.Steps[max(first, 0)].Instruction
	case len(a.LikelyCauses) > 0:
		return a.LikelyCauses[0].Text
	case len(a.Passages) > 0:
		return a.Passages[0].Text
	}
	return ""
}

func labelled(i Item) string {
	if i.Label == "" {
		return i.Text
	}
	return i.Label + ": " + i.Text
}

// pageName names a cited page for a reader.
func (a *Answer) pageName(citation int) string {
	if citation < 0 || citation >= len(a.Citations) {
		return ""
	}
	c := a.Citations[citation]
	if c.PageLabel != "" && c.PageLabel != fmt.Sprint(c.Page) {
		return fmt.Sprintf("page %s (PDF page %d)", c.PageLabel, c.Page)
	}
	return fmt.Sprintf("page %d", c.Page)
}

// cacheKey ties an answer to all that it depends on.
func cacheKey(q Question, sc scope) ([]byte, error) {
	type source struct {
		SHA256     string
		Generation int
		Notices    []Notice // what is not searched may change without the index
	}
	var sources []source
	for _, m := range sc.manuals {
		sources = append(sources, source{m.SHA256, m.Generation, notices([]manual.Manual{m})})
	}
	slices.SortFunc(sources, func(a, b source) int { return strings.Compare(a.SHA256, b.SHA256) })
	data, err := json.Marshal([]any{
		schemaVersion, retrievalVersion, writerVersion, verifierVersion, extractive,
		sc.equipment, sources, sc.corrections, textnorm.Fold(q.Code), textnorm.Fold(q.Symptom), q.Language,
	})
	if err != nil {
		return nil, fmt.Errorf("make a cache key: %w", err)
	}
	sum := sha256.Sum256(data)
	return sum[:], nil
}
