package manual

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

const (
	// justReadPages bounds the pages that are kept for their index, each of some
	// 50 kB. Longer manuals are read from the database, which then matters less.
	justReadPages = 500
	// justReadTime is how long they are kept: the index comes next, unless other
	// manuals are before it or another node makes it.
	justReadTime = 30 * time.Second
)

// justRead keeps the pages of manuals that this process has read for the index that
// follows, so that they need not be read back from the database. Nothing depends on
// it: what it does not hold is there.
type justRead struct {
	mu      sync.Mutex
	manuals []*readManual // the oldest first
}

// readManual is the text of a whole manual.
type readManual struct {
	id           uuid.UUID
	run, version int32 // of the manual and of its text
	pages        []pdf.Page
	expiry       *time.Timer
}

// put keeps the pages of a locked manual, in any order, in place of the oldest where
// there are too many. They must be what is stored.
func (j *justRead) put(row db.Manual, pages []pdf.Page) {
	slices.SortFunc(pages, func(a, b pdf.Page) int { return a.Number - b.Number })
	for i := range pages {
		pages[i] = pages[i].Trusted()
	}
	m := &readManual{id: row.ID, run: row.Run, version: row.TextVersion, pages: pages}
	m.expiry = time.AfterFunc(justReadTime, func() { j.drop(func(o *readManual) bool { return o == m }) })
	j.drop(func(o *readManual) bool { return o.id == m.id })
	j.mu.Lock()
	defer j.mu.Unlock()
	j.manuals = append(j.manuals, m)
	sum := 0
	for i, o := range slices.Backward(j.manuals) {
		if sum += len(o.pages); sum > justReadPages {
			for _, old := range j.manuals[:i+1] {
				old.expiry.Stop()
			}
			j.manuals = slices.Delete(j.manuals, 0, i+1)
			return
		}
	}
}

// take returns the pages of a locked manual in order, if they are those of the text
// that it has now, and keeps them no longer.
func (j *justRead) take(row db.Manual) (pages []pdf.Page) {
	j.drop(func(m *readManual) bool {
		if m.id != row.ID {
			return false
		}
		if m.run == row.Run && m.version == row.TextVersion {
			pages = m.pages
		}
		return true
	})
	return pages
}

func (j *justRead) drop(which func(*readManual) bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.manuals = slices.DeleteFunc(j.manuals, func(m *readManual) bool {
		if !which(m) {
			return false
		}
		m.expiry.Stop()
		return true
	})
}
