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
	// Quarantined manuals hold what a manual does not need: see Manual.Findings.
	Quarantined Status = "quarantined"
)

// Manual is one manual of the library.
type Manual struct {
	ID     uuid.UUID
	SHA256 string // lower case hex, of the original file as it is stored
	// SourceSHA256 is that of the file as it came: another one where a password was
	// taken off.
	SourceSHA256 string
	SizeBytes    int64
	FileName     string // as given, cleaned; to show, never a path
	Title        string
	Type         Type
	Revision     string // as printed, "" when not given
	Language     string // ISO 639-1, "" until known
	// SerialRange is which serial numbers it is for, as printed or told: "100200–100999",
	// "" for all.
	SerialRange string
	Models      []Model
	Status      Status
	// Error says why the manual failed or, while it is queued, why it could not be
	// read yet: it is tried again by itself. Nil otherwise.
	Error       *Failure
	Pages       int // 0 until the file was opened
	PagesDone   int
	PagesFailed int
	// Pages with pictures of text: those that wait for OCR or are in it, those that
	// were read, and those whose pictures could not be read.
	OCRWaiting, OCRDone, OCRFailed int
	// Quality grades how well the pages could be read.
	Quality Quality
	// NeedsReview says that somebody should look at the manual, for ReviewReasons.
	NeedsReview   bool
	ReviewReasons []ReviewReason
	OpenFlags     int // with which somebody has said that a row or an answer is wrong
	Progress      Progress
	// Generation counts the versions of the index, 0 before there is one: an answer
	// of an older generation may quote what is no longer there.
	Generation int
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ReadyAt    *time.Time
	// Findings is what the screening found, if anything. ReleasedAt and ReleasedBy
	// say who let the manual in nevertheless, the last time.
	Findings   []Finding
	ReleasedAt *time.Time
	ReleasedBy uuid.UUID
	// ExtractorVersion is that of the code that has read it, 0 before it was opened.
	ExtractorVersion int
	// Reprocessing is how far it is read again; nil when it is not.
	Reprocessing *Reprocessing
	// SupersededBy is the manual that is asked instead of this one, since SupersededAt;
	// nil for none.
	SupersededBy *Reference
	SupersededAt *time.Time
}

// Reference names another manual.
type Reference struct {
	ID       uuid.UUID
	Title    string
	Revision string // as printed, "" when not given
}

// Searchable reports whether the manual can be asked, if only for the pages that
// are read and indexed so far.
func (m *Manual) Searchable() bool { return m.Generation > 0 && m.Status != Quarantined }

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
