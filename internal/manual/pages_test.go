package manual_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// withImages returns a library with one ready manual of n pages, whose images
// are made by render.
func withImages(t *testing.T, o setup, n int, render func(context.Context, pdf.RenderOptions) ([]byte, error)) (*library, manual.Manual) {
	t.Helper()
	o.engine = &engine{render: render}
	l := newLibrary(t, o)
	l.start(t)
	return l, l.wait(t, l.add(t, manual.Upload{Title: "Oven"}, file(n, "x")).ID)
}

func TestPagesThatAreNotThere(t *testing.T) {
	t.Parallel()
	reached, goOn := make(chan bool, 1), make(chan bool)
	l := newLibrary(t, setup{engine: &engine{at: func(_ context.Context, page int) error {
		if page == 10 {
			reached <- true
			<-goOn
		}
		return nil
	}}})
	m := l.add(t, manual.Upload{Title: "Oven"}, file(12, "x"))
	check := func(id uuid.UUID, page int, code string) {
		t.Helper()
		_, _, perr := l.Page(t.Context(), id, page)
		if errdefs.Code(perr) != code {
			t.Errorf("page %d: %v, want %q", page, perr, code)
		}
	}
	check(m.ID, 1, "MANUAL_NOT_SCREENED")
	check(uuid.New(), 1, "MANUAL_NOT_FOUND")
	l.start(t)
	await(t, reached, "page 10")
	l.until(t, m.ID, "stored pages", func(m manual.Manual) bool { return m.PagesDone == 8 })
	check(m.ID, 0, "PAGE_NOT_FOUND")
	check(m.ID, 8, "")
	check(m.ID, 12, "PAGE_NOT_READY")
	check(m.ID, 13, "PAGE_NOT_FOUND")
	close(goOn)
	l.wait(t, m.ID)
	check(m.ID, 12, "")
	if _, _, err := l.Page(t.Context(), m.ID, 13); err == nil || !strings.Contains(err.Error(), "1 to 12") {
		t.Errorf("the error does not say how many pages there are: %v", err)
	}
	if _, _, err := l.PageImage(t.Context(), m.ID, 13, manual.ImageOptions{}); errdefs.Code(err) != "PAGE_NOT_FOUND" {
		t.Errorf("image of page 13: %v", err)
	}
}

func TestAnImageIsDrawnOnce(t *testing.T) {
	t.Parallel()
	var renders atomic.Int32
	drawing, release := make(chan bool, 10), make(chan bool)
	l, m := withImages(t, setup{}, 2, func(_ context.Context, o pdf.RenderOptions) ([]byte, error) {
		renders.Add(1)
		drawing <- true
		<-release
		return fmt.Appendf(nil, "page %d, %d pixels", o.Page, o.Width), nil
	})

	// All but the last caller give up or wait; none of them ends the drawing.
	impatient, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, _, err := l.PageImage(impatient, m.ID, 1, manual.ImageOptions{})
		gaveUp <- err
	}()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			png, etag, err := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{})
			if err != nil || string(png) != "page 1, 1200 pixels" || etag == "" {
				t.Errorf("%q, %s, %v", png, etag, err)
			}
		})
	}
	await(t, drawing, "the drawing")
	cancel()
	if err := await(t, gaveUp, "the impatient caller"); !errors.Is(err, context.Canceled) {
		t.Errorf("the impatient caller got %v", err)
	}
	close(release)
	wg.Wait()
	if n := renders.Load(); n != 1 {
		t.Errorf("drawn %d times", n)
	}
	// Another process with the same folder has it too.
	other := newLibrary(t, setup{pool: l.pool, dir: l.dir, engine: &engine{render: func(context.Context, pdf.RenderOptions) ([]byte, error) {
		return nil, errors.New("drawn again")
	}}})
	if png, _, err := other.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{}); err != nil || string(png) != "page 1, 1200 pixels" {
		t.Errorf("%q, %v", png, err)
	}
}

func TestAFailedImageIsNotKept(t *testing.T) {
	t.Parallel()
	fail := true
	l, m := withImages(t, setup{}, 1, func(context.Context, pdf.RenderOptions) ([]byte, error) {
		if fail {
			return nil, errdefs.New(errdefs.Timeout, "PDF_TIMEOUT", "It took too long.")
		}
		return []byte("png"), nil
	})
	if _, _, err := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{}); errdefs.Code(err) != "PDF_TIMEOUT" {
		t.Errorf("%v", err)
	}
	fail = false
	if png, _, err := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{}); err != nil || string(png) != "png" {
		t.Errorf("%q, %v", png, err)
	}
}

