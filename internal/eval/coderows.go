package eval

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/textnorm"
)

// codeLabels are the error codes of the real manuals, read by eye; labels/README.md
// describes them.
//
//go:embed labels/codes.jsonl
var codeLabels []byte

// codeIndex measures the index of error codes, against the labels of real manuals
// and against what the demo's manuals are made of.
func codeIndex() rowIndex {
	return rowIndex{
		name: "codes", fields: []string{"meaning", "cause", "remedy"}, same: sameCode,
		labels: func() ([]RowLabel, map[string]RowPages, error) {
			labels, pages, err := readRowLabels(codeLabels, codeLabel)
			if err != nil {
				return nil, nil, err
			}
			printed, demos, err := demoCodes()
			maps.Copy(pages, demos)
			return append(labels, printed...), pages, err
		},
	}
}

func codeLabel(data []byte) (RowLabel, error) {
	var l struct {
		Page          int      `json:"page"`
		LastPage      int      `json:"last_page"`
		Code          string   `json:"code"`
		Accept        []string `json:"accept"`
		SubOf         string   `json:"sub_of"`
		Meaning       string   `json:"meaning"`
		AcceptMeaning []string `json:"accept_meaning"`
		Cause         string   `json:"cause"`
		Remedy        string   `json:"remedy"`
		Source        string   `json:"source"`
		Optional      bool     `json:"optional"`
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return RowLabel{}, err
	}
	keys := append([]string{l.Code}, l.Accept...)
	if l.SubOf != "" {
		for i := range keys {
			keys[i] = l.SubOf + " " + keys[i]
		}
	}
	return RowLabel{
		Page: l.Page, LastPage: l.LastPage, Keys: keys, Source: l.Source, Optional: l.Optional,
		Texts: map[string][]string{
			"meaning": texts(append([]string{l.Meaning}, l.AcceptMeaning...)...), "cause": texts(l.Cause), "remedy": texts(l.Remedy),
		},
	}, nil
}

// sameCode compares codes as printed. Drawn ones have neither case nor a
// difference between O and 0, I and 1, S and 5. The words of a lamp's pattern may
// be fewer or more than the label's.
func sameCode(extracted string, l *RowLabel) bool {
	for _, k := range l.Keys {
		if l.Source == "glyph" {
			if segments(extracted) == segments(k) {
				return true
			}
			continue
		}
		if a, b := codeLetters(extracted), codeLetters(k); a == b {
			return true
		}
		if a, b := textnorm.Tokens(extracted), textnorm.Tokens(k); len(b) > 1 && (containsTokens(a, b) || len(a) > 1 && containsTokens(b, a)) {
			return true
		}
	}
	return false
}

// codeLetters are a code's letters and digits; of one without any, its signs.
func codeLetters(s string) string {
	if k := textnorm.Key(s); k != "" {
		return k
	}
	return strings.Join(strings.Fields(textnorm.Fold(s)), "")
}

// segments writes a drawn code so that what its segments do not tell is the same.
func segments(s string) string {
	s = strings.Join(strings.Fields(textnorm.Fold(s)), "")
	return strings.NewReplacer("o", "0", "i", "1", "s", "5").Replace(s)
}

// containsTokens reports whether all tokens are among the words, in their order.
func containsTokens(words, tokens []string) bool {
	k := 0
	for _, w := range words {
		if k < len(tokens) && w == tokens[k] {
			k++
		}
	}
	return k == len(tokens)
}

// demoCodes are the rows that the demo manuals print: what typeset them knows. A
// code printed in a heading or a sentence is not among them.
func demoCodes() ([]RowLabel, map[string]RowPages, error) {
	var labels []RowLabel
	pages := map[string]RowPages{}
	for _, m := range demo.Manuals() {
		codes, err := m.Codes()
		if err != nil {
			return nil, nil, fmt.Errorf("eval: codes of %s: %w", m.FileName, err)
		}
		pages[m.FileName] = RowPages{}
		for _, c := range codes {
			labels = append(labels, RowLabel{
				Manual: m.FileName, Page: c.Page, LastPage: c.Page, Keys: []string{c.Code}, Source: "text",
				Texts: map[string][]string{"meaning": texts(c.Meaning), "cause": texts(c.Cause), "remedy": texts(c.Remedy)},
			})
		}
	}
	return labels, pages, nil
}
