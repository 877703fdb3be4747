package troubleshoot

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

// Standing is what became of a cited page since the answer was given. The answer
// itself is kept unchanged; this is found out whenever it is shown.
type Standing struct {
	// SupersededBy is the manual that is asked by now instead of the cited one.
	SupersededBy *Successor `json:"superseded_by,omitempty"`
	// Reread says that the manual was read again since and that a quote does not stand
	// on its page as it is read now. Compare it with the page's image.
	Reread bool `json:"reread,omitempty" doc:"The manual was read again since, and a quote does not stand on the page as it is read now: compare it with the page's image"`
	// Deleted says that the manual is gone; the quotes are all that is left of it.
	Deleted bool `json:"deleted,omitempty" doc:"The manual was deleted since; the quotes are what is left of it"`
}

// Successor names the manual that has superseded another.
type Successor struct {
	ID       uuid.UUID `json:"id" format:"uuid"`
	Title    string    `json:"title"`
	Revision string    `json:"revision,omitempty"`
}

// stand finds out what became of the pages that an answer cites.
func (s *Service) stand(ctx context.Context, a *Answer) error {
	known := map[uuid.UUID]*manual.Manual{} // nil for one that is gone
	quotes := a.quoteLists()
	for i := range a.Citations {
		c := &a.Citations[i]
		m, ok := known[c.ManualID]
		if !ok {
			found, err := s.manuals.Get(ctx, c.ManualID)
			if err != nil && !errdefs.Is(err, errdefs.NotFound) {
				return err
			}
			if err == nil {
				m = &found
			}
			known[c.ManualID] = m
		}
		if m == nil {
			c.Deleted = true
			continue
		}
		if n := m.SupersededBy; n != nil {
			c.SupersededBy = &Successor{n.ID, n.Title, n.Revision}
		}
		if c.Generation == m.Generation {
			continue // every quote was found on the page as it is
		}
		stands, err := s.stands(ctx, c, i, quotes)
		if err != nil {
			return err
		}
		c.Reread = !stands
	}
	return nil
}

// stands reports whether all quotes of a citation stand on its page as it is read now.
func (s *Service) stands(ctx context.Context, c *Citation, at int, lists [][]Quote) (bool, error) {
	p, label, err := s.manuals.Page(ctx, c.ManualID, c.Page)
	switch {
	case errdefs.Is(err, errdefs.NotFound), errdefs.Is(err, errdefs.Unavailable), errdefs.Is(err, errdefs.Conflict):
		return false, nil // the page is not there, or held back
	case err != nil:
		return false, err
	}
	v := newVerifier([]*page{newPage(c.ManualID, label, "", "", 0, &p)})
	for _, quotes := range lists {
		if slices.ContainsFunc(quotes, func(q Quote) bool {
			if q.Citation != at {
				return false
			}
			_, ok := v.find(pageKey{c.ManualID, c.Page}, q.Text, nil)
			return !ok
		}) {
			return false, nil
		}
	}
	return true, nil
}
