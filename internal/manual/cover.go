package manual

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/blob"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

const (
	// coverWidth shows a title page in a list, on a screen of twice the density.
	coverWidth   = 400
	coverQuality = 80
	maxCover     = 4 << 20 // bytes; one of noise has half a megabyte
)

func coverKey(sha256 string) string { return blob.ContentKey("covers", sha256) }

// makeCover stores the picture of the first page. It is the last stage, and never
// the reason for which a manual fails: a cover that is missing is made when it is
// asked for. Its job is also enqueued when the manual has been read, so that the
// cover is drawn while the text is indexed; then it ends no stage.
func (s *Service) makeCover(ctx context.Context, args coverArgs) error {
	if err := s.showBegin(ctx, args.runArgs, StageCover); err != nil {
		return err
	}
	row, err := db.New(s.pool).GetReading(ctx, args.ManualID)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (row.Run != args.Run || !running(row) || row.Stage == "") {
		return errOvertaken
	}
	if err != nil {
		return postgres.Translate(err)
	}
	if _, err := s.cover(ctx, row); err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "a manual has no cover", "manual", row.ID, "code", errdefs.Code(err), "error", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	available := s.ocrAvailable(ctx)
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		row, err := lockStage(ctx, tx, args.runArgs, StageCover)
		if err != nil {
			return err
		}
		return s.settle(ctx, tx, row, facts{ocr: available, covered: true})
	})
}

// hasCover reports whether the cover is stored. That it cannot be told is no reason
// to stop: the cover's own job looks again.
func (s *Service) hasCover(ctx context.Context, row db.Manual) bool {
	f, err := s.blobs.Open(ctx, coverKey(row.Sha256))
	if err != nil {
		return false
	}
	_ = f.Close() // it was not read
	return true
}

// Cover returns a small picture of a manual's first page, its media type and its
// ETag, quoted as in HTTP. Covers that are missing are made.
func (s *Service) Cover(ctx context.Context, id uuid.UUID) (data []byte, mediaType, etag string, err error) {
	row, err := s.rowWithPage(ctx, id, 1)
	if err != nil {
		return nil, "", "", err
	}
	if data, err = s.cover(ctx, row); err != nil {
		return nil, "", "", err
	}
	mediaType = "image/jpeg"
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		mediaType = "image/png"
	}
	sum := sha256.Sum256(data)
	return data, mediaType, `"` + hex.EncodeToString(sum[:16]) + `"`, nil
}

// cover returns the stored cover, or makes and stores it.
func (s *Service) cover(ctx context.Context, row db.Manual) ([]byte, error) {
	key := coverKey(row.Sha256)
	f, err := s.blobs.Open(ctx, key)
	if err == nil {
		defer f.Close()
		return io.ReadAll(io.LimitReader(f, maxCover))
	}
	if !errdefs.Is(err, errdefs.NotFound) {
		return nil, err
	}
	return s.images.once(ctx, key, func(ctx context.Context) ([]byte, error) { return s.drawCover(ctx, row) })
}

func (s *Service) drawCover(ctx context.Context, row db.Manual) ([]byte, error) {
	file, release, err := s.blobs.LocalFile(ctx, originalKey(row.Sha256))
	if err != nil {
		return nil, err
	}
	defer release()
	drawn, err := s.pdf.Render(ctx, file, pdf.RenderOptions{Page: 1, Width: coverWidth})
	if err != nil {
		return nil, err
	}
	data := smaller(drawn)
	// Under the lock of the content: Delete must not leave a cover behind.
	err = postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockContent(ctx, row.Sha256); err != nil {
			return err
		}
		used, err := q.ContentInUse(ctx, row.Sha256)
		if err != nil {
			return err
		}
		if !used {
			return rowError(pgx.ErrNoRows)
		}
		_, err = s.blobs.Put(ctx, coverKey(row.Sha256), bytes.NewReader(data))
		return err
	})
	return data, err
}

// smaller returns the picture as JPEG if that is smaller, as it is for
// photographs.
func smaller(drawn []byte) []byte {
	config, err := png.DecodeConfig(bytes.NewReader(drawn))
	if err != nil || config.Width*config.Height > 16*coverWidth*coverWidth {
		return drawn
	}
	picture, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		return drawn
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: coverQuality}); err != nil || b.Len() >= len(drawn) {
		return drawn
	}
	return b.Bytes()
}
