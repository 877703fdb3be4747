package search

import (
	"container/list"
	"context"
	"slices"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/techcopilot/techcopilot/internal/postgres"
)

// postingCacheBytes bounds the posting lists that a process keeps. Those of a word
// that every chunk of 1,000 manuals has take 1.5 MB: there is room for the words that
// most questions consist of.
const postingCacheBytes = 96 << 20

// termPostings are the posting lists of a term over the manuals of a catalogue. They
// never change.
type termPostings struct {
	catalogue *catalogue
	manuals   []manualPostings // by manual
	bytes     int
}

// manualPostings is the posting list of one manual.
type manualPostings struct {
	manual int32 // index into the catalogue
	list   []byte
}

// postingCache keeps the posting lists of terms that were searched last. What it holds
// of a content of a manual's index is right for ever; whether the content is still the
// manual's is what the catalogue of the search says. It may be used concurrently.
type postingCache struct {
	mu    sync.Mutex
	terms map[string]*list.Element // of cachedTerm
	order list.List                // the last used first
	bytes int
}

type cachedTerm struct {
	term string
	*termPostings
}

func (c *postingCache) get(term string) *termPostings {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.terms[term]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*cachedTerm).termPostings
}

func (c *postingCache) put(term string, p *termPostings) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.terms == nil {
		c.terms = map[string]*list.Element{}
	}
	if e := c.terms[term]; e != nil {
		c.bytes += p.bytes - e.Value.(*cachedTerm).bytes
		e.Value.(*cachedTerm).termPostings = p
		c.order.MoveToFront(e)
	} else {
		c.terms[term] = c.order.PushFront(&cachedTerm{term, p})
		c.bytes += p.bytes
	}
	for c.bytes > postingCacheBytes {
		last := c.order.Remove(c.order.Back()).(*cachedTerm)
		delete(c.terms, last.term)
		c.bytes -= last.bytes
	}
}

// aFew is the part of the library below which only its own posting lists are read.
const aFew = 8

// postings returns the posting lists of terms at least over the manuals of a scope.
// Those of a large part of the library are read for all of it, and kept.
func (s *Store) postings(ctx context.Context, tx pgx.Tx, sc *scope, terms []string) (map[string]*termPostings, error) {
	out := map[string]*termPostings{}
	few := len(sc.manuals)*aFew < len(sc.catalogue.manuals)
	var missing []string                  // in the cache
	outdated := map[*catalogue][]string{} // by the catalogue that their lists are of
	for _, t := range terms {
		p := s.library.postings.get(t)
		if p == nil {
			missing = append(missing, t)
			continue
		}
		out[t] = p
		if p.catalogue != sc.catalogue {
			outdated[p.catalogue] = append(outdated[p.catalogue], t)
		}
	}
	for old, terms := range outdated {
		if err := s.renew(ctx, tx, sc.catalogue, old, terms, out); err != nil {
			return nil, err
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	var ids []uuid.UUID
	if few {
		if ids = sc.ids(); ids == nil {
			ids = []uuid.UUID{}
		}
	}
	found, err := readPostings(ctx, tx, sc.catalogue, missing, ids)
	if err != nil {
		return nil, err
	}
	for _, t := range missing {
		p := found[t]
		if p == nil {
			p = &termPostings{catalogue: sc.catalogue}
		}
		p.finish(t)
		out[t] = p
		if !few {
			s.library.postings.put(t, p)
		}
	}
	return out, nil
}

// renew brings the posting lists of terms from an old catalogue to another one: what
// they have of the same contents is kept, the rest is read.
func (s *Store) renew(ctx context.Context, tx pgx.Tx, c, old *catalogue, terms []string, lists map[string]*termPostings) error {
	var others []uuid.UUID
	for i := range c.manuals {
		if _, ok := old.index[c.manuals[i].version]; !ok {
			others = append(others, c.manuals[i].id)
		}
	}
	var found map[string]*termPostings
	if len(others) > 0 {
		var err error
		if found, err = readPostings(ctx, tx, c, terms, others); err != nil {
			return err
		}
	}
	for _, t := range terms {
		p := found[t]
		if p == nil {
			p = &termPostings{catalogue: c}
		}
		for _, m := range lists[t].manuals {
			if at, ok := c.index[old.manuals[m.manual].version]; ok {
				p.manuals = append(p.manuals, manualPostings{at, m.list})
			}
		}
		p.finish(t)
		lists[t] = p
		s.library.postings.put(t, p)
	}
	return nil
}

// finish puts the lists in order and into memory of their own, and takes their size.
func (p *termPostings) finish(term string) {
	slices.SortFunc(p.manuals, func(a, b manualPostings) int { return int(a.manual - b.manual) })
	size := 0
	for _, m := range p.manuals {
		size += len(m.list)
	}
	room := make([]byte, 0, size)
	for i, m := range p.manuals {
		first := len(room)
		room = append(room, m.list...)
		p.manuals[i].list = room[first:len(room):len(room)]
	}
	p.manuals = slices.Clip(p.manuals)
	p.bytes = 256 + len(term) + 32*len(p.manuals) + size // 256 are the entry itself
}

// readPostings reads the posting lists of terms of the manuals, of all when ids is nil.
func readPostings(ctx context.Context, tx pgx.Tx, c *catalogue, terms []string, ids []uuid.UUID) (map[string]*termPostings, error) {
	query, args := `SELECT manual_id, term, postings FROM manual_term WHERE term = ANY($1)`, []any{terms} // primary key
	if ids != nil {
		query, args = query+` AND manual_id = ANY($2)`, append(args, ids)
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	defer rows.Close()
	out := map[string]*termPostings{}
	var room []byte // until finish: a few large pieces of memory instead of one for each list
	for rows.Next() {
		var id uuid.UUID
		var term, data pgtype.DriverBytes
		if err := rows.Scan(&id, &term, &data); err != nil {
			return nil, postgres.Translate(err)
		}
		at := c.at(id)
		if at < 0 {
			continue // a draft, or one in quarantine
		}
		p := out[string(term)]
		if p == nil {
			p = &termPostings{catalogue: c}
			out[string(term)] = p
		}
		if len(data) > cap(room)-len(room) {
			room = make([]byte, 0, max(len(data), 64<<10))
		}
		first := len(room)
		room = append(room, data...)
		p.manuals = append(p.manuals, manualPostings{int32(at), room[first:len(room):len(room)]})
	}
	return out, postgres.Translate(rows.Err())
}
