package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// PagePath names a page.
type PagePath struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"Id of the manual"`
	Page int       `path:"n" minimum:"1" maximum:"100000" doc:"PDF page number, 1 is the first" example:"12"`
}

// pageBody is the text of a page.
type pageBody struct {
	ManualID   uuid.UUID   `json:"manual_id" format:"uuid"`
	Page       int         `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel  string      `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	Width      float64     `json:"width" doc:"In points, as displayed"`
	Height     float64     `json:"height" doc:"In points, as displayed"`
	Text       string      `json:"text" doc:"The lines, separated by line feeds"`
	Words      []pdf.Word  `json:"words" doc:"In reading order"`
	Lines      []pdf.Line  `json:"lines" doc:"In reading order; every word is in exactly one"`
	Tables     []pdf.Table `json:"tables,omitempty"`
	Quality    string      `json:"quality" enum:"text,ocr,mixed,unreadable,blank" doc:"Where the text comes from"`
	Confidence float64     `json:"confidence,omitempty" doc:"Mean confidence of the words read by OCR, 0 to 100"`
	OCR        string      `json:"ocr,omitempty" enum:"waiting,queued,done,failed" doc:"Of the page's pictures of text; absent when there are none"`
	OCRError   string      `json:"ocr_error,omitempty" doc:"Why the OCR failed"`
	ImageShare float64     `json:"image_share,omitempty" doc:"Part of the page that pictures cover, 0 to 1"`
	Error      string      `json:"error,omitempty" doc:"Why the page could not be read"`
}

type pageOutput struct {
	Body pageBody
}

// pageSummary is how a page was read.
type pageSummary struct {
	Page       int       `json:"page" doc:"PDF page number, 1 is the first"`
	PageLabel  string    `json:"page_label,omitempty" doc:"Page number as printed; absent when not known for a fact"`
	Quality    string    `json:"quality" enum:"text,ocr,mixed,unreadable,blank" doc:"Where the text comes from"`
	Confidence float64   `json:"confidence,omitempty" doc:"Mean confidence of the words read by OCR, 0 to 100"`
	OCR        string    `json:"ocr,omitempty" enum:"waiting,queued,done,failed" doc:"Of the page's pictures of text; absent when there are none"`
	OCRError   string    `json:"ocr_error,omitempty" doc:"Why the OCR failed"`
	Error      string    `json:"error,omitempty" doc:"Why the page could not be read"`
	Links      pageLinks `json:"links"`
}

type pageLinks struct {
	Self  string `json:"self" doc:"The page's text"`
	Image string `json:"image" doc:"The page as a picture"`
}

type pagesInput struct {
	ManualPath
	Quality string `query:"quality" enum:"text,ocr,mixed,unreadable,blank" doc:"Only pages of this quality"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Most pages in one answer"`
	Cursor  int    `query:"cursor" minimum:"0" maximum:"100000" doc:"next_cursor of the previous answer"`
}

type pagesOutput struct {
	Body struct {
		Pages      []pageSummary `json:"pages" doc:"In the order of the file; pages that were not opened yet are missing"`
		NextCursor int           `json:"next_cursor,omitempty" doc:"Absent in the last part of the list"`
	}
}

type coverInput struct {
	ManualPath
	IfNoneMatch string `header:"If-None-Match"`
}

type imageInput struct {
	PagePath
	Width       int      `query:"width" default:"1200" minimum:"200" maximum:"3000" doc:"Width of the image in pixels"`
	Highlight   []string `query:"highlight,explode" maxItems:"200" doc:"A box to highlight, as x0,y0,x1,y1 in points; may be repeated" example:"[\"72,100,300,112\"]"`
	IfNoneMatch string   `header:"If-None-Match"`
}

