package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"time"
)

// answers are how long answers take over HTTP, in milliseconds.
type answers struct {
	Questions int     `json:"questions"`
	NewP50    float64 `json:"new_p50_ms"`
	NewP95    float64 `json:"new_p95_ms"`
	CachedP50 float64 `json:"cached_p50_ms"`
	CachedP95 float64 `json:"cached_p95_ms"`
}

// latency asks every question twice over HTTP: the first answer is written, the
// second comes out of the cache.
func (b *bench) latency(ctx context.Context) (answers, error) {
	a := answers{Questions: len(b.cases)}
	data := filepath.Join(b.scratch, "asked")
	for _, file := range b.files {
		args := []string{"import", "--json", "--data", data, "--tesseract", "none"}
		var models []string
		for _, c := range b.cases {
			if c.Manual == filepath.Base(file) && !slices.Contains(models, c.Model) {
				models = append(models, c.Model)
				args = append(args, "--manufacturer", c.Manufacturer, "--model", c.Model)
			}
		}
		if _, err := measure(ctx, b.program, append(args, file)...); err != nil {
			return a, err
		}
	}
	s, err := b.serve(ctx, data)
	if err != nil {
		return a, err
	}
	defer s.stop()
	var first, second []time.Duration
	for _, times := range []*[]time.Duration{&first, &second} {
		for _, c := range b.cases {
			body, err := json.Marshal(map[string]string{
				"manufacturer": c.Manufacturer, "model": c.Model, "code": c.ErrorCode, "symptom": c.Question,
			})
			if err != nil {
				return a, err
			}
			took, err := post(ctx, s.base+"/api/v1/troubleshoot", body)
			if err != nil {
				return a, fmt.Errorf("%s: %w", c.ID, err)
			}
			*times = append(*times, took)
		}
	}
	a.NewP50, a.NewP95 = milliseconds(percentile(first, 50)), milliseconds(percentile(first, 95))
	a.CachedP50, a.CachedP95 = milliseconds(percentile(second, 50)), milliseconds(percentile(second, 95))
	return a, nil
}

func (a answers) print() {
	fmt.Printf("\n%d questions over HTTP, milliseconds\n", a.Questions)
	fmt.Printf("  new     p50 %6.1f   p95 %6.1f\n", a.NewP50, a.NewP95)
	fmt.Printf("  cached  p50 %6.1f   p95 %6.1f\n", a.CachedP50, a.CachedP95)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func post(ctx context.Context, url string, body []byte) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	started := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", resp.Status, text)
	}
	return time.Since(started), nil
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the server says that it can be asked.
func ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server is not ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}
