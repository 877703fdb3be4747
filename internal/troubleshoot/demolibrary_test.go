package troubleshoot_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/search"
)

// demoSearches asks the demo questions of the whole library, without their models:
// siblings print nearly the same, so some of their pages come before the right one.
func demoSearches(t *testing.T, l *library, manuals map[string]manual.Manual) {
	store := search.New(l.pool, nil)
	asked, found := 0, 0
	for line := range bytes.Lines(demo.Cases) {
		var c struct {
			ID, Manual, Question string
			Pages                []int
			Also                 []int `json:"also_pages"`
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		if len(c.Pages) == 0 {
			continue // a question that the manual does not answer
		}
		asked++
		res, err := store.SearchLibrary(t.Context(), search.LibraryQuery{Text: c.Question, Limit: 5})
		if err != nil {
			t.Fatalf("%s: %v", c.ID, err)
		}
		right := func(p search.Passage) bool {
			return p.ManualID == manuals[c.Manual].ID && (slices.Contains(c.Pages, p.Page) || slices.Contains(c.Also, p.Page))
		}
		if slices.ContainsFunc(res.Passages, right) {
			found++
		} else {
			t.Logf("%s is not among the first five", c.ID)
		}
	}
	if found*100 < asked*92 {
		t.Errorf("%d of %d questions have a right page among the first five, want 92 %%", found, asked)
	}
}
