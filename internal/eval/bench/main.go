// Command bench measures the program on a folder of manuals: what an import
// without OCR costs beside PyMuPDF and pdftotext on the same files, how long a
// question takes, new and cached, what an import of many manuals at once takes of
// the machine and adds to a cached answer, and how long searches of a library of
// 1,000 generated manuals take.
//
// Readers take turns, round by round, so that whatever else the machine does
// meets all of them; the figures are medians of the rounds.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/techcopilot/techcopilot/internal/demo"
	"github.com/techcopilot/techcopilot/internal/eval"
	"github.com/techcopilot/techcopilot/internal/pdf"
)

// pymupdf reads every page of the files it is given.
//
//go:embed pymupdf.py
var pymupdf string

func main() {
	if len(os.Args) > 1 && os.Args[1] == pdf.WorkerCommand {
		os.Exit(pdf.WorkerMain())
	}
	program := flag.String("program", "bin/techcopilot", "the program to measure")
	manuals := flag.String("manuals", "", "folder with manuals and their cases.jsonl; the demo manuals without it")
	rounds := flag.Int("rounds", 3, "rounds, of which the median is shown")
	scanPages := flag.Int("scan-pages", 100, "pages of the scanned manual")
	var library libraryOptions
	flag.IntVar(&library.manuals, "library-manuals", 1000, "generated manuals of the library that is searched")
	flag.StringVar(&library.data, "library-data", "", "`folder` that keeps the generated library for later measures")
	flag.StringVar(&library.against, "against", "", "another build of the `program`: their searches of the library take turns")
	only := flag.String("only", strings.Join(partNames, ","), "what to measure")
	asJSON := flag.Bool("json", false, "print JSON")
	extractOnly := flag.String("extract", "", "only read the files given as arguments, with the compiled engine cached in this `folder`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if *extractOnly != "" {
		err = extract(ctx, *extractOnly, flag.Args())
	} else {
		err = run(ctx, *program, *manuals, *rounds, *scanPages, library, strings.Split(*only, ","), *asJSON)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// partNames are the measures in the order in which they are taken.
var partNames = []string{"readers", "answers", "hundred", "scans", "load", "library"}

// report is what was measured.
type report struct {
	Readers *readers        `json:"readers,omitempty"`
	Answers *answers        `json:"answers,omitempty"`
	Hundred *hundred        `json:"hundred,omitempty"`
	Scans   *scans          `json:"scans,omitempty"`
	Load    *load           `json:"load,omitempty"`
	Library *libraryFigures `json:"library,omitempty"`
}

func run(ctx context.Context, program, manuals string, rounds, scanPages int, library libraryOptions, only []string, asJSON bool) (err error) {
	for _, name := range only {
		if !slices.Contains(partNames, name) {
			return fmt.Errorf("there is no measure %q, but %s", name, strings.Join(partNames, ", "))
		}
	}
	program, err = filepath.Abs(program)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "techcopilot-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	// The program's database may run as another user, who has to get through here.
	if err := os.Chmod(scratch, 0o711); err != nil {
		return err
	}
	lines := demo.Cases
	if manuals == "" {
		manuals = scratch
		err = demo.WriteAll(scratch)
	} else {
		lines, err = os.ReadFile(filepath.Join(manuals, "cases.jsonl"))
	}
	if err != nil {
		return err
	}
	cases, err := eval.ReadCases(bytes.NewReader(lines))
	if err != nil {
		return err
	}
	var files []string
	for _, c := range cases {
		if f := filepath.Join(manuals, c.Manual); !slices.Contains(files, f) {
			files = append(files, f)
		}
	}
	b := &bench{program: program, scratch: scratch, files: files, cases: cases}
	var r report
	for _, name := range partNames {
		if !slices.Contains(only, name) {
			continue
		}
		switch name {
		case "readers":
			r.Readers, err = part(b.readers(ctx, self, rounds))
		case "answers":
			r.Answers, err = part(b.latency(ctx))
		case "hundred":
			r.Hundred, err = part(b.hundredPages(ctx, rounds))
		case "scans":
			r.Scans, err = part(b.scannedPages(ctx, self, scanPages))
		case "load":
			r.Load, err = part(b.importLoad(ctx))
		case "library":
			r.Library, err = part(b.library(ctx, library, rounds))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return r.print(asJSON)
}

// part points to a result of the report.
func part[T any](v T, err error) (*T, error) { return &v, err }

func (r report) print(asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	if r.Readers != nil {
		if err := r.Readers.print(); err != nil {
			return err
		}
	}
	if r.Answers != nil {
		r.Answers.print()
	}
	if r.Hundred != nil {
		r.Hundred.print()
	}
	if r.Scans != nil {
		r.Scans.print()
	}
	if r.Load != nil {
		r.Load.print()
	}
	if r.Library != nil {
		r.Library.print()
	}
	return nil
}

type bench struct {
	program, scratch string
	files            []string
	cases            []eval.Case
	cache            string // of the library that was imported into last
}

// readers are programs that read the same files, and what 100 pages cost each.
type readers struct {
	Files  int          `json:"files"`
	Pages  int          `json:"pages"`
	Rounds int          `json:"rounds"`
	Per100 []readerCost `json:"per_100_pages"`
}

type readerCost struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"`
	PeakMB  int64   `json:"peak_mb"`
}

// readers measures the readers in turns.
func (b *bench) readers(ctx context.Context, self string, rounds int) (readers, error) {
	out := readers{Files: len(b.files), Rounds: rounds}
	script, err := b.script()
	if err != nil {
		return out, err
	}
	if out.Pages, err = countPages(ctx, script, b.files); err != nil {
		return out, err
	}
	type reader struct {
		name string
		run  func(round int) (usage, error)
	}
	command := func(name string, args ...string) func(int) (usage, error) {
		return func(int) (usage, error) { return measure(ctx, name, append(args, b.files...)...) }
	}
	all := []reader{
		{"techcopilot import", func(round int) (usage, error) { return b.importAll(ctx, round) }},
		{"  of which reading", command(self, "-extract", filepath.Join(b.scratch, "engine"))},
		{"PyMuPDF words", command("/usr/bin/python3", script, "words")},
		{"PyMuPDF characters", command("/usr/bin/python3", script, "rawdict")},
		{"pdftotext", func(int) (usage, error) { return eachFile(ctx, b.files, "pdftotext", "-q") }},
	}
	got := make([][]usage, len(all))
	// The first round fills caches: of the disk, and of the compiled PDF engine,
	// which a machine compiles once. It does not count.
	for round := range rounds + 1 {
		for i, r := range all {
			u, err := r.run(round)
			if err != nil {
				return out, fmt.Errorf("%s: %w", r.name, err)
			}
			if round > 0 {
				got[i] = append(got[i], u)
			}
		}
	}
	per := 100 / float64(out.Pages)
	for i, r := range all {
		u := median(got[i])
		out.Per100 = append(out.Per100, readerCost{strings.TrimSpace(r.name), u.wall.Seconds() * per, u.cpu.Seconds() * per, u.peak >> 20})
	}
	return out, nil
}

func (r readers) print() error {
	fmt.Printf("%d files, %d pages, medians of %d rounds after one to warm up\n\n", r.Files, r.Pages, r.Rounds)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "per 100 pages\tseconds\tCPU seconds\tpeak MB\t")
	for _, c := range r.Per100 {
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%d\t\n", c.Name, c.Seconds, c.CPU, c.PeakMB)
	}
	return t.Flush()
}

// median takes the median of each figure by itself.
func median(all []usage) usage {
	pick := func(less func(a, b usage) int) usage {
		s := slices.SortedFunc(slices.Values(all), less)
		return s[len(s)/2]
	}
	return usage{
		wall: pick(func(a, b usage) int { return int(a.wall - b.wall) }).wall,
		cpu:  pick(func(a, b usage) int { return int(a.cpu - b.cpu) }).cpu,
		peak: pick(func(a, b usage) int { return int(a.peak - b.peak) }).peak,
	}
}

// extract reads the files with our engine, in sandboxed children of this
// process, and throws the pages away.
func extract(ctx context.Context, cache string, files []string) error {
	engine, err := pdf.NewEngine(pdf.Config{CacheDir: cache})
	if err != nil {
		return err
	}
	for _, f := range files {
		err := engine.Extract(ctx, f, pdf.ExtractOptions{}, pdf.Visitor{
			Document: func(pdf.Document) error { return nil },
			Page:     func(pdf.Page) error { return nil },
		})
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}

// middle is the median.
func middle(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

// percentile returns the p-th percentile, 0 to 100, of unsorted times.
func percentile(times []time.Duration, p int) time.Duration {
	s := slices.Sorted(slices.Values(times))
	return s[min(len(s)-1, len(s)*p/100)]
}
