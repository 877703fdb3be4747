// Package eval measures the program on manuals whose answers are known: whether
// the right page is found, whether the answer holds what it must, whether it
// cites the right page, whether its quotes really stand there, and whether what
// the manual does not answer is refused.
//
// It asks through the same services as a technician, one manual in scope, and
// trusts none of them: pages and required strings come from the cases file, and
// quotes are checked against the text that another PDF reader finds
// (pdftotext). docs/reference/evaluation.md defines every figure.
package eval

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
	"github.com/techcopilot/techcopilot/internal/troubleshoot"
)

// Library is the program under test, with nothing in it at first.
type Library interface {
	// Import adds a PDF file as a manual of the models and returns when questions
	// about it can be asked.
	Import(ctx context.Context, path, manufacturer string, models []string) (uuid.UUID, error)
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Ask(ctx context.Context, q troubleshoot.Question) (*troubleshoot.Answer, error)
	// Page returns the text of a page as it is known when the import has ended.
	Page(ctx context.Context, manual uuid.UUID, number int) (pdf.Page, error)
	// Rows returns the rows of one of a manual's indexes: "codes".
	Rows(ctx context.Context, manual uuid.UUID, index string) ([]Row, error)
}

// Options say what is measured.
type Options struct {
	Dir   string // folder with the manuals that the cases name
	Cases []Case
	// Progress is told what is being done; done counts from 0 to total. It may be
	// nil.
	Progress func(what string, done, total int)
}

// Run imports the manuals that the cases name and runs every case. A manual that
// cannot be imported and a question that ends in an error count against the
// figures and are named in the report; only a cancelled context and a missing
// pdftotext end the run.
func Run(ctx context.Context, lib Library, o Options) (*Report, error) {
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	reader, err := newReader()
	if err != nil {
		return nil, err
	}
	r := &run{lib: lib, options: o, reader: reader}
	manuals, err := r.importAll(ctx)
	if err != nil {
		return nil, err
	}
	report := &Report{}
	for i := range o.Cases {
		c := &o.Cases[i]
		o.Progress("questions", i, len(o.Cases))
		res, err := r.one(ctx, c, manuals[c.Manual])
		if err != nil {
			return nil, err
		}
		report.Cases = append(report.Cases, res)
	}
	o.Progress("questions", len(o.Cases), len(o.Cases))
	report.aggregate()
	if err := r.retype(ctx, manuals, report); err != nil {
		return nil, err
	}
	if err := r.checkLabels(ctx, manuals, report); err != nil {
		return nil, err
	}
	if err := r.checkRows(ctx, manuals, report); err != nil {
		return nil, err
	}
	return report, nil
}

type run struct {
	lib     Library
	options Options
	reader  *reader
}

// imported is a manual of the library, or why it is not there.
type imported struct {
	id   uuid.UUID
	path string
	err  error
}

func (r *run) importAll(ctx context.Context) (map[string]imported, error) {
	type source struct {
		manufacturer string
		models       []string
	}
	sources := map[string]*source{}
	var names []string
	for _, c := range r.options.Cases {
		s := sources[c.Manual]
		if s == nil {
			s = &source{manufacturer: c.Manufacturer}
			sources[c.Manual] = s
			names = append(names, c.Manual)
		}
		if s.manufacturer != c.Manufacturer {
			return nil, fmt.Errorf("eval: the cases of %s name two manufacturers, %s and %s", c.Manual, s.manufacturer, c.Manufacturer)
		}
		if !slices.Contains(s.models, c.Model) {
			s.models = append(s.models, c.Model)
		}
	}
	manuals := make(map[string]imported, len(names))
	for i, name := range names {
		r.options.Progress("manuals", i, len(names))
		m := imported{path: filepath.Join(r.options.Dir, name)}
		m.id, m.err = r.lib.Import(ctx, m.path, sources[name].manufacturer, sources[name].models)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		manuals[name] = m
	}
	r.options.Progress("manuals", len(names), len(names))
	return manuals, nil
}

// one runs a case. Its error ends the evaluation; what goes wrong with the case
// is in the result.
func (r *run) one(ctx context.Context, c *Case, m imported) (Result, error) {
	res := Result{Case: *c}
	if m.err != nil {
		return res.failed(m.err), nil
	}
	found, err := r.lib.Search(ctx, search.Query{Manuals: []uuid.UUID{m.id}, Code: c.ErrorCode, Text: c.Question, Limit: depth})
	if err == nil {
		res.Found, res.Rank = ranked(c, found.Pages)
		started := time.Now()
		var a *troubleshoot.Answer
		a, err = r.lib.Ask(ctx, troubleshoot.Question{
			Manufacturer: c.Manufacturer, Model: c.Model, ManualID: &m.id, Code: c.ErrorCode, Symptom: c.Question,
		})
		res.Milliseconds = float64(time.Since(started).Microseconds()) / 1000
		if err == nil {
			return res, r.judge(ctx, &res, a, m)
		}
	}
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		return res, err
	}
	return res.failed(err), nil
}

func (r Result) failed(err error) Result {
	r.Error = err.Error()
	return r
}

// depth is how many pages the ranking is looked at: the mean reciprocal rank
// counts a page that comes later as not found.
const depth = 20

// ranked returns the pages found, best first, and the rank of the first right
// one, 0 when there is none.
func ranked(c *Case, hits []search.PageHit) (pages []int, rank int) {
	for i, h := range hits {
		pages = append(pages, h.Page)
		if rank == 0 && c.right(h.Page) {
			rank = i + 1
		}
	}
	return pages, rank
}

// judge compares an answer with the case and with the manual.
func (r *run) judge(ctx context.Context, res *Result, a *troubleshoot.Answer, m imported) error {
	res.Answer = string(a.Kind)
	res.Refused = a.Kind == troubleshoot.Refused
	items := shown(a)
	for _, it := range items {
		for _, q := range it.quotes {
			if q.Citation < 0 || q.Citation >= len(a.Citations) {
				return fmt.Errorf("eval: %s: a quote cites number %d of %d citations", res.ID, q.Citation, len(a.Citations))
			}
			if q.Confidence > 0 || q.Drawn { // pdftotext sees no pictures; see checkLabels
				res.ScannedQuotes++
				res.scanned = append(res.scanned, Unverified{a.Citations[q.Citation].Page, q.Text})
				continue
			}
			ok, err := r.reader.stands(ctx, m.path, a.Citations[q.Citation].Page, q.Text)
			if err != nil {
				return err
			}
			res.Quotes++
			if !ok {
				res.Unverified = append(res.Unverified, Unverified{a.Citations[q.Citation].Page, q.Text})
			}
		}
	}
	if res.Refused {
		// What a refusal shows are the nearest passages, not an answer.
		return nil
	}
	res.Shown = firstScreen(items)
	res.Missing = missing(res.MustContain, items)
	res.Contains = len(res.Missing) == 0
	res.FirstItems = len(absent(res.MustContain, firstOf(items))) == 0
	for _, it := range items[:min(len(items), firstItems)] {
		for _, q := range it.quotes {
			page := a.Citations[q.Citation].Page
			res.Cited = append(res.Cited, page)
			res.CitedRight = res.CitedRight || res.right(page)
		}
	}
	slices.Sort(res.Cited)
	res.Cited = slices.Compact(res.Cited)
	return nil
}
