package manual

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/techcopilot/techcopilot/internal/audit"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual/internal/db"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// scanner looks for viruses. *clamd.Client is one.
type scanner interface {
	// Scan returns the name of what was found, "" for nothing.
	Scan(ctx context.Context, r io.Reader) (string, error)
}

// Finding is something in a file that a manual does not need and that can do
// harm to who opens it.
type Finding struct {
	// Kind is FindingVirus or a kind of pdf.Finding, such as pdf.FindingLaunch.
	Kind   string `json:"kind"`
	Object int    `json:"object,omitempty"` // number of the PDF's object, 0 when it is in none
	Detail string `json:"detail,omitempty"` // the virus' name, or the beginning of what was found
	// Released findings no longer keep the manual in quarantine.
	Released bool `json:"released,omitempty"`
}

// FindingVirus is what the virus scanner found.
const FindingVirus = "virus"

const (
	maxFindings      = 100 // of a file; the first of them say enough
	maxFindingDetail = 200 // bytes
)

// same reports whether both are the same thing, released or not. The content of a
// manual never changes, so that what was found there is found again as it was; but
// how far a file lets itself be looked through depends on the machine's load.
func (f Finding) same(g Finding) bool {
	return f.Kind == g.Kind && (f.Kind == pdf.FindingUnscreenable || f.Object == g.Object && f.Detail == g.Detail)
}

// verdict is what the screening of a manual came to.
type verdict struct {
	all   []Finding // those that were released before among them
	fresh []Finding // those that nobody has released
}

// quarantine reports whether the manual is to be held back.
func (v verdict) quarantine() bool { return len(v.fresh) > 0 }

// screen looks into the original of a manual, which lies in file. A scanner that
// is configured and does not answer is an error: nothing goes on unscanned.
func (s *Service) screen(ctx context.Context, row db.Manual, file string) (verdict, error) {
	found, err := s.examine(ctx, row.Sha256, file)
	if err != nil {
		return verdict{}, err
	}
	// What was released stays so, also while nobody finds it: a scanner that was
	// switched off may come back.
	all := slices.DeleteFunc(findings(row), func(f Finding) bool { return !f.Released })
	released := len(all)
	for _, f := range found {
		if !slices.ContainsFunc(all, f.same) {
			all = append(all, f)
		}
	}
	return verdict{all, all[released:]}, nil
}

// examine returns what a file holds that it should not.
func (s *Service) examine(ctx context.Context, sha, file string) ([]Finding, error) {
	var found []Finding
	if s.scanner != nil {
		signature, err := s.scan(ctx, sha)
		if err != nil {
			return nil, err
		}
		if signature != "" {
			found = append(found, Finding{Kind: FindingVirus, Detail: signature})
		}
	}
	active, err := s.pdf.Screen(ctx, file)
	if err != nil {
		return nil, err
	}
	for _, a := range active {
		found = append(found, Finding{Kind: a.Kind, Object: a.Object, Detail: a.Detail})
	}
	found = found[:min(len(found), maxFindings)]
	for i := range found {
		f := &found[i]
		f.Kind, f.Detail = cleanText(f.Kind), cleanText(f.Detail)
		if len(f.Detail) > maxFindingDetail {
			f.Detail = strings.ToValidUTF8(f.Detail[:maxFindingDetail-len("…")], "") + "…"
		}
	}
	return found, nil
}

func (s *Service) scan(ctx context.Context, sha string) (string, error) {
	f, err := s.blobs.Open(ctx, originalKey(sha))
	if err != nil {
		return "", err
	}
	defer f.Close()
	return s.scanner.Scan(ctx, f)
}

// quarantine holds the locked manual back, with an entry in the audit.
func (s *Service) quarantine(ctx context.Context, tx pgx.Tx, row db.Manual, v verdict) error {
	data, err := json.Marshal(v.all)
	if err != nil {
		return err
	}
	row, err = db.New(tx).Quarantine(ctx, db.QuarantineParams{
		ID: row.ID, Findings: data, Code: codeQuarantined, Message: quarantineReason(v.fresh),
	})
	if err != nil {
		return err
	}
	if err := audit.Record(ctx, tx, uuid.Nil, actionQuarantined, row.ID, decisionOn(row, v.fresh, "")); err != nil {
		return err
	}
	return s.announce(ctx, tx, row)
}

// quarantineReason says what was found and what to do.
func quarantineReason(found []Finding) string {
	names := map[string]string{
		pdf.FindingJavaScript: "JavaScript", pdf.FindingLaunch: "a command that starts a program",
		pdf.FindingSubmitForm: "a form that sends data away", pdf.FindingImportData: "a form that fetches data",
		pdf.FindingRichMedia: "embedded media that run in the viewer", pdf.FindingExecutable: "an embedded program",
		pdf.FindingUnscreenable: "parts that cannot be looked into",
	}
	var viruses, active []string
	for _, f := range found {
		to, name := &active, names[f.Kind]
		switch {
		case f.Kind == FindingVirus:
			to, name = &viruses, f.Detail
		case name == "":
			name = f.Kind
		}
		if !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	var b strings.Builder
	if len(viruses) > 0 {
		b.WriteString("The virus scanner takes this file for " + strings.Join(viruses, ", ") + ". ")
	}
	if len(active) > 0 {
		b.WriteString("The PDF holds what a manual does not need and what can do harm: " + strings.Join(active, ", ") + ". ")
	}
	b.WriteString("It is neither read nor shown. Delete it, or release it if you know where it comes from.")
	return b.String()
}

// findings returns what was found in a manual so far. The column is written here
// only, so that it can be read.
func findings(row db.Manual) (found []Finding) {
	_ = json.Unmarshal(row.Findings, &found)
	return found
}

const codeQuarantined = "MANUAL_QUARANTINED"

// servable returns an error when the manual's file and pages must not be given to
// anybody: what is in quarantine, and what has not been screened yet.
func servable(row db.Manual) error {
	switch {
	case Status(row.Status) == Quarantined:
		return errdefs.New(errdefs.Conflict, codeQuarantined, "This manual is in quarantine. %s", row.ErrorMessage).
			With("findings", findings(row))
	case Stage(row.Stage) == StageScreen && Status(row.Status) == Failed:
		return errdefs.New(errdefs.Conflict, "MANUAL_NOT_SCREENED",
			"This manual could not be checked for harmful content, and is not shown before. See its error, then retry or delete it.")
	case Stage(row.Stage) == StageScreen:
		return errdefs.New(errdefs.Unavailable, "MANUAL_NOT_SCREENED",
			"This manual has not been checked for harmful content yet. Try again in a moment.")
	}
	return nil
}
