package manual

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/equipment"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/ocr"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
	"github.com/techcopilot/techcopilot/internal/search"
)

// LocalUser is the user of a program without accounts.
var LocalUser = uuid.MustParse("00000000-0000-7000-8000-000000000001")

// Deps is what a Service works with. All fields without a default are needed.
type Deps struct {
	DB     *pgxpool.Pool
	Blobs  blob.Store
	PDF    engine // *pdf.Engine
	Index  index  // *search.Store
	Models *equipment.Service
	Jobs   queue // *jobs.Runner
	// OCR reads scanned pages (*ocr.Reader); nil has them wait.
	OCR pictureReader
	// Scanner looks for viruses (*clamd.Client); nil looks for none.
	Scanner scanner
	Log     *slog.Logger
	// OCRWorkers is how many pages are in OCR at once in this process, see WatchOCR.
	// The number of processors when 0; what OCR shares its slots with may hold it
	// to fewer.
	OCRWorkers int
	// OCREvery is how often WatchOCR looks for pages that wait for OCR. 5 s when 0.
	OCREvery time.Duration
	// Hooks is told of manuals that are ready, have failed or are quarantined; nil
	// tells nobody.
	Hooks hooks

	// ImageDir is a folder for rendered pages; what is in it can be deleted at
	// any time. The user must be its only writer.
	ImageDir string
	// ImageBudget is about how many bytes of rendered pages are kept; the least
	// recently shown go first. 1 GB when 0: some 5,000 pages.
	ImageBudget int64
	// Renders is how many pages may be rendered at once. 2 when 0: a render
	// takes a processor for a tenth of a second to a second.
	Renders int
	// MaxFileSize is the largest file that is accepted, in bytes. 100 MB when 0:
	// the largest service manuals are scans of 60 to 90 MB.
	MaxFileSize int64
}

type engine interface {
	Extract(ctx context.Context, path string, o pdf.ExtractOptions, v pdf.Visitor) error
	Render(ctx context.Context, path string, o pdf.RenderOptions) ([]byte, error)
	Probe(ctx context.Context, path, password string) (pdf.Document, error)
	Decrypt(ctx context.Context, path, password string, w io.Writer) error
	Screen(ctx context.Context, path string) ([]pdf.Finding, error)
}

// pictureReader reads what is drawn on a page; *ocr.Reader does.
type pictureReader interface {
	Available(ctx context.Context) (ocr.Status, error)
	Read(ctx context.Context, path string, p pdf.Page, language string) (pdf.Page, ocr.Stats, error)
}

type index interface {
	Index(ctx context.Context, tx pgx.Tx, s search.Source) (search.Indexed, error)
	IndexCodes(ctx context.Context, tx pgx.Tx, s search.Source) (int, error)
	Adopt(ctx context.Context, tx pgx.Tx, manual, draft uuid.UUID) error
	Rows(ctx context.Context, manual uuid.UUID, page func(int) (*pdf.Page, error)) ([]search.Row, error)
	Sections(ctx context.Context, manual uuid.UUID, f search.PartFilter) ([]search.Section, error)
	Tables(ctx context.Context, manual uuid.UUID, f search.PartFilter) ([]search.Table, error)
	Drawings(ctx context.Context, manual uuid.UUID, f search.PartFilter) ([]search.Drawing, error)
}

type queue interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error
	InsertManyTx(ctx context.Context, tx pgx.Tx, jobs []river.InsertManyParams) error
	AddQueue(name string, workers int) error
}

// Service is the library. It may be used concurrently, and by several processes
// on the same database and folders.
type Service struct {
	pool    *pgxpool.Pool
	blobs   blob.Store
	pdf     engine
	index   index
	models  *equipment.Service
	jobs    queue
	log     *slog.Logger
	hooks   hooks
	scanner scanner
	images  *images
	maxFile int64
	// justRead is what this process has read and not indexed yet.
	justRead justRead

	ocr        pictureReader
	ocrWorkers int
	ocrEvery   time.Duration
}

