package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Case is one question of a cases file.
type Case struct {
	ID           string `json:"id"`
	Manual       string `json:"manual"` // file name in the folder of manuals
	Manufacturer string `json:"manufacturer"`
	Model        string `json:"model"`
	ErrorCode    string `json:"error_code"` // as printed; "" when the question is not about one
	Question     string `json:"question"`   // as typed on a phone
	// Pages hold the answer, AlsoPages are equally right. PDF pages, 1 is the first.
	Pages     []int `json:"pages"`
	AlsoPages []int `json:"also_pages"`
	// MustContain are strings of the page without which an answer is none.
	MustContain []string `json:"answer_must_contain"`
	Kind        string   `json:"kind"`
	Language    string   `json:"lang"`
	// NeedsOCR is "answer" when the answer is in no text layer, "code" when only
	// the code's glyph is missing there, and "" otherwise.
	NeedsOCR string `json:"needs_ocr"`
	// Unanswerable questions have no answer in the manual: they are to be refused.
	Unanswerable bool `json:"unanswerable"`
}

// right reports whether the answer stands on the page.
func (c *Case) right(page int) bool {
	return slices.Contains(c.Pages, page) || slices.Contains(c.AlsoPages, page)
}

// needsOCR is the group of the case in Report.ByNeedsOCR.
func (c *Case) needsOCR() string {
	if c.NeedsOCR == "" {
		return "none"
	}
	return c.NeedsOCR
}

// ReadCases reads a cases file: a JSON object a line, blank lines apart. An
// error names the line.
func ReadCases(r io.Reader) ([]Case, error) {
	var cases []Case
	seen := map[string]int{}
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) == 0 {
			continue
		}
		var c Case
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, badCase(n, err.Error())
		}
		if problem := c.check(); problem != "" {
			return nil, badCase(n, problem)
		}
		if first, twice := seen[c.ID]; twice {
			return nil, badCase(n, fmt.Sprintf("the id %q is that of line %d", c.ID, first))
		}
		seen[c.ID] = n
		cases = append(cases, c)
	}
	if err := scan.Err(); err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if len(cases) == 0 {
		return nil, errdefs.New(errdefs.Invalid, "NO_CASES", "The cases file is empty. Write one JSON object a line.")
	}
	return cases, nil
}

func (c *Case) check() string {
	switch {
	case c.ID == "":
		return "it has no id"
	case c.Manual == "" || strings.ContainsAny(c.Manual, `/\`):
		return "manual has to be a file name"
	case c.Manufacturer == "" || c.Model == "":
		return "manufacturer and model have to be given"
	case c.Question == "" && c.ErrorCode == "":
		return "it has neither a question nor an error code"
	case c.NeedsOCR != "" && c.NeedsOCR != "code" && c.NeedsOCR != "answer":
		return `needs_ocr has to be null, "code" or "answer"`
	case !c.Unanswerable && len(c.Pages)+len(c.AlsoPages) == 0:
		return "it has no pages and is not marked as unanswerable"
	}
	return ""
}

func badCase(line int, problem string) error {
	return errdefs.New(errdefs.Invalid, "INVALID_CASE", "Line %d of the cases file is no case: %s.", line, problem)
}
