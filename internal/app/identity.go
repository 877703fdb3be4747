package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/postgres"
)

// idFile is in the data folder and holds the id of the library whose originals
// lie there.
const idFile = "library.id"

// checkLibrary makes sure that the data folder is the one of the database's
// library: a node with another folder would find none of the originals, and
// what it stored the other nodes would not find. The first node gives the folder
// the library's id.
func (a *App) checkLibrary(ctx context.Context) error {
	const query = `SELECT value FROM setting WHERE name = 'library_id'`
	var id string
	if err := a.db.QueryRow(ctx, query).Scan(&id); err != nil {
		return postgres.Translate(err)
	}
	path := filepath.Join(a.cfg.DataDir, idFile)
	if here, err := readID(path); err != nil || here == id {
		return err
	}
	expected, found, err := a.Manuals.Originals(ctx)
	if err != nil {
		return err
	}
	return postgres.InTx(ctx, a.db, func(tx pgx.Tx) error {
		// Of two nodes that start for the first time, the second sees what the
		// first has decided.
		if _, err := tx.Exec(ctx, query+` FOR UPDATE`); err != nil {
			return err
		}
		here, err := readID(path)
		switch {
		case err != nil || here == id:
			return err
		case a.cfg.AdoptFolder:
			a.log.WarnContext(ctx, "the data folder was taken for this library's", "folder", a.cfg.DataDir, "library", id, "was", here)
		case here != "":
			return errdefs.New(errdefs.Conflict, "FOLDER_OF_ANOTHER_LIBRARY",
				"The data folder %s belongs to another library than the database. Name the folder that goes with the database (--data or DATA_DIR), or the database that goes with the folder (DATABASE_URL). If the folder shall belong to this library from now on, start once with --adopt-folder.", a.cfg.DataDir)
		case a.server != nil, found:
			// The database lies in the folder, or the originals do: it was copied,
			// or is older than the ids.
		default:
			if err := a.mayBegin(ctx, tx, expected); err != nil {
				return err
			}
		}
		if err := writeID(path, id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ('data_folder', $1)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, a.folderName())
		return err
	})
}

// mayBegin decides whether a folder that holds nothing can be the library's:
// only if the library has none yet and needs nothing.
func (a *App) mayBegin(ctx context.Context, tx pgx.Tx, hasManuals bool) error {
	other := "another folder"
	err := tx.QueryRow(ctx, `SELECT value FROM setting WHERE name = 'data_folder'`).Scan(&other)
	if errors.Is(err, pgx.ErrNoRows) && !hasManuals {
		return nil
	}
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	return errdefs.New(errdefs.Conflict, "FOLDER_NOT_SHARED",
		"The library of this database keeps its files in %s, and the data folder %s has none of them. Nodes of one library need the same folder: mount that one here and name it (--data or DATA_DIR). If it is gone, start once with --adopt-folder.", other, a.cfg.DataDir)
}

func readID(path string) (string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(data)), err
}

// folderName is how a person finds the folder.
func (a *App) folderName() string {
	dir, err := filepath.Abs(a.cfg.DataDir)
	if err != nil {
		dir = a.cfg.DataDir
	}
	host, err := os.Hostname()
	if err != nil {
		return dir
	}
	return fmt.Sprintf("%s of %s", dir, host)
}

// writeID writes the file as a whole or not at all.
func writeID(path, id string) error {
	f, err := os.CreateTemp(filepath.Dir(path), idFile+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(id + "\n")
	if err := errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
