package pdf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

func TestEncryptedFilesOpenWithTheirPassword(t *testing.T) {
	e := newEngine(t, pdf.Limits{})
	p := pdftest.NewPage()
	p.Text(72, 72, 12, pdftest.Regular, "Error E5 (pump)")
	d := &pdftest.Document{Title: "Locked (oven)", Pages: []*pdftest.Page{p}}
	store := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	open := store("open.pdf", d.EncryptedBytes("", "boss"))
	locked := store("locked.pdf", d.EncryptedBytes("secret", "boss"))

	doc, err := e.Probe(t.Context(), open, "")
	if err != nil || doc.Pages != 1 || doc.Title != d.Title || !doc.Encrypted {
		t.Errorf("an empty password: %+v, %v", doc, err)
	}
	if _, err := e.Probe(t.Context(), locked, ""); errdefs.Code(err) != "PDF_ENCRYPTED" {
		t.Errorf("no password: %v", err)
	}
	if _, err := e.Probe(t.Context(), locked, "Secret"); errdefs.Code(err) != "PDF_PASSWORD_WRONG" {
		t.Errorf("a wrong password: %v", err)
	}
	var wrong bytes.Buffer
	if err := e.Decrypt(t.Context(), locked, "Secret", &wrong); errdefs.Code(err) != "PDF_PASSWORD_WRONG" || wrong.Len() > 0 {
		t.Errorf("decrypted with a wrong password: %v, %d bytes", err, wrong.Len())
	}
	for _, password := range []string{"secret", "boss"} {
		var plain bytes.Buffer
		if err := e.Decrypt(t.Context(), locked, password, &plain); err != nil {
			t.Fatal(err)
		}
		doc, err := e.Probe(t.Context(), store("plain.pdf", plain.Bytes()), "")
		if err != nil || doc.Title != d.Title || doc.Encrypted {
			t.Errorf("decrypted with %s: %+v, %v", password, doc, err)
		}
	}
}
