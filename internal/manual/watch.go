package manual

import (
	"context"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

const (
	// A watcher asks for the version of a manual's row, by its key, in these
	// pauses: soon after a change, less often while nothing happens.
	watchShortest, watchLongest = 100 * time.Millisecond, time.Second
	// Of the whole library it reads the versions of all rows.
	watchAllPause = time.Second
	// watchPatience is how long a watcher waits for a database that is away.
	watchPatience = 30 * time.Second
)

// Settled reports whether the manual's ingest has come to an end: it is ready,
// has failed or is quarantined.
func (m Manual) Settled() bool { return m.Status != Queued && m.Status != Processing }

// AtRest reports whether nothing is done about the manual: it is settled, and is not
// being read again either.
func (m Manual) AtRest() bool {
	r := m.Reprocessing
	return m.Settled() && (r == nil || r.Status == Failed || r.Status == Ready && r.OCRWaiting > 0)
}

// Watch yields the manual as it is, then whenever it has changed, and at least
// every 30 s, since its progress says when nothing moves. It ends after it has
// yielded a manual that is at rest or an error: MANUAL_NOT_FOUND when the manual is
// deleted, that of ctx when it ends. A database that is away for a moment is
// waited for. Nothing is held between two questions to the database.
func (s *Service) Watch(ctx context.Context, id uuid.UUID) iter.Seq2[Manual, error] {
	return func(yield func(Manual, error) bool) {
		var known string
		var shown time.Time
		w := watcher{ctx: ctx, shortest: watchShortest, longest: watchLongest}
		for w.next() {
			// Read before the manual: what changes in between is noticed next time.
			version, err := db.New(s.pool).ManualVersion(ctx, id)
			if err == nil && version == known && time.Since(shown) < standstill {
				w.same()
				continue
			}
			var m Manual
			if err == nil {
				m, err = s.Get(ctx, id)
			}
			if err != nil {
				if w.failed(rowError(err)) {
					continue
				}
				break
			}
			if version != known {
				w.changed()
			}
			known, shown = version, time.Now()
			if !yield(m, nil) || m.AtRest() {
				return
			}
		}
		yield(Manual{}, w.err)
	}
}

// Change is what happened to a manual of the library.
type Change struct {
	Manual  Manual // only its ID when it was deleted
	Deleted bool
}

// WatchAll yields the manuals that are being read, then every manual that is
// added, changed or deleted, about a second after that. It ends when ctx ends or
// the database is gone, with that error.
func (s *Service) WatchAll(ctx context.Context) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		var known map[uuid.UUID]string
		w := watcher{ctx: ctx, shortest: watchAllPause, longest: 3 * watchAllPause}
		for w.next() {
			versions, changes, err := s.changes(ctx, known)
			if err != nil {
				if w.failed(err) {
					continue
				}
				break
			}
			known = versions
			if len(changes) > 0 {
				w.changed()
			} else {
				w.same()
			}
			for _, c := range changes {
				if !yield(c, nil) {
					return
				}
			}
		}
		yield(Change{}, w.err)
	}
}

// changes compares the library with the versions that are known, nil for none
// yet: then those that are being read count as changed.
func (s *Service) changes(ctx context.Context, known map[uuid.UUID]string) (map[uuid.UUID]string, []Change, error) {
	q := db.New(s.pool)
	rows, err := q.ManualVersions(ctx)
	if err != nil {
		return nil, nil, postgres.Translate(err)
	}
	versions := make(map[uuid.UUID]string, len(rows))
	var changed []uuid.UUID
	for _, r := range rows {
		versions[r.ID] = r.Version
		if known == nil && r.Active || known != nil && known[r.ID] != r.Version {
			changed = append(changed, r.ID)
		}
	}
	var out []Change
	for id := range known {
		if _, ok := versions[id]; !ok {
			out = append(out, Change{Manual: Manual{ID: id}, Deleted: true})
		}
	}
	if len(changed) == 0 {
		return versions, out, nil
	}
	err = postgres.InSnapshot(ctx, s.pool, func(tx pgx.Tx) error {
		found, err := db.New(tx).ManualsByID(ctx, changed)
		if err != nil {
			return err
		}
		manuals, err := s.many(ctx, tx, found)
		for _, m := range manuals {
			out = append(out, Change{Manual: m})
		}
		return err
	})
	return versions, out, err
}

// watcher paces the questions of one who watches.
type watcher struct {
	ctx               context.Context
	shortest, longest time.Duration
	pause             time.Duration // before the next question; 0 for the first
	away              time.Time     // since when the database is
	err               error         // why the watching ended
}

// next waits for the next question and reports whether it is to be asked.
func (w *watcher) next() bool {
	if w.pause > 0 {
		select {
		case <-w.ctx.Done():
		case <-time.After(w.pause):
		}
	}
	w.err = w.ctx.Err()
	return w.err == nil
}

func (w *watcher) changed() { w.pause, w.away = w.shortest, time.Time{} }

func (w *watcher) same() { w.pause, w.away = min(max(2*w.pause, w.shortest), w.longest), time.Time{} }

// failed reports whether to go on in spite of err.
func (w *watcher) failed(err error) bool {
	w.err = err
	if !errdefs.Is(err, errdefs.Unavailable) || w.pause == 0 {
		return false
	}
	if w.away.IsZero() {
		w.away = time.Now()
	}
	w.pause = w.longest
	return time.Since(w.away) < watchPatience
}

// Wait returns when the manual is settled, or when ctx ends. progress, which may
// be nil, is called with the manual first and then whenever it has changed.
func (s *Service) Wait(ctx context.Context, id uuid.UUID, progress func(Manual)) (Manual, error) {
	var last Manual
	for m, err := range s.Watch(ctx, id) {
		if err != nil {
			return last, err
		}
		if last = m; progress != nil {
			progress(m)
		}
		if m.Settled() { // it may be read again for long
			break
		}
	}
	return last, nil
}
