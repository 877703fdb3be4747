package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// server is the program at work on a library of its own.
type server struct {
	cmd  *exec.Cmd
	base string // of its URLs
}

// serve starts a server on a data folder. Whoever starts it stops it.
func (b *bench) serve(ctx context.Context, data string, args ...string) (*server, error) {
	return b.serveBy(ctx, b.program, data, args...)
}

// serveBy is serve of another build of the program.
func (b *bench) serveBy(ctx context.Context, program, data string, args ...string) (*server, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	args = append([]string{"serve", "--data", data, "--port", strconv.Itoa(port), "--log-level", "error"}, args...)
	s := &server{cmd: exec.CommandContext(ctx, program, args...), base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := ready(ctx, s.base+"/health/ready"); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) stop() {
	if err := s.cmd.Process.Signal(os.Interrupt); err == nil {
		_ = s.cmd.Wait() // the measure is done, whatever it says now
	}
}

// upload adds a file and returns the address of its manual.
func (s *server) upload(ctx context.Context, path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	f, err := w.CreateFormFile("file", filepath.Base(path))
	if err != nil {
		return "", err
	}
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/api/v1/manuals", &body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(resp.Body)
		return "", fmt.Errorf("upload %s: %s %s", filepath.Base(path), resp.Status, text)
	}
	return s.base + resp.Header.Get("Location"), nil
}

// state is what the bench asks of a manual.
type state struct {
	Status    string `json:"status"`
	Pages     int    `json:"pages"`
	PagesDone int    `json:"pages_done"`
	Error     *struct {
		Code string `json:"code"`
	} `json:"error"`
}

func (s *server) manual(ctx context.Context, address string) (m state, err error) {
	err = get(ctx, address, &m)
	if err == nil && m.Status == "failed" {
		err = fmt.Errorf("%s failed: %s", address, m.Error.Code)
	}
	return m, err
}

// read waits until a manual is ready.
func (s *server) read(ctx context.Context, address string, every time.Duration) (state, error) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		m, err := s.manual(ctx, address)
		if err != nil || m.Status == "ready" {
			return m, err
		}
		select {
		case <-ctx.Done():
			return m, ctx.Err()
		case <-tick.C:
		}
	}
}

func get(ctx context.Context, url string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

// textPages lists pages of the manuals that are text through and through, as
// lines for assemble.
func (b *bench) textPages(ctx context.Context) ([]string, error) {
	script, err := b.script()
	if err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "/usr/bin/python3", append([]string{script, "text"}, b.files...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("PyMuPDF: %w", err)
	}
	pages := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(pages) < 20 {
		return nil, errors.New("these manuals have too few pages of text")
	}
	return pages, nil
}

// assemble writes a manual of n of the pages, from number first on; where there
// are fewer it begins again.
func (b *bench) assemble(ctx context.Context, pages []string, first, n int, path string) error {
	script, err := b.script()
	if err != nil {
		return err
	}
	var list []string
	for i := range n {
		list = append(list, pages[(first+i)%len(pages)])
	}
	cmd := exec.CommandContext(ctx, "/usr/bin/python3", script, "assemble", path)
	cmd.Stdin = strings.NewReader(strings.Join(list, "\n") + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("PyMuPDF: %w: %s", err, out)
	}
	return nil
}

// vary writes a copy of a PDF whose content is another one and whose pages are
// the same.
func vary(path, to string, n int) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(to, fmt.Appendf(slices.Clip(data), "%%%% copy %d\n", n), 0o600)
}

// script writes the helper in Python and returns where it is.
func (b *bench) script() (string, error) {
	path := filepath.Join(b.scratch, "pymupdf.py")
	return path, os.WriteFile(path, []byte(pymupdf), 0o600)
}
