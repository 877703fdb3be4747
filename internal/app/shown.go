package app

import (
	"github.com/techcopilot/techcopilot/internal/correction"
	"github.com/techcopilot/techcopilot/internal/httpapi"
	"github.com/techcopilot/techcopilot/internal/search"
)

// A command that prints JSON prints what the API answers: whoever reads the one reads
// the other. These make it, to be marshalled and nothing else.

// CodesJSON is a list of rows of codes.
func CodesJSON(found search.CodeList) any { return httpapi.NewCodesBody(found) }

// PartsJSON is a part of a list of parts.
func PartsJSON(found []search.FoundPart, next string) any { return httpapi.NewPartsBody(found, next) }

// SettingsJSON is a part of a list of settings.
func SettingsJSON(found []search.FoundSetting, next string) any {
	return httpapi.NewSettingsBody(found, next)
}

// SearchJSON is what a search of the library found.
func SearchJSON(found search.LibraryResult) any { return httpapi.NewSearchBody(found) }

// CorrectionJSON is a correction.
func CorrectionJSON(c correction.Correction) any { return httpapi.NewCorrectionBody(c) }

// FlagJSON is a flag.
func FlagJSON(f correction.Flag) any { return httpapi.NewFlagBody(f) }