// New returns the library. Register its worker with Service.Register to have
// manuals read by this process.
func New(d Deps) *Service {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.ImageBudget == 0 {
		d.ImageBudget = 1e9
	}
	if d.Renders == 0 {
		d.Renders = 2
	}
	if d.MaxFileSize == 0 {
		d.MaxFileSize = 100e6
	}
	if d.OCRWorkers == 0 {
		d.OCRWorkers = runtime.GOMAXPROCS(0)
	}
	if d.OCREvery == 0 {
		d.OCREvery = 5 * time.Second
	}
	return &Service{
		pool:    d.DB,
		blobs:   d.Blobs,
		pdf:     d.PDF,
		index:   d.Index,
		models:  d.Models,
		jobs:    d.Jobs,
		log:     d.Log,
		hooks:   d.Hooks,
		scanner: d.Scanner,
		images:  newImages(d.ImageDir, d.ImageBudget, d.Renders, d.Log),
		maxFile: d.MaxFileSize,

		ocr:        d.OCR,
		ocrWorkers: d.OCRWorkers,
		ocrEvery:   d.OCREvery,
	}
}

// Get returns the manual with the id.
func (s *Service) Get(ctx context.Context, id uuid.UUID) (m Manual, err error) {
	// The draft of a manual that is read again may be exchanged at any time.
	err = postgres.InSnapshot(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := db.New(tx).GetManual(ctx, id)
		if err != nil {
			return rowError(err)
		}
		m, err = s.one(ctx, tx, row)
		return err
	})
	return m, err
}

// Generations returns the present generation of each of the manuals that are
// still there.
func (s *Service) Generations(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]int, error) {
	rows, err := db.New(s.pool).Generations(ctx, ids)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	out := make(map[uuid.UUID]int, len(rows))
	for _, r := range rows {
		out[r.ID] = int(r.Generation)
	}
	return out, nil
}

// ForModel returns the manuals of a model that can be asked, if only for some of
// their pages (Manual.Searchable), in the order in which they were added.
func (s *Service) ForModel(ctx context.Context, modelID uuid.UUID) ([]Manual, error) {
	rows, err := db.New(s.pool).SearchableForModel(ctx, modelID)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	return s.many(ctx, s.pool, rows)
}

// Open reads the original file of a manual, without the password that it may have
// had. MANUAL_QUARANTINED and MANUAL_NOT_SCREENED refuse what may be harmful.
func (s *Service) Open(ctx context.Context, id uuid.UUID) (io.ReadSeekCloser, Manual, error) {
	row, err := db.New(s.pool).GetManual(ctx, id)
	if err != nil {
		return nil, Manual{}, rowError(err)
	}
	if err := servable(row); err != nil {
		return nil, Manual{}, err
	}
	m, err := s.one(ctx, s.pool, row)
	if err != nil {
		return nil, Manual{}, err
	}
	f, err := s.blobs.Open(ctx, originalKey(m.SHA256))
	if err != nil {
		return nil, Manual{}, err
	}
	return f, m, nil
}

// Delete removes a manual with everything read from it, and its original unless
// another manual has the same content. Answers that were given keep their
// quotes. A job that is reading the manual notices and ends. The manuals that it
// has superseded are asked again, unless it was superseded itself.
func (s *Service) Delete(ctx context.Context, id uuid.UUID) error {
	row, err := db.New(s.pool).GetManual(ctx, id)
	if err != nil {
		return rowError(err)
	}
	// Under the locks of the content, like an intake, which would otherwise find
	// the manual and then have it taken away.
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := lockContents(ctx, q, row.Sha256, row.SourceSha256); err != nil {
			return err
		}
		if err := s.passOn(ctx, tx, id); err != nil {
			return err
		}
		// Meanwhile it may have been released, or its original replaced.
		if row, err = q.DeleteManual(ctx, id); err != nil {
			return rowError(err)
		}
		return audit.Record(ctx, tx, LocalUser, actionDeleted, id, decisionOn(row, findings(row), ""))
	})
	if err != nil {
		return err
	}
	// The row is gone for good before the file is: in between lies at worst a
	// file that nobody refers to. The locks again hold off an intake, whose file
	// would otherwise be taken away.
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := lockContents(ctx, q, row.Sha256, row.SourceSha256); err != nil {
			return err
		}
		used, err := q.ContentInUse(ctx, row.Sha256)
		if err != nil || used {
			return err
		}
		return errors.Join(s.blobs.Delete(ctx, originalKey(row.Sha256)), s.blobs.Delete(ctx, coverKey(row.Sha256)))
	})
	if err != nil {
		s.log.WarnContext(ctx, "the original of a deleted manual is left behind", "sha256", row.Sha256, "error", err)
	}
	s.images.forget(row.Sha256)
	return nil
}

