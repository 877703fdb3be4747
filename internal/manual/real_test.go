package manual_test

import (
	"bytes"
	"image"
	_ "image/png"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/search"
)

// realEngine reads real PDFs.
func realEngine(t *testing.T) *pdf.Engine {
	t.Helper()
	e, err := pdf.NewEngine(pdf.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestARealManualIsReadShownAndFound(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{pdf: realEngine(t)})
	l.start(t)
	oven := demo.Manuals()[0]
	var original bytes.Buffer
	if err := oven.Write(&original); err != nil {
		t.Fatal(err)
	}
	m, created, err := l.Intake(t.Context(), manual.Upload{
		FileName: oven.FileName, Title: oven.Title, Manufacturer: oven.Manufacturer, Models: oven.Models,
		Type: manual.Type(oven.Type), Revision: oven.Revision,
	}, bytes.NewReader(original.Bytes()))
	if err != nil || !created {
		t.Fatal(created, err)
	}
	m = l.wait(t, m.ID)
	if m.Status != manual.Ready || m.Pages < 20 || m.PagesDone != m.Pages || m.PagesFailed != 0 || m.Language != oven.Language {
		t.Fatalf("%+v %+v", m, m.Error)
	}
	if n := l.count(t, `SELECT count(*) FROM page WHERE label <> ''`); n == 0 {
		t.Error("no printed page label is known")
	}
	found, err := search.New(l.pool, nil).Search(t.Context(), search.Query{Manuals: []uuid.UUID{m.ID}, Code: "E18"})
	if err != nil || len(found.Pages) == 0 {
		t.Fatalf("searching: %+v, %v", found, err)
	}
	n := found.Pages[0].Page
	p, _, err := l.Page(t.Context(), m.ID, n)
	if err != nil || len(p.Words) == 0 {
		t.Fatalf("page %d: %d words, %v", n, len(p.Words), err)
	}
	png, _, err := l.PageImage(t.Context(), m.ID, n, manual.ImageOptions{Width: 600, Highlights: []pdf.Box{p.Words[0].Box}})
	if err != nil {
		t.Fatal(err)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(png))
	if err != nil || config.Width != 600 {
		t.Errorf("an image of %d pixels, %v", config.Width, err)
	}
	f, _, err := l.Open(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if back, err := io.ReadAll(f); err != nil || !bytes.Equal(back, original.Bytes()) {
		t.Errorf("the original came back with %d of %d bytes, %v", len(back), original.Len(), err)
	}
}

// Whatever is made of a good file, it is read, or it fails alone with a reason.
func TestDamagedFilesFailAlone(t *testing.T) {
	t.Parallel()
	l := newLibrary(t, setup{pdf: realEngine(t)})
	l.start(t)
	var original bytes.Buffer
	if err := demo.Manuals()[0].Write(&original); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	half := original.Bytes()[:original.Len()/2]
	scrambled := bytes.Clone(original.Bytes())
	for range 2000 {
		scrambled[20+random.IntN(len(scrambled)-20)] = byte(random.Uint32())
	}
	files := map[string][]byte{
		"header only": []byte("%PDF-1.7\n"),
		"half":        half,
		"scrambled":   scrambled,
	}
	for name, content := range files {
		m, _, err := l.Intake(t.Context(), manual.Upload{FileName: name}, bytes.NewReader(content))
		if err != nil { // at the door
			if code := errdefs.Code(err); code == "" || code == "INTERNAL" {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		m = l.wait(t, m.ID)
		switch m.Status {
		case manual.Ready:
			if m.PagesDone != m.Pages {
				t.Errorf("%s: %+v", name, m)
			}
		case manual.Failed:
			if m.Error == nil || m.Error.Code == "" || m.Error.Code == "INTERNAL" || m.Error.Message == "" {
				t.Errorf("%s: %+v", name, m.Error)
			}
		}
		t.Logf("%s: %s %d/%d pages, %+v", name, m.Status, m.PagesDone, m.Pages, m.Error)
	}
	good, _, err := l.Intake(t.Context(), manual.Upload{}, &original)
	if err != nil {
		t.Fatal(err)
	}
	if good = l.wait(t, good.ID); good.Status != manual.Ready {
		t.Errorf("the good file after them: %+v", good.Error)
	}
}
