package manual_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// covers reads each test file as a manual of two pages, the first of which is a
// cover that names the machine in the file's tag.
type covers struct{ *engine }

func (c covers) Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error {
	return c.engine.Extract(ctx, path, o, pdf.Visitor{Document: v.Document, Page: func(p pdf.Page) error {
		if p.Number > 1 {
			return v.Page(p)
		}
		tag := p.Words[5].Text // "… the pump of TAG has failed."
		cover := pdf.Page{Number: 1, Width: 595, Height: 842}
		for i, text := range []string{"Cindervale Thermal Systems, Inc.", strings.ReplaceAll(tag, "_", " "), "SERVICE MANUAL", "Rev. B"} {
			l := pdf.Line{First: len(cover.Words), FontSize: 24, Box: pdf.Box{Y0: float64(50 * i), X1: 400, Y1: float64(50*i + 24)}}
			for _, w := range strings.Fields(text) {
				cover.Words = append(cover.Words, pdf.Word{Text: w, Box: pdf.Box{Y0: float64(50 * i), X1: 80, Y1: float64(50*i + 24)}})
			}
			l.Count = len(cover.Words) - l.First
			cover.Lines = append(cover.Lines, l)
		}
		return v.Page(cover)
	}})
}

// reviewing returns a library that reads covers.
func reviewing(t *testing.T) *library {
	t.Helper()
	e := &engine{}
	l := newLibrary(t, setup{engine: e, pdf: covers{e}})
	l.start(t)
	return l
}

func (l *library) read(t *testing.T, model string, folders ...string) manual.Manual {
	t.Helper()
	m := l.add(t, manual.Upload{FileName: "scan.pdf", Folders: folders}, file(2, model))
	return l.wait(t, m.ID)
}