func TestTheETagNamesEverythingThatIsDrawn(t *testing.T) {
	t.Parallel()
	l, m := withImages(t, setup{}, 2, func(_ context.Context, o pdf.RenderOptions) ([]byte, error) {
		return fmt.Append(nil, o), nil
	})
	seen := map[string]string{}
	for _, o := range []struct {
		page int
		manual.ImageOptions
	}{
		{1, manual.ImageOptions{}},
		{2, manual.ImageOptions{}},
		{1, manual.ImageOptions{Width: 800}},
		{1, manual.ImageOptions{Highlights: []pdf.Box{{X1: 10, Y1: 10}}}},
		{1, manual.ImageOptions{Highlights: []pdf.Box{{X1: 20, Y1: 10}}}},
	} {
		png, etag, err := l.PageImage(t.Context(), m.ID, o.page, o.ImageOptions)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[etag]; ok {
			t.Errorf("%q and %q have one ETag", before, png)
		}
		seen[etag] = string(png)
		o.IfNoneMatch = etag
		if png, again, err := l.PageImage(t.Context(), m.ID, o.page, o.ImageOptions); err != nil || png != nil || again != etag {
			t.Errorf("with its ETag: %q, %s, %v", png, again, err)
		}
	}
	if _, same, _ := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{Width: manual.DefaultImageWidth}); seen[same] == "" {
		t.Error("the default width, given or not, is not the same image")
	}
}

func TestImageOptionsAreBounded(t *testing.T) {
	t.Parallel()
	l, m := withImages(t, setup{}, 1, nil)
	for _, o := range []manual.ImageOptions{
		{Width: 199},
		{Width: 3001},
		{Width: -1},
		{Highlights: make([]pdf.Box, 501)},
		{Highlights: []pdf.Box{{X0: math.NaN()}}},
		{Highlights: []pdf.Box{{Y1: math.Inf(1)}}},
	} {
		if _, _, err := l.PageImage(t.Context(), m.ID, 1, o); !errdefs.Is(err, errdefs.Invalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestImagesStayWithinTheirBudgetAndTheLatestShownStay(t *testing.T) {
	t.Parallel()
	const size, budget = 1000, 10_500
	var renders atomic.Int32
	l, m := withImages(t, setup{imageBudget: budget}, 40, func(_ context.Context, o pdf.RenderOptions) ([]byte, error) {
		renders.Add(1)
		return bytes.Repeat([]byte{byte(o.Page)}, size), nil
	})
	show := func(page int) {
		t.Helper()
		if png, _, err := l.PageImage(t.Context(), m.ID, page, manual.ImageOptions{}); err != nil || len(png) != size {
			t.Fatalf("page %d: %d bytes, %v", page, len(png), err)
		}
	}
	images := func() []string {
		files, err := filepath.Glob(filepath.Join(l.dir, "images", "*", "*.png"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	for n := 1; n <= 10; n++ {
		show(n)
		// Times of files are coarse: make it an hour since each.
		for _, f := range images() {
			info, err := os.Stat(f)
			if err != nil {
				t.Fatal(err)
			}
			earlier := info.ModTime().Add(-time.Hour)
			if err := os.Chtimes(f, earlier, earlier); err != nil {
				t.Fatal(err)
			}
		}
	}
	show(1) // the oldest, but asked for again
	for n := 11; n <= 40; n++ {
		show(n)
		if n := len(images()); n*size > budget {
			t.Fatalf("%d images take more than the budget", n)
		}
		if n == 11 {
			before := renders.Load()
			show(1)
			if renders.Load() != before {
				t.Error("an image that was just shown was removed")
			}
			show(2)
			if renders.Load() != before+1 {
				t.Error("the image that was not shown for longest is still there")
			}
		}
	}
	if n := len(images()); n < 5 {
		t.Errorf("only %d images are kept", n)
	}
}

func TestPagesAreShownThoughImagesCannotBeKept(t *testing.T) {
	t.Parallel()
	l, m := withImages(t, setup{}, 1, nil)
	if err := os.WriteFile(filepath.Join(l.dir, "images"), nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	if png, _, err := l.PageImage(t.Context(), m.ID, 1, manual.ImageOptions{}); err != nil || string(png) != "png" {
		t.Errorf("%q, %v", png, err)
	}
}
