package manual

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// That a library has its files scanned is kept in its database, and not in the
// settings of a process: a node or a command that was started without the scanner
// must not let files in which the others would have held back.

const (
	// screenWorkers is how many manuals a process screens at once. More of them
	// would wait for the scanner together.
	screenWorkers = 2
	// screenEvery is how often a process looks whether it may screen, and how soon a
	// manual is tried again that waits for the scanner.
	screenEvery = 30 * time.Second

	codeScannerRequired = "VIRUS_SCANNER_REQUIRED"
	codeScannerAway     = "CLAMD_UNAVAILABLE"
	codeScannerFails    = "CLAMD_FAILED"

	actionScannerRequired audit.Action = "virus_scanner.required"
	actionScannerWaived   audit.Action = "virus_scanner.waived"
)

// RequireScanner notes that from now on no manual of this library goes on
// unscanned, whichever process works on it. A change is in the audit, under the
// zero subject.
func (s *Service) RequireScanner(ctx context.Context) error {
	return postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ('virus_scanner', 'required') ON CONFLICT (name) DO NOTHING`)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit.Record(ctx, tx, uuid.Nil, actionScannerRequired, uuid.Nil, nil)
	})
}

// WaiveScanner takes RequireScanner back, until it is called again. A change is
// logged, and is in the audit under the zero subject.
func (s *Service) WaiveScanner(ctx context.Context) error {
	waived := false
	err := postgres.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM setting WHERE name = 'virus_scanner'`)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		waived = true
		return audit.Record(ctx, tx, uuid.Nil, actionScannerWaived, uuid.Nil, nil)
	})
	if err == nil && waived {
		s.log.WarnContext(ctx, "new manuals of this library are no longer scanned for viruses")
	}
	return err
}

// mayScreen returns an error, VIRUS_SCANNER_REQUIRED, when this process has no
// scanner in a library that wants one.
func (s *Service) mayScreen(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
},
) error {
	if s.scanner != nil {
		return nil
	}
	var required bool
	err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM setting WHERE name = 'virus_scanner')`).Scan(&required)
	if err != nil {
		return postgres.Translate(err)
	}
	if required {
		return errdefs.New(errdefs.Unavailable, codeScannerRequired,
			"This library has its files scanned for viruses, and this process has no scanner: the manual waits for one that has. Give every node and command of the library the same CLAMD_ADDRESS. To do without a scanner from now on, start once with CLAMD_ADDRESS=off.")
	}
	return nil
}

// waitsForScanner reports whether nothing is wrong but that the scanner is away,
// or cannot work: it may have run out of memory, or not have its signatures.
func waitsForScanner(err error) bool {
	switch errdefs.Code(err) {
	case codeScannerAway, codeScannerFails, codeScannerRequired:
		return true
	}
	return false
}

// WatchScreen has this process work on the screening of manuals as soon as it
// may: when it has a scanner, or none is required. It returns then, or when ctx
// ends. It is for processes that work on jobs.
func (s *Service) WatchScreen(ctx context.Context) {
	ticker := time.NewTicker(screenEvery)
	defer ticker.Stop()
	for told := false; ; {
		err := s.mayScreen(ctx, s.pool)
		if err == nil {
			if err = s.jobs.AddQueue(QueueScreen, screenWorkers); err == nil {
				return
			}
		}
		if !told && ctx.Err() == nil {
			s.log.WarnContext(ctx, "this process does not check new manuals; another has to", "code", errdefs.Code(err), "error", err)
			told = errdefs.Code(err) == codeScannerRequired
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