func originalKey(sha256 string) string { return blob.ContentKey("originals", sha256) }

// rowError gives a missing row its meaning.
func rowError(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return errdefs.New(errdefs.NotFound, "MANUAL_NOT_FOUND",
			"There is no manual with this id. It may have been deleted; list the manuals to find the one you need.")
	}
	return postgres.Translate(err)
}

func (s *Service) one(ctx context.Context, conn db.DBTX, row db.Manual) (Manual, error) {
	all, err := s.many(ctx, conn, []db.Manual{row})
	if err != nil {
		return Manual{}, err
	}
	return all[0], nil
}

// many adds to the rows the drafts, the successors, the flags and the models.
func (s *Service) many(ctx context.Context, conn db.DBTX, rows []db.Manual) ([]Manual, error) {
	out := make([]Manual, len(rows))
	ids := make([]uuid.UUID, len(rows))
	at := make(map[uuid.UUID]*Manual, len(rows))
	for i, r := range rows {
		out[i] = fromRow(r)
		ids[i], at[r.ID] = r.ID, &out[i]
	}
	q := db.New(conn)
	drafts, err := q.DraftsOf(ctx, ids)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	reprocessing(drafts, at)
	if err := successors(ctx, q, rows, at); err != nil {
		return nil, postgres.Translate(err)
	}
	if err := openFlags(ctx, conn, ids, at); err != nil {
		return nil, postgres.Translate(err)
	}
	models, err := q.ModelsOf(ctx, ids)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	for _, m := range models {
		to := at[m.ManualID]
		to.Models = append(to.Models, Model{ID: m.ID, Manufacturer: m.Manufacturer, Name: m.Name})
	}
	return out, nil
}

func fromRow(r db.Manual) Manual {
	m := Manual{
		ID:           r.ID,
		SHA256:       r.Sha256,
		SourceSHA256: r.SourceSha256,
		Findings:     findings(r),
		ReleasedAt:   r.ReleasedAt,
		ReleasedBy:   uuid.UUID(r.ReleasedBy.Bytes),
		SizeBytes:    r.SizeBytes,
		FileName:     r.FileName,
		Title:        r.Title,
		Type:         Type(r.Type),
		Revision:     r.Revision,
		Language:     r.Language,
		SerialRange:  r.SerialRange,
		Status:       Status(r.Status),
		Pages:        int(r.Pages),
		PagesDone:    int(r.PagesDone),
		PagesFailed:  int(r.PagesFailed),
		OCRWaiting:   int(r.OcrWaiting),
		OCRDone:      int(r.OcrDone),
		OCRFailed:    int(r.OcrFailed),
		Quality:      Quality(r.OcrQuality),
		NeedsReview:  r.NeedsReview,
		Generation:   int(r.Generation),
		CreatedAt:    r.CreatedAt,
		UpdatedAt:    r.UpdatedAt,
		ReadyAt:      r.ReadyAt,
		Progress:     progress(r, time.Now()),
		SupersededAt: r.SupersededAt,

		ExtractorVersion: int(r.ExtractorVersion),
	}
	// Written by review only.
	_ = json.Unmarshal(r.ReviewReasons, &m.ReviewReasons)
	if r.ErrorCode != "" {
		m.Error = &Failure{Code: r.ErrorCode, Message: r.ErrorMessage}
	}
	return m
}

func outline(row db.Manual) ([]pdf.OutlineEntry, error) {
	var out []pdf.OutlineEntry
	err := json.Unmarshal(row.Outline, &out)
	return out, err
}
