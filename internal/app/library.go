package app

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// LoadDemo adds the demo manuals that are not in the library yet, and returns
// when all can be asked.
func (a *App) LoadDemo(ctx context.Context) error {
	var ids []uuid.UUID
	for _, d := range demo.Manuals() {
		m, err := a.addDemo(ctx, d)
		if err != nil {
			return err
		}
		ids = append(ids, m.ID)
	}
	for _, id := range ids {
		if err := ready(a.Manuals.Wait(ctx, id, nil)); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) addDemo(ctx context.Context, d demo.Manual) (manual.Manual, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(d.Write(w)) }()
	defer r.Close() // ends the writer when the intake has failed
	m, _, err := a.Manuals.Intake(ctx, manual.Upload{
		FileName: d.FileName, Title: d.Title, Manufacturer: d.Manufacturer, Models: d.Models,
		Type: manual.Type(d.Type), Revision: d.Revision, Language: d.Language,
	}, r)
	return m, err
}

// ready turns a failed manual into its error.
func ready(m manual.Manual, err error) error {
	if err == nil && m.Error != nil {
		err = errdefs.New(errdefs.Invalid, m.Error.Code, "%s: %s", m.FileName, m.Error.Message)
	}
	return err
}

// Evaluation is the library as the evaluation uses it.
func (a *App) Evaluation() eval.Library { return evaluation{a} }

type evaluation struct{ *App }

// Import implements eval.Library.
func (e evaluation) Import(ctx context.Context, path, manufacturer string, models []string) (uuid.UUID, error) {
	f, err := os.Open(path)
	if err != nil {
		return uuid.Nil, err
	}
	defer f.Close()
	m, _, err := e.Manuals.Intake(ctx, manual.Upload{FileName: filepath.Base(path), Manufacturer: manufacturer, Models: models}, f)
	if err != nil {
		return uuid.Nil, err
	}
	return m.ID, ready(e.Manuals.Wait(ctx, m.ID, nil))
}

// Search implements eval.Library.
func (e evaluation) Search(ctx context.Context, q search.Query) (search.Result, error) {
	return e.App.Search.Search(ctx, q)
}

// Page implements eval.Library.
func (e evaluation) Page(ctx context.Context, id uuid.UUID, number int) (pdf.Page, error) {
	p, _, err := e.Manuals.Page(ctx, id, number)
	return p, err
}

// Ask implements eval.Library.
func (e evaluation) Ask(ctx context.Context, q troubleshoot.Question) (*troubleshoot.Answer, error) {
	return e.App.Ask(ctx, q)
}
