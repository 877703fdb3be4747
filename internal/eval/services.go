package eval

import (
	"context"
	"os"
	"path/filepath"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// Services is the Library of the program itself.
type Services struct {
	Manuals *manual.Service
	Index   *search.Store
	Answer  func(context.Context, troubleshoot.Question) (*troubleshoot.Answer, error)
}

// Import adds a manual and waits until it is read.
func (s *Services) Import(ctx context.Context, path, manufacturer string, models []string) (uuid.UUID, error) {
	f, err := os.Open(path)
	if err != nil {
		return uuid.Nil, errdefs.Wrap(err, errdefs.NotFound, "FILE_UNREADABLE", "The manual %s cannot be opened. Check the folder of manuals.", filepath.Base(path))
	}
	defer f.Close()
	m, _, err := s.Manuals.Intake(ctx, manual.Upload{FileName: filepath.Base(path), Manufacturer: manufacturer, Models: models}, f)
	if err != nil {
		return uuid.Nil, err
	}
	m, err = s.Manuals.Wait(ctx, m.ID, func(manual.Manual) {})
	if err != nil {
		return uuid.Nil, err
	}
	if m.Status == manual.Failed && m.Error != nil {
		return uuid.Nil, errdefs.New(errdefs.Unsupported, m.Error.Code, "%s", m.Error.Message)
	}
	return m.ID, nil
}

// Search asks the index.
func (s *Services) Search(ctx context.Context, q search.Query) (search.Result, error) {
	return s.Index.Search(ctx, q)
}

// Ask asks for an answer.
func (s *Services) Ask(ctx context.Context, q troubleshoot.Question) (*troubleshoot.Answer, error) {
	return s.Answer(ctx, q)
}
