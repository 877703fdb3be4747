package manual

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// PageQuality says where a page's text comes from, and so how far it can be
// trusted.
type PageQuality string

// The qualities of a page.
const (
	PageText       PageQuality = "text"       // the file's own text
	PageOCR        PageQuality = "ocr"        // read from a picture, throughout
	PageMixed      PageQuality = "mixed"      // some of each
	PageUnreadable PageQuality = "unreadable" // most of it could not be read, or not yet
	PageBlank      PageQuality = "blank"      // there is nothing to read on it
)

// PageQualities lists every quality.
var PageQualities = []PageQuality{PageText, PageOCR, PageMixed, PageUnreadable, PageBlank}

// Quality grades how well a manual could be read.
type Quality string

// The grades, see grade.
const (
	QualityPending   Quality = "pending"
	QualityExcellent Quality = "excellent"
	QualityGood      Quality = "good"
	QualityFair      Quality = "fair"
	QualityPoor      Quality = "poor"
	QualityFailed    Quality = "failed"
)

// ReviewReason is why somebody should look at a manual.
type ReviewReason struct {
	Code    string `json:"code"` // PAGES_FAILED, OCR_WAITING, …; a failed manual has its error's
	Message string `json:"message"`
}

// unreadShare is the part of a page that a picture which was not read must cover
// for the page to count as unreadable: smaller ones are figures in a text.
const unreadShare = 0.5

// judgePage says where the text of a page comes from. Words of lines that are not
// what is printed do not count as text.
func judgePage(p *pdf.Page) PageQuality {
	if p.Error != "" {
		return PageUnreadable
	}
	own, read := 0, 0
	for _, l := range p.Lines {
		for _, w := range p.Words[l.First : l.First+l.Count] {
			switch {
			case w.Confidence > 0:
				read++
			case !l.Cipher:
				own++
			}
		}
	}
	unread := 0.0
	for _, b := range p.OCR {
		unread += max(0, b.X1-b.X0) * max(0, b.Y1-b.Y0)
	}
	switch {
	case unread > 0 && (own+read == 0 || unread >= unreadShare*p.Width*p.Height):
		return PageUnreadable
	case own > 0 && read > 0:
		return PageMixed
	case own > 0:
		return PageText
	case read > 0:
		return PageOCR
	case untrusted(p):
		return PageUnreadable
	}
	return PageBlank
}

// untrusted reports whether some lines of the page are not what is printed.
func untrusted(p *pdf.Page) bool {
	for _, l := range p.Lines {
		if l.Cipher {
			return true
		}
	}
	return false
}

// grade derives the manual's quality from its pages. Each page that is not blank
// counts: as 100 if it has the file's own text, as the mean confidence of its
// words, in percent, if it was read from pictures, as 0 if it could not be read.
// The mean is
//
//	excellent from 95, good from 85, fair from 70, poor below, failed at 0,
//
// and pending as long as pages are still to be read. A manual of blank pages is
// poor. A failed manual has failed, unless its text can be searched.
func grade(row db.Manual, c db.CountPagesRow) Quality {
	pages := c.Done - c.Blank
	switch {
	case Status(row.Status) == Failed && row.Generation == 0:
		return QualityFailed
	case c.Done == 0 || c.Done < int64(row.Pages) || c.Waiting+c.Queued > 0 || row.IndexedVersion < row.TextVersion:
		return QualityPending
	case pages == 0:
		return QualityPoor
	}
	switch mean := c.Score / float64(pages); {
	case mean >= 95:
		return QualityExcellent
	case mean >= 85:
		return QualityGood
	case mean >= 70:
		return QualityFair
	case mean > 0:
		return QualityPoor
	}
	return QualityFailed
}

// review finds the reasons for which somebody should look at the manual, once
// there is something to look at.
func (s *Service) review(ctx context.Context, tx pgx.Tx, row *db.Manual, c db.CountPagesRow) error {
	reasons := []ReviewReason{}
	add := func(n int64, code, one, many string) {
		switch {
		case n == 1:
			reasons = append(reasons, ReviewReason{code, one})
		case n > 1:
			reasons = append(reasons, ReviewReason{code, fmt.Sprintf(many, n)})
		}
	}
	if Status(row.Status) == Failed {
		reasons = append(reasons, ReviewReason{row.ErrorCode, row.ErrorMessage})
	}
	if row.Generation > 0 {
		known, err := db.New(tx).ReviewFacts(ctx, row.ID)
		if err != nil {
			return err
		}
		add(c.Failed, "PAGES_FAILED", "One page could not be read. Retry it.", "%d pages could not be read. Retry them.")
		if row.ErrorCode != "OCR_FAILED" { // which says it of the whole manual
			add(c.OcrFailed, "OCR_FAILED", "The pictures of one page could not be read. Retry it.", "The pictures of %d pages could not be read. Retry them.")
		}
		if Status(row.Status) == Ready {
			add(c.Waiting, "OCR_WAITING", "One page waits for OCR: install tesseract.", "%d pages wait for OCR: install tesseract.")
			add(c.Untrusted, "TEXT_UNTRUSTED", "One page has text that is not what is printed.", "%d pages have text that is not what is printed.")
		}
		add(c.Doubtful, "OCR_LOW_CONFIDENCE", "The OCR of one page is doubtful. Compare its quotes with the page's image.",
			"The OCR of %d pages is doubtful. Compare their quotes with the pages' images.")
		if known.ProposalOpen {
			reasons = append(reasons, ReviewReason{"PROPOSAL_OPEN", "What the manual is for was found in it and waits to be confirmed."})
		}
		if known.SupersessionOpen {
			reasons = append(reasons, ReviewReason{"SUPERSESSION_OPEN", "It seems to be another revision or a copy of a manual there is. Say which of them is to be asked."})
		}
		if known.ReprocessingFailed {
			reasons = append(reasons, ReviewReason{"REPROCESSING_FAILED", "It could not be read again, and is as it was. Its reprocessing says why; start or cancel that."})
		}
		if !known.HasModel {
			reasons = append(reasons, ReviewReason{"NO_MODEL", "It has no model and is found by its id only. Name its manufacturer and model."})
		}
	}
	data, err := json.Marshal(reasons)
	row.NeedsReview, row.ReviewReasons = len(reasons) > 0, data
	return err
}

// judgeAgain is to follow whatever changes the reasons of a review outside of the
// ingest: models and proposals. It takes the manual's lock.
func (s *Service) judgeAgain(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	q := db.New(tx)
	row, err := q.LockManual(ctx, id)
	if err != nil {
		return rowError(err)
	}
	c, err := q.CountPages(ctx, db.CountPagesParams{ManualID: id, Doubtful: doubtful})
	if err != nil {
		return err
	}
	if err := s.review(ctx, tx, &row, c); err != nil {
		return err
	}
	return q.SaveJudgement(ctx, db.SaveJudgementParams{
		ID: id, OcrQuality: string(grade(row, c)), NeedsReview: row.NeedsReview, ReviewReasons: row.ReviewReasons,
	})
}

// JudgeUngraded grades and reviews the manuals that are ready and have no grade:
// those that an earlier version read, and those with pages that wait for OCR, of
// which nothing changes. It is for the start of a program.
func (s *Service) JudgeUngraded(ctx context.Context) error {
	ids, err := db.New(s.pool).Ungraded(ctx)
	if err != nil {
		return postgres.Translate(err)
	}
	for _, id := range ids {
		err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error { return s.judgeAgain(ctx, tx, id) })
		if err != nil && !errdefs.Is(err, errdefs.NotFound) { // deleted meanwhile
			return err
		}
	}
	return nil
}