type imageOutput struct {
	Status       int
	ContentType  string `header:"Content-Type"`
	ETag         string `header:"ETag"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (a *api) pageRoutes() {
	handle(a, route{
		id: "list-pages", method: http.MethodGet, path: "/api/v1/manuals/{id}/pages", tag: "manuals",
		summary: "How each page was read", detail: "The pages without their text. With next_cursor as cursor the list goes on.",
	}, a.listPages)
	handle(a, route{
		id: "retry-page", method: http.MethodPost, path: "/api/v1/manuals/{id}/pages/{n}/retry", tag: "manuals", status: http.StatusAccepted,
		summary: "Read a failed page again", detail: "Of a page that could be read nothing changes.",
	}, a.retryPage)
	cover := handle(a, route{
		id: "get-cover", method: http.MethodGet, path: "/api/v1/manuals/{id}/cover", tag: "manuals",
		summary: "Small picture of the first page", detail: "400 pixels wide, JPEG or PNG.",
	}, a.getCover)
	picture := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	cover.Responses["200"].Content = map[string]*huma.MediaType{"image/jpeg": picture, "image/png": picture}
	cover.Responses["304"] = &huma.Response{Description: "The picture that If-None-Match names is still right"}
	handle(a, route{
		id: "get-page", method: http.MethodGet, path: "/api/v1/manuals/{id}/pages/{n}", tag: "manuals",
		summary: "Text of a page", detail: "The words of a page with their boxes, its lines and tables.",
	}, a.getPage)
	image := handle(a, route{
		id: "get-page-image", method: http.MethodGet, path: "/api/v1/manuals/{id}/pages/{n}/image", tag: "manuals",
		summary: "Image of a page", detail: "The page as PNG, with the given boxes highlighted.",
	}, a.getPageImage)
	image.Responses["200"].Content = map[string]*huma.MediaType{"image/png": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
	image.Responses["304"] = &huma.Response{Description: "The image that If-None-Match names is still right"}
}

func (a *api) getPage(ctx context.Context, in *PagePath) (*pageOutput, error) {
	p, label, err := a.Manuals.Page(ctx, in.ID, in.Page)
	if err != nil {
		return nil, err
	}
	info, err := a.Manuals.PageInfo(ctx, in.ID, in.Page)
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(p.Lines))
	for i := range p.Lines {
		lines[i] = p.LineText(i)
	}
	return &pageOutput{pageBody{
		ManualID: in.ID, Page: p.Number, PageLabel: label, Width: p.Width, Height: p.Height,
		Text: strings.Join(lines, "\n"), Words: notNil(p.Words), Lines: notNil(p.Lines), Tables: p.Tables,
		Quality: string(info.Quality), Confidence: info.Confidence, OCR: info.OCR, OCRError: info.OCRError,
		ImageShare: p.ImageShare, Error: p.Error,
	}}, nil
}

func (a *api) listPages(ctx context.Context, in *pagesInput) (*pagesOutput, error) {
	pages, next, err := a.Manuals.Pages(ctx, in.ID, manual.PageFilter{Quality: manual.PageQuality(in.Quality), After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &pagesOutput{}
	out.Body.Pages, out.Body.NextCursor = make([]pageSummary, len(pages)), next
	for i, p := range pages {
		self := fmt.Sprintf("%s/pages/%d", manualURL(in.ID), p.Number)
		out.Body.Pages[i] = pageSummary{
			p.Number, p.Label, string(p.Quality), p.Confidence, p.OCR, p.OCRError, p.Error, pageLinks{self, self + "/image"},
		}
	}
	return out, nil
}

func (a *api) retryPage(ctx context.Context, in *PagePath) (*manualOutput, error) {
	m, err := a.Manuals.RetryPage(ctx, in.ID, in.Page)
	if err != nil {
		return nil, err
	}
	return newManualOutput(m), nil
}

func (a *api) getCover(ctx context.Context, in *coverInput) (*imageOutput, error) {
	data, mediaType, etag, err := a.Manuals.Cover(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &imageOutput{Status: http.StatusOK, ContentType: mediaType, ETag: quoteETag(etag), CacheControl: "private, no-cache", Body: data}
	if matchesETag(in.IfNoneMatch, out.ETag) {
		out.Status, out.Body, out.ContentType = http.StatusNotModified, nil, ""
	}
	return out, nil
}

func (a *api) getPageImage(ctx context.Context, in *imageInput) (*imageOutput, error) {
	boxes, err := parseBoxes(in.Highlight)
	if err != nil {
		return nil, err
	}
	png, etag, err := a.Manuals.PageImage(ctx, in.ID, in.Page, manual.ImageOptions{Width: in.Width, Highlights: boxes})
	if err != nil {
		return nil, err
	}
	// The image of a page never changes, but the manual can be deleted: ask.
	out := &imageOutput{Status: http.StatusOK, ContentType: "image/png", ETag: quoteETag(etag), CacheControl: "private, no-cache", Body: png}
	if matchesETag(in.IfNoneMatch, out.ETag) {
		out.Status, out.Body, out.ContentType = http.StatusNotModified, nil, ""
	}
	return out, nil
}

// parseBoxes reads boxes as x0,y0,x1,y1.
func parseBoxes(texts []string) ([]pdf.Box, error) {
	boxes := make([]pdf.Box, 0, len(texts))
	for _, t := range texts {
		parts := strings.Split(t, ",")
		var v [4]float64
		ok := len(parts) == 4
		for i := 0; ok && i < 4; i++ {
			var err error
			v[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
			ok = err == nil && v[i] >= -1e5 && v[i] <= 1e5
		}
		if !ok || v[0] >= v[2] || v[1] >= v[3] {
			return nil, errdefs.New(errdefs.Invalid, "INVALID_HIGHLIGHT",
				"A highlight is four numbers in points, x0,y0,x1,y1, with x0 < x1 and y0 < y1: copy the boxes of a citation.")
		}
		boxes = append(boxes, pdf.Box{X0: v[0], Y0: v[1], X1: v[2], Y1: v[3]})
	}
	return boxes, nil
}

// notNil makes an empty list an empty list in JSON.
func notNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// quoteETag puts a tag between quotes as HTTP wants it.
func quoteETag(tag string) string { return `"` + strings.Trim(tag, `"`) + `"` }

// matchesETag reports whether a header If-Match or If-None-Match names the tag.
func matchesETag(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == "*" || candidate == tag {
			return true
		}
	}
	return false
}
