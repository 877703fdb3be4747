package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// latency asks every question twice over HTTP and prints how long the answers
// take: the first is written, the second comes out of the cache.
func (b *bench) latency(ctx context.Context) error {
	data := filepath.Join(b.scratch, "asked")
	for _, file := range b.files {
		args := []string{"import", "--json", "--data", data}
		var models []string
		for _, c := range b.cases {
			if c.Manual == filepath.Base(file) && !slices.Contains(models, c.Model) {
				models = append(models, c.Model)
				args = append(args, "--manufacturer", c.Manufacturer, "--model", c.Model)
			}
		}
		if _, err := measure(ctx, b.program, append(args, file)...); err != nil {
			return err
		}
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	server := exec.CommandContext(ctx, b.program, "serve", "--data", data, "--port", strconv.Itoa(port), "--log-level", "error")
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) }
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		return err
	}
	defer func() {
		if err := server.Process.Signal(os.Interrupt); err == nil {
			_ = server.Wait() // the measure is done, whatever it says now
		}
	}()
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	if err := ready(ctx, base+"/health/ready"); err != nil {
		return err
	}
	var first, second []time.Duration
	for _, times := range []*[]time.Duration{&first, &second} {
		for _, c := range b.cases {
			body, err := json.Marshal(map[string]string{
				"manufacturer": c.Manufacturer, "model": c.Model, "code": c.ErrorCode, "symptom": c.Question,
			})
			if err != nil {
				return err
			}
			took, err := post(ctx, base+"/api/v1/troubleshoot", body)
			if err != nil {
				return fmt.Errorf("%s: %w", c.ID, err)
			}
			*times = append(*times, took)
		}
	}
	fmt.Printf("\n%d questions over HTTP, milliseconds\n", len(b.cases))
	for _, r := range []struct {
		name  string
		times []time.Duration
	}{{"new", first}, {"cached", second}} {
		fmt.Printf("  %-7s p50 %6.1f   p95 %6.1f\n", r.name, milliseconds(percentile(r.times, 50)), milliseconds(percentile(r.times, 95)))
	}
	return nil
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
