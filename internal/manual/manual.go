// Package manual is the library of manuals: intake, originals, pages and the
// job that reads them.
//
// It promises that a manual is stored once per content, that an accepted file
// is never lost, and that a killed ingest goes on where it stopped. It does not
// judge what a manual says: package search does.
package manual

import (
	"time"

	"github.com/google/uuid"
)

// Type says what a manual is for.
type Type string

// The types of manual.
const (
	TypeService      Type = "service"
	TypeParts        Type = "parts"
	TypeInstallation Type = "installation"
	TypeUser         Type = "user"
	TypeWiring       Type = "wiring"
	TypeBulletin     Type = "bulletin"
	TypeUnknown      Type = "unknown"
)

// Types lists every type.
var Types = []Type{TypeService, TypeParts, TypeInstallation, TypeUser, TypeWiring, TypeBulletin, TypeUnknown}

// Status is how far the ingest of a manual is.
type Status string

// The statuses, in the order in which a manual meets them.
const (
	Queued     Status = "queued"
	Processing Status = "processing"
	Ready      Status = "ready"
	Failed     Status = "failed"
)

// Manual is one manual of the library.
type Manual struct {
	ID        uuid.UUID
	SHA256    string // lower case hex, of the original file
	SizeBytes int64
	FileName  string // as given, cleaned; to show, never a path
	Title     string
	Type      Type
	Revision  string // as printed, "" when not given
	Language  string // ISO 639-1, "" until known
	Models    []Model
	Status    Status
	// Error says why the manual failed or, while it is queued, why it could not be
	// read yet: it is tried again by itself. Nil otherwise.
	Error       *Failure
	Pages       int // 0 until the file was opened
	PagesDone   int
	PagesFailed int
	PagesNoText int // pages that hold pictures only
	Progress    Progress
	// Generation counts the completed runs of the ingest: an answer of an older
	// generation may quote what is no longer there.
	Generation int
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ReadyAt    *time.Time
}

// Model names a model of equipment that a manual is for.
type Model struct {
	ID           uuid.UUID
	Manufacturer string
	Name         string
}

// Failure says why a manual could not be read, and what to do.
type Failure struct {
	Code    string // ENCRYPTED, NOT_A_PDF, …
	Message string
}
