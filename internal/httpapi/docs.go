package httpapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/swaggest/swgui/v5/static"
)

const landing = `Tech Copilot

A technician's question about a machine, answered out of its manuals, with the page.

  /docs          the API, to read and try
  /openapi.json  the API, for programs
  /health/ready  whether the server can work
`

const docsPage = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tech Copilot API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const docsScript = `window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  presets: [SwaggerUIBundle.presets.apis],
});
`

// docsPolicy lets the pages load what this server serves and nothing else.
// Swagger UI sets style attributes, hence unsafe-inline for styles only.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// pages registers what is not part of the documented API.
func (a *api) pages(mux *http.ServeMux) {
	spec, err := a.spec()
	if err != nil {
		panic(err) // the document is made of our own types; a test builds it
	}
	mux.HandleFunc("GET /{$}", text("text/plain; charset=utf-8", landing))
	mux.HandleFunc("GET /openapi.json", text("application/json", string(spec)))
	mux.HandleFunc("GET /docs", docsText("text/html; charset=utf-8", docsPage))
	mux.HandleFunc("GET /docs/start.js", docsText("text/javascript; charset=utf-8", docsScript))
	mux.HandleFunc("GET /docs/{asset}", docsAsset)
	healthRoutes(mux, a.Health, a.Metrics, a.Log)
}

// spec renders the OpenAPI document.
func (a *api) spec() ([]byte, error) {
	compact, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func text(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = io.WriteString(w, body)
	}
}

func docsText(contentType, body string) http.HandlerFunc {
	send := text(contentType, body)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		send(w, r)
	}
}

// docsAsset serves Swagger UI, most of which is embedded compressed.
func docsAsset(w http.ResponseWriter, r *http.Request) {
	name := path.Base(r.PathValue("asset"))
	data, err := fs.ReadFile(static.FS, name)
	if err != nil {
		if data, err = fs.ReadFile(static.FS, name+".gz"); err != nil {
			newProblem(http.StatusNotFound, "ROUTE_NOT_FOUND", "There is nothing at this address. See /docs for what there is.").write(w)
			return
		}
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
		} else {
			data = unzip(data)
		}
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
}

func unzip(compressed []byte) []byte {
	zr, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(err) // embedded at build time
	}
	data, err := io.ReadAll(zr)
	if err != nil {
		panic(err) // the same
	}
	return data
}
