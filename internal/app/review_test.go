package app_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/techcopilot/techcopilot/internal/app"
	"github.com/techcopilot/techcopilot/internal/config"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// covered is a manual with a cover.
func covered(maker, model string) []byte {
	cover, inside := pdftest.NewPage(), pdftest.NewPage()
	cover.Text(72, 100, 30, pdftest.Bold, maker)
	cover.Text(72, 200, 30, pdftest.Bold, model)
	cover.Text(72, 300, 24, pdftest.Bold, "Service Manual")
	for i, line := range []string{"Disconnect the power before you open the oven.", "Error E5: the pump has failed.", maker + " Ovens Inc., Springfield"} {
		inside.Text(72, float64(100+20*i), 10, pdftest.Regular, line)
	}
	return (&pdftest.Document{Pages: []*pdftest.Page{cover, inside}}).Bytes()
}

func TestAWatchedFolderLeadsToProposalsThatAreReviewed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	save := func(maker, model string) {
		t.Helper()
		path := filepath.Join(dir, maker, model)
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "scan.pdf"), covered(maker, model), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save("Cindervale", "RX-280")
	save("Tarnholm", "TI-350")
	if err := os.WriteFile(filepath.Join(dir, "letter.pdf"), []byte("Dear Sir %%EOF"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := serve(t, open(t, func(_ *config.Library, o *app.Options) { o.Node.WatchDir = []string{dir} }))
	var list map[string]any
	eventually(t, "two proposals are open", func() bool {
		list = c.get("/api/v1/proposals?sure=true").want(t, http.StatusOK).json(t)
		return len(list["proposals"].([]any)) == 2
	})
	if list["open"] != 2.0 || list["sure"] != 2.0 {
		t.Errorf("%v open, %v sure", list["open"], list["sure"])
	}
	eventually(t, "the letter is told", func() bool {
		folders := c.get("/api/v1/watch").want(t, http.StatusOK).json(t)["folders"].([]any)
		f := folders[0].(map[string]any)
		failed := f["failed_files"].([]any)
		return len(folders) == 1 && f["imported"] == 2.0 && len(failed) == 1 &&
			failed[0].(map[string]any)["error"].(map[string]any)["code"] == "NOT_A_PDF"
	})

	// One is corrected by hand; what was looked at must be what is decided.
	first := list["proposals"].([]any)[0].(map[string]any)
	where := "/api/v1/manuals/" + first["manual"].(map[string]any)["id"].(string) + "/proposal"
	shown := c.get(where).want(t, http.StatusOK)
	c.do(http.MethodPost, where+"/accept", nil, "If-Match", `"other"`).wantProblem(t, http.StatusPreconditionFailed, "CHANGED_MEANWHILE")
	c.post(where+"/accept", `{"type":"novel"}`).want(t, http.StatusUnprocessableEntity)
	body, err := json.Marshal(map[string]any{"models": []string{"Mine 1"}, "title": "By hand"})
	if err != nil {
		t.Fatal(err)
	}
	accepted := c.do(http.MethodPost, where+"/accept", bytes.NewReader(body), "If-Match", shown.Header.Get("ETag"), "Content-Type", "application/json").
		want(t, http.StatusOK).json(t)
	m := accepted["manual"].(map[string]any)
	if accepted["state"] != "accepted" || m["title"] != "By hand" || m["type"] != "service" || m["models"].([]any)[0].(map[string]any)["name"] != "Mine 1" {
		t.Errorf("%v", accepted)
	}
	c.post(where+"/dismiss", "").wantProblem(t, http.StatusConflict, "PROPOSAL_DECIDED")

	// All others at once.
	if n := c.post("/api/v1/proposals/accept-sure", "").want(t, http.StatusOK).json(t); n["accepted"] != 1.0 || n["open"] != 0.0 {
		t.Errorf("%v", n)
	}
	if n := c.post("/api/v1/proposals/accept-sure", "").want(t, http.StatusOK).json(t); n["accepted"] != 0.0 {
		t.Errorf("again: %v", n)
	}
	models := c.get("/api/v1/models").want(t, http.StatusOK).json(t)["models"].([]any)
	if len(models) != 2 {
		t.Errorf("models %v", models)
	}
	for _, name := range []string{"Cindervale/RX-280/scan.pdf", "letter.pdf"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("the user's file: %v", err)
		}
	}
}
