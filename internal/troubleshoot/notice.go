package troubleshoot

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/manual"
)

// Notice says that pages of a manual in scope could not be searched for an
// answer, and why: what is asked may stand there. MANUAL_SUPERSEDED says that another
// manual is asked by now, of one that was asked by its name.
type Notice struct {
	Code     string    `json:"code"` // PAGES_NOT_READ, PAGES_AWAIT_OCR, PAGES_UNREADABLE, MANUAL_SUPERSEDED
	ManualID uuid.UUID `json:"manual_id"`
	Manual   string    `json:"manual"` // its title
	Pages    int       `json:"pages"`  // how many
	Message  string    `json:"message"`
}

// notices tells what of the manuals is not searched yet, or cannot be.
func notices(manuals []manual.Manual) []Notice {
	var out []Notice
	for i := range manuals {
		m := &manuals[i]
		add := func(n int, code, why string) {
			if n <= 0 {
				return
			}
			pages := fmt.Sprintf("%d of %d pages", n, m.Pages)
			if n == 1 {
				pages = fmt.Sprintf("one of %d pages", m.Pages)
			}
			out = append(out, Notice{code, m.ID, m.Title, n, fmt.Sprintf("%s: %s %s.", m.Title, pages, why)})
		}
		if n := m.SupersededBy; n != nil {
			name := n.Title
			if n.Revision != "" {
				name += ", " + n.Revision
			}
			out = append(out, Notice{"MANUAL_SUPERSEDED", m.ID, m.Title, m.Pages, fmt.Sprintf("%s: superseded by %s.", m.Title, name)})
		}
		unread := "not read yet"
		if m.Status == manual.Failed {
			unread = "not read, since the reading failed"
		}
		add(m.Pages-m.PagesDone, "PAGES_NOT_READ", unread)
		waiting := "waiting for OCR"
		if m.Status == manual.Ready {
			waiting += ", which is not installed"
		}
		add(m.OCRWaiting, "PAGES_AWAIT_OCR", waiting+", so that pictures of text there were not searched")
		add(m.PagesFailed+m.OCRFailed, "PAGES_UNREADABLE", "could not be read")
	}
	return out
}
