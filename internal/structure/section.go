package structure

import (
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// SectionType says what a section is about.
type SectionType string

// The types of sections.
const (
	SectionOverview        SectionType = "overview"
	SectionSpecifications  SectionType = "specifications"
	SectionInstallation    SectionType = "installation"
	SectionOperation       SectionType = "operation"
	SectionErrorCodes      SectionType = "error_codes"
	SectionTroubleshooting SectionType = "troubleshooting"
	SectionMaintenance     SectionType = "maintenance"
	SectionWiring          SectionType = "wiring_diagrams"
	SectionParts           SectionType = "parts_list"
	SectionSafety          SectionType = "safety"
	SectionOther           SectionType = "other"
)

// The sources of sections.
const (
	SourceOutline = "outline" // the file's bookmarks
	SourceHeading = "heading" // what is set as a heading on the pages
)

// Section is a chapter or a part of one.
type Section struct {
	Title string      `json:"title"`
	Type  SectionType `json:"type"`
	Level int         `json:"level"` // 1 is the top
	// Parent is the section that it is part of: an index into Document.Sections, -1
	// for none.
	Parent    int `json:"parent"`
	FirstPage int `json:"first_page"` // PDF page numbers; a section may begin and end amid a page
	LastPage  int `json:"last_page"`
	// Heading are the words of its heading on FirstPage; none when the bookmark's
	// title is not printed there.
	Heading  Span          `json:"heading"`
	Language string        `json:"language,omitempty"` // ISO 639-1
	Applies  Applicability `json:"applies"`
	Source   string        `json:"source"`
	// CopyOf is the section, in another language, that this one repeats: an index
	// into Document.Sections, -1 for none.
	CopyOf int `json:"copy_of"`
}

// Applicability is what a section holds for, as its heading and its first lines
// say. Empty slices mean that they say nothing, and what it is part of counts.
type Applicability struct {
	Models       []Fact  `json:"models,omitempty"`
	Serials      []Range `json:"serials,omitempty"`
	Voltages     []Fact  `json:"voltages,omitempty"`
	Refrigerants []Fact  `json:"refrigerants,omitempty"`
}

// Empty reports whether nothing is said.
func (a *Applicability) Empty() bool {
	return len(a.Models)+len(a.Serials)+len(a.Voltages)+len(a.Refrigerants) == 0
}

// Range is a range of serial numbers or dates of manufacture, as printed; an end
// that is "" is open.
type Range struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Fact
}

// Drawing is a picture that is meant to be looked at, and not read.
type Drawing struct {
	Kind    DrawingKind `json:"kind"`
	Title   Fact        `json:"title"` // zero when there is none
	Page    int         `json:"page"`  // PDF page number
	Box     pdf.Box     `json:"box"`
	Section int         `json:"section"` // index into Document.Sections, -1 for none
}

// DrawingKind says what a drawing shows.
type DrawingKind string

// The kinds of drawings.
const (
	DrawingWiring   DrawingKind = "wiring"
	DrawingExploded DrawingKind = "exploded_view"
	DrawingLayout   DrawingKind = "layout" // where parts, switches and connections are; dimensions
	DrawingOther    DrawingKind = "other"
)
