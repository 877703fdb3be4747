package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/search"
)

// listedSection is a section of a manual as it is shown.
type listedSection struct {
	Title     string `json:"title"`
	Type      string `json:"type"`
	Level     int    `json:"level"`
	FirstPage int    `json:"first_page"`
	LastPage  int    `json:"last_page"`
	Language  string `json:"language,omitempty"`
	Copy      bool   `json:"copy,omitempty"` // of a section in another language
}

// sectionsOf returns all sections of a manual in printed order.
func sectionsOf(ctx context.Context, a *app.App, id uuid.UUID) ([]listedSection, error) {
	var out []listedSection
	for f := (search.PartFilter{After: -1, Limit: 1000}); ; {
		sections, next, err := a.Manuals.Sections(ctx, id, f)
		if err != nil {
			return nil, err
		}
		for _, s := range sections {
			out = append(out, listedSection{s.Title, string(s.Type), s.Level, s.FirstPage, s.LastPage, s.Language, s.CopyOf >= 0})
		}
		if f.After = next; next < 0 {
			return out, nil
		}
	}
}

// shownSections is how many sections are shown at most; --json has them all.
const shownSections = 30

// printSections shows the sections of the uppermost level that divides the manual,
// but for those that repeat others in another language.
func printSections(w io.Writer, sections []listedSection) {
	count := map[int]int{}
	for _, s := range sections {
		if !s.Copy {
			count[s.Level]++
		}
	}
	level := 1
	for l := 1; l <= 3; l++ {
		if count[l] > 1 {
			level = l
			break
		}
	}
	n := 0
	for _, s := range sections {
		if s.Level > level || s.Copy {
			continue
		}
		if n++; n > shownSections {
			fmt.Fprintf(w, "%-10s… and more: --json shows all\n", "")
			return
		}
		name := "section"
		if n > 1 {
			name = ""
		}
		pages := fmt.Sprint(s.FirstPage)
		if s.LastPage > s.FirstPage {
			pages += fmt.Sprintf("–%d", s.LastPage)
		}
		fmt.Fprintf(w, "%-10s%-8s%-16s%s\n", name, pages, s.Type, oneLine(s.Title))
	}
}
