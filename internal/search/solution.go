package search

import (
	"slices"
	"strconv"
	"strings"
)

// Solution is what may cause a fault together with what helps, as a manual puts them
// side by side or as the shop says.
type Solution struct {
	Causes, Remedies []Field
}

func (s *Solution) of(role Role) *[]Field {
	if role == RoleCause {
		return &s.Causes
	}
	return &s.Remedies
}

// SolutionText is a solution as text.
type SolutionText struct {
	Cause  string `json:"cause,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

func (s *SolutionText) of(role Role) string {
	if role == RoleCause {
		return s.Cause
	}
	return s.Remedy
}

// SolutionField reads the name of a field by which the causes or the remedies of a code
// are corrected: "cause" and "remedy" are those of all its solutions, and n is 0;
// "cause/2" and "remedy/2" are those of the second one.
func SolutionField(name string) (role Role, n int, ok bool) {
	field, number, one := strings.Cut(name, "/")
	if role = Role(field); role != RoleCause && role != RoleRemedy {
		return "", 0, false
	}
	if !one {
		return role, 0, true
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || strconv.Itoa(n) != number {
		return "", 0, false
	}
	return role, n, true
}

// printedSolutions are those of the table, in its order. Causes and remedies that it
// does not pair are one solution.
func (r *CodeRow) printedSolutions() []Solution {
	var out []Solution
	pairs := map[int]int{} // index by Field.Pair
	for _, f := range r.Fields {
		if f.Role != RoleCause && f.Role != RoleRemedy {
			continue
		}
		at, ok := pairs[f.Pair]
		if !ok {
			at = len(out)
			pairs[f.Pair], out = at, append(out, Solution{})
		}
		to := out[at].of(f.Role)
		*to = append(*to, f)
	}
	return out
}

// solutionTexts are the printed solutions as text.
func (r *CodeRow) solutionTexts() []SolutionText {
	var out []SolutionText
	for _, s := range r.printedSolutions() {
		out = append(out, SolutionText{joined(s.Causes), joined(s.Remedies)})
	}
	return out
}

func joined(fields []Field) string {
	texts := make([]string, len(fields))
	for i, f := range fields {
		texts[i] = f.Printed
	}
	return strings.Join(texts, " ")
}

// Solutions are the causes with what helps, in the order of the table and with what the
// shop says of them. What it gives for all of several solutions stands by itself: it
// does not say what belongs together.
func (r *CodeRow) Solutions() []Solution {
	out := r.printedSolutions()
	c := r.Corrected
	if c == nil {
		return out
	}
	if len(r.Fields) == 0 { // the row is not read any more, or never was
		for _, s := range c.Anchor.Solutions {
			out = append(out, Solution{r.shopFields(RoleCause, s.Cause), r.shopFields(RoleRemedy, s.Remedy)})
		}
	}
	for name, text := range c.Says.Fields {
		role, n, ok := SolutionField(name)
		if !ok || n == 0 {
			continue
		}
		for len(out) < n {
			out = append(out, Solution{})
		}
		*out[n-1].of(role) = r.shopFields(role, text)
	}
	causes, allCauses := c.Text(string(RoleCause))
	remedies, allRemedies := c.Text(string(RoleRemedy))
	said := Solution{r.shopFields(RoleCause, causes), r.shopFields(RoleRemedy, remedies)}
	switch {
	case allCauses && allRemedies:
		out = []Solution{said}
	case allCauses:
		out = sayOfAll(out, RoleCause, said)
	case allRemedies:
		out = sayOfAll(out, RoleRemedy, said)
	}
	return slices.DeleteFunc(out, func(s Solution) bool { return len(s.Causes)+len(s.Remedies) == 0 })
}

// sayOfAll puts what is said in the place of the causes, or of the remedies, of all.
func sayOfAll(all []Solution, role Role, said Solution) []Solution {
	for i := range all {
		*all[i].of(role) = nil
	}
	switch {
	case len(all) == 1:
		*all[0].of(role) = *said.of(role)
		return all
	case role == RoleCause:
		return slices.Insert(all, 0, said)
	}
	return append(all, said)
}

// shopFields are the lines of a text of the shop, each a cause or a remedy.
func (r *CodeRow) shopFields(role Role, text string) []Field {
	var out []Field
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, Field{Role: role, Printed: line, Shop: true})
		}
	}
	return out
}

// Meanings are what the code means, as printed or as the shop says.
func (r *CodeRow) Meanings() []Field {
	shop := func(text string) []Field { return []Field{{Role: RoleMeaning, Printed: text, Shop: true}} }
	if text, told := r.Corrected.Text(string(RoleMeaning)); told {
		return shop(text)
	}
	if len(r.Fields) == 0 && r.Corrected != nil {
		if text := r.Corrected.Printed(string(RoleMeaning)); text != "" {
			return shop(text)
		}
	}
	var out []Field
	for _, f := range r.Fields {
		if f.Role == RoleMeaning || f.Role == RoleSymptom {
			out = append(out, f)
		}
	}
	return out
}

// Resolved reports whether the causes and remedies of the row are the shop's, or some of
// them.
func (r *CodeRow) Resolved() bool {
	if r.Corrected == nil {
		return false
	}
	for name := range r.Corrected.Says.Fields {
		if _, _, ok := SolutionField(name); ok {
			return true
		}
	}
	return len(r.Fields) == 0 && len(r.Corrected.Anchor.Solutions) > 0
}

// Retold reports whether the shop has other words for a field of the row.
func (r *CodeRow) Retold(f Field) bool {
	switch {
	case r.Corrected == nil:
		return false
	case f.Role == RoleCode:
		return r.Corrected.Says.Name != ""
	case f.Role == RoleCause || f.Role == RoleRemedy:
		return !slices.ContainsFunc(r.Solutions(), func(s Solution) bool {
			return slices.ContainsFunc(*s.of(f.Role), func(o Field) bool {
				return !o.Shop && o.On(r) == f.On(r) && slices.Equal(o.Words, f.Words)
			})
		})
	}
	_, told := r.Corrected.Text(string(f.Role))
	return told
}