func reasons(m manual.Manual) string {
	var out []string
	for _, r := range m.ReviewReasons {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}

func TestAProposalIsMadeOfTheTextAndAccepted(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "RX-280", "srv", "Cindervale", "RX280")
	p, err := l.Proposal(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.State != manual.ProposalOpen || !p.Sure || p.Manufacturer != "Cindervale" || strings.Join(p.Models, " ") != "RX-280" ||
		p.Type != manual.TypeService || p.Revision != "Rev. B" || len(p.Evidence) < 5 {
		t.Fatalf("%+v", p)
	}
	if !m.NeedsReview || !strings.Contains(reasons(m), "PROPOSAL_OPEN") || len(m.Models) != 0 {
		t.Errorf("review %q, models %v", reasons(m), m.Models)
	}
	p, err = l.Accept(t.Context(), m.ID, manual.Decision{Seen: p.UpdatedAt})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Manual
	if p.State != manual.ProposalAccepted || p.DecidedBy != manual.LocalUser || p.DecidedAt == nil ||
		len(got.Models) != 1 || got.Models[0].Name != "RX-280" || got.Type != manual.TypeService || got.Revision != "Rev. B" ||
		got.Title != "Cindervale RX-280 Service Manual" || strings.Contains(reasons(got), "PROPOSAL_OPEN") || strings.Contains(reasons(got), "NO_MODEL") {
		t.Errorf("%+v %q", got, reasons(got))
	}
	if _, err := l.Accept(t.Context(), m.ID, manual.Decision{}); errdefs.Code(err) != "PROPOSAL_DECIDED" || !errdefs.Is(err, errdefs.Conflict) {
		t.Errorf("the second time: %v", err)
	}
	if _, err := l.Dismiss(t.Context(), m.ID, manual.Decision{}); errdefs.Code(err) != "PROPOSAL_DECIDED" {
		t.Errorf("dismissing it afterwards: %v", err)
	}
	entries, err := audit.Of(t.Context(), l.pool, m.ID)
	if err != nil || len(entries) != 1 || entries[0].Action != "proposal.accepted" || entries[0].Actor != manual.LocalUser {
		t.Errorf("audit %+v, %v", entries, err)
	}
}

func TestWhatAPersonSaidStays(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.wait(t, l.add(t, manual.Upload{
		FileName: "scan.pdf", Title: "My oven", Type: manual.TypeParts, Revision: "Z", Folders: []string{"Cindervale", "RX-280"},
	}, file(2, "RX-280")).ID)
	revision := "Y"
	p, err := l.Accept(t.Context(), m.ID, manual.Decision{Models: &[]string{"RX-281", "RX-282"}, Revision: &revision})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Manual; got.Title != "My oven" || got.Type != manual.TypeParts || got.Revision != "Y" || len(got.Models) != 2 || got.Models[0].Name != "RX-281" {
		t.Errorf("%+v", got)
	}
	if p.Models[0] != "RX-280" {
		t.Errorf("the proposal itself was changed: %+v", p)
	}
}

func TestModelsThatAreToldOtherwiseSupersedeAProposal(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	maker, models := "Other", []string{"O-1"}
	patched := l.read(t, "RX-280", "Cindervale", "RX-280")
	if _, err := l.Update(t.Context(), patched.ID, manual.Patch{Manufacturer: &maker, Models: &models}); err != nil {
		t.Fatal(err)
	}
	again := l.read(t, "RX-440", "Cindervale", "RX-440")
	l.add(t, manual.Upload{FileName: "again.pdf", Manufacturer: maker, Models: models}, file(2, "RX-440"))
	for _, id := range []uuid.UUID{patched.ID, again.ID} {
		p, err := l.Proposal(t.Context(), id)
		if err != nil || p.State != manual.ProposalSuperseded {
			t.Errorf("%s, %v", p.State, err)
		}
		if _, err := l.Accept(t.Context(), id, manual.Decision{}); errdefs.Code(err) != "PROPOSAL_DECIDED" {
			t.Errorf("accepting it: %v", err)
		}
		if m, err := l.Get(t.Context(), id); err != nil || len(m.Models) != 1 || m.Models[0].Name != "O-1" {
			t.Errorf("%+v, %v", m.Models, err)
		}
	}
	told := l.wait(t, l.add(t, manual.Upload{FileName: "told.pdf", Manufacturer: maker, Models: models}, file(2, "RX-555")).ID)
	if _, err := l.Proposal(t.Context(), told.ID); errdefs.Code(err) != "PROPOSAL_NOT_FOUND" {
		t.Errorf("a manual with models has a proposal: %v", err)
	}
}

func TestOfTwoDecisionsAtOnceOneWins(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "RX-280", "Cindervale", "RX-280")
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		wg.Go(func() {
			if i%2 == 0 {
				_, errs[i] = l.Accept(t.Context(), m.ID, manual.Decision{})
			} else {
				_, errs[i] = l.Dismiss(t.Context(), m.ID, manual.Decision{})
			}
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if errdefs.Code(err) != "PROPOSAL_DECIDED" {
			t.Error(err)
		}
	}
	entries, err := audit.Of(t.Context(), l.pool, m.ID)
	if err != nil || won != 1 || len(entries) != 1 {
		t.Errorf("%d have won, %d entries, %v", won, len(entries), err)
	}
}

func TestAProposalThatChangedMeanwhileIsNotAcceptedUnseen(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "RX-280")
	seen, err := l.Proposal(t.Context(), m.ID)
	if err != nil || seen.Sure || len(seen.Models) != 1 {
		t.Fatalf("%+v, %v", seen, err)
	}
	// The library comes to know the maker, and the manual is indexed again.
	l.wait(t, l.add(t, manual.Upload{FileName: "other.pdf", Manufacturer: "CINDERVALE", Models: []string{"RX-280"}}, file(2, "RX-999")).ID)
	german := "de"
	if _, err := l.Update(t.Context(), m.ID, manual.Patch{Language: &german}); err != nil {
		t.Fatal(err)
	}
	l.wait(t, m.ID)
	p, err := l.Proposal(t.Context(), m.ID)
	if err != nil || p.Manufacturer != "CINDERVALE" || !p.Sure || p.UpdatedAt.Equal(seen.UpdatedAt) {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := l.Accept(t.Context(), m.ID, manual.Decision{Seen: seen.UpdatedAt}); errdefs.Code(err) != "PROPOSAL_CHANGED" {
		t.Errorf("accepted unseen: %v", err)
	}
	if _, err := l.Accept(t.Context(), m.ID, manual.Decision{Seen: p.UpdatedAt}); err != nil {
		t.Error(err)
	}
	// Once decided it is left alone.
	english := "en"
	if _, err := l.Update(t.Context(), m.ID, manual.Patch{Language: &english}); err != nil {
		t.Fatal(err)
	}
	l.wait(t, m.ID)
	if p, err := l.Proposal(t.Context(), m.ID); err != nil || p.State != manual.ProposalAccepted {
		t.Errorf("%s, %v", p.State, err)
	}
}

func TestAProposalWithoutAModelNeedsOne(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "Instructions")
	if _, err := l.Accept(t.Context(), m.ID, manual.Decision{}); errdefs.Code(err) != "PROPOSAL_INCOMPLETE" || !errdefs.Is(err, errdefs.Invalid) {
		t.Errorf("%v", err)
	}
	if _, err := l.Accept(t.Context(), uuid.Must(uuid.NewV7()), manual.Decision{}); errdefs.Code(err) != "MANUAL_NOT_FOUND" {
		t.Errorf("%v", err)
	}
	p, err := l.Dismiss(t.Context(), m.ID, manual.Decision{})
	if err != nil || p.State != manual.ProposalDismissed || reasons(p.Manual) != "NO_MODEL" {
		t.Errorf("%s %q %v", p.State, reasons(p.Manual), err)
	}
}

func TestBeforeTheTextIsReadNothingIsDecided(t *testing.T) {
	t.Parallel()
	e := &engine{}
	l := newLibrary(t, setup{engine: e, pdf: covers{e}})
	m := l.add(t, manual.Upload{FileName: "scan.pdf", Folders: []string{"Cindervale", "RX-280"}}, file(2, "RX-280"))
	if _, err := l.Accept(t.Context(), m.ID, manual.Decision{}); errdefs.Code(err) != "PROPOSAL_WAITING" {
		t.Errorf("%v", err)
	}
	if open, sure, err := l.CountProposals(t.Context()); open != 0 || sure != 0 || err != nil {
		t.Errorf("%d open, %d sure, %v", open, sure, err)
	}
}

func TestAllSureProposalsAreAcceptedAtOnce(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	for _, model := range []string{"RX-1", "RX-200", "RX-300", "RX-400"} {
		l.read(t, model, "Cindervale", model)
	}
	doubtful := l.read(t, "RX-500", "Cindervale", "RX-501")
	sure := true
	var all []manual.Proposal
	f := manual.ProposalFilter{Limit: 2, Sure: &sure}
	for {
		page, next, err := l.Proposals(t.Context(), f)
		if err != nil || len(page) > 2 {
			t.Fatal(len(page), err)
		}
		all = append(all, page...)
		if f.Cursor = next; next == "" {
			break
		}
	}
	if len(all) != 4 || all[0].Models[0] != "RX-1" || all[3].Models[0] != "RX-400" {
		t.Fatalf("%+v", all)
	}
	// Somebody else is at it, too.
	var wg sync.WaitGroup
	counts := make([]manual.AcceptedAll, 3)
	for i := range counts {
		wg.Go(func() {
			var err error
			if counts[i], err = l.AcceptAllSure(t.Context(), manual.LocalUser); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	accepted := 0
	for _, n := range counts {
		accepted += n.Accepted
	}
	if accepted != 4 {
		t.Errorf("accepted %d: %+v", accepted, counts)
	}
	again, err := l.AcceptAllSure(t.Context(), manual.LocalUser)
	if err != nil || again != (manual.AcceptedAll{Open: 1}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	open, _, err := l.Proposals(t.Context(), manual.ProposalFilter{})
	if err != nil || len(open) != 1 || open[0].Manual.ID != doubtful.ID {
		t.Errorf("left: %+v, %v", open, err)
	}
	for _, f := range []manual.ProposalFilter{{State: "odd"}, {Cursor: "!"}} {
		if _, _, err := l.Proposals(t.Context(), f); !errdefs.Is(err, errdefs.Invalid) {
			t.Errorf("%+v: %v", f, err)
		}
	}
}

func TestAReviewFollowsTheModelsAtOnce(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "RX-280")
	if got := reasons(m); !strings.Contains(got, "NO_MODEL") || !strings.Contains(got, "PROPOSAL_OPEN") {
		t.Fatalf("reasons %q", got)
	}
	m, err := l.Update(t.Context(), m.ID, manual.Patch{Manufacturer: new("Cindervale"), Models: &[]string{"RX-280"}})
	if err != nil || m.NeedsReview || reasons(m) != "" {
		t.Errorf("with a model: %q, %v", reasons(m), err)
	}
	m, err = l.Update(t.Context(), m.ID, manual.Patch{Models: &[]string{}})
	if err != nil || !m.NeedsReview || reasons(m) != "NO_MODEL" {
		t.Errorf("without one again: %q, %v", reasons(m), err)
	}
	m, _, err = l.Intake(t.Context(), manual.Upload{Manufacturer: "Cindervale", Models: []string{"RX-280"}}, reader(file(2, "RX-280")))
	if err != nil || m.NeedsReview || reasons(m) != "" {
		t.Errorf("told by an upload: %q, %v", reasons(m), err)
	}
}

func TestAFileThatIsMetInAnotherFolderIsProposedAnew(t *testing.T) {
	t.Parallel()
	l := reviewing(t)
	m := l.read(t, "RX-280", "downloads")
	before, err := l.Proposal(t.Context(), m.ID)
	if err != nil || before.Sure {
		t.Fatalf("%+v, %v", before, err)
	}
	meet := func(folders ...string) manual.Proposal {
		t.Helper()
		if _, created, err := l.Intake(t.Context(), manual.Upload{FileName: "scan.pdf", Folders: folders}, reader(file(2, "RX-280"))); err != nil || created {
			t.Fatal(created, err)
		}
		p, err := l.Proposal(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	sure := meet("Cindervale", "RX-280")
	if !sure.Sure || sure.State != manual.ProposalOpen || !sure.UpdatedAt.After(before.UpdatedAt) {
		t.Errorf("with the folders: %+v", sure)
	}
	if later := meet("downloads"); !later.Sure || !later.UpdatedAt.Equal(sure.UpdatedAt) {
		t.Errorf("a folder that says nothing has changed what was sure: %+v", later)
	}
}
