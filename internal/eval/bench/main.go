// Command bench measures the program on a folder of manuals: what an import
// costs beside PyMuPDF and pdftotext on the same files, and how long a question
// takes, new and cached.
//
// Readers take turns, round by round, so that whatever else the machine does
// meets all of them; the figures are medians of the rounds.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
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
	extractOnly := flag.String("extract", "", "only read the files given as arguments, with the compiled engine cached in this `folder`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	if *extractOnly != "" {
		err = extract(ctx, *extractOnly, flag.Args())
	} else {
		err = run(ctx, *program, *manuals, *rounds)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, manuals string, rounds int) (err error) {
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
	if err := b.readers(ctx, self, rounds); err != nil {
		return err
	}
	return b.latency(ctx)
}

type bench struct {
	program, scratch string
	files            []string
	cases            []eval.Case
	cache            string // of the library that was imported into last
}

// readers measures the readers in turns and prints what 100 pages cost.
func (b *bench) readers(ctx context.Context, self string, rounds int) error {
	script := filepath.Join(b.scratch, "pymupdf.py")
	if err := os.WriteFile(script, []byte(pymupdf), 0o600); err != nil {
		return err
	}
	pages, err := countPages(ctx, script, b.files)
	if err != nil {
		return err
	}
	type reader struct {
		name string
		run  func(round int) (usage, error)
	}
	command := func(name string, args ...string) func(int) (usage, error) {
		return func(int) (usage, error) { return measure(ctx, name, append(args, b.files...)...) }
	}
	readers := []reader{
		{"techcopilot import", func(round int) (usage, error) { return b.importAll(ctx, round) }},
		{"  of which reading", command(self, "-extract", filepath.Join(b.scratch, "engine"))},
		{"PyMuPDF words", command("/usr/bin/python3", script, "words")},
		{"PyMuPDF characters", command("/usr/bin/python3", script, "rawdict")},
		{"pdftotext", func(int) (usage, error) { return eachFile(ctx, b.files, "pdftotext", "-q") }},
	}
	got := make([][]usage, len(readers))
	// The first round fills caches: of the disk, and of the compiled PDF engine,
	// which a machine compiles once. It does not count.
	for round := range rounds + 1 {
		for i, r := range readers {
			u, err := r.run(round)
			if err != nil {
				return fmt.Errorf("%s: %w", r.name, err)
			}
			if round > 0 {
				got[i] = append(got[i], u)
			}
		}
	}
	fmt.Printf("%d files, %d pages, medians of %d rounds after one to warm up\n\n", len(b.files), pages, rounds)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "per 100 pages\tseconds\tCPU seconds\tpeak MB\t")
	per := 100 / float64(pages)
	for i, r := range readers {
		u := median(got[i])
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%d\t\n", r.name, u.wall.Seconds()*per, u.cpu.Seconds()*per, u.peak>>20)
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

// percentile returns the p-th percentile, 0 to 100, of unsorted times.
func percentile(times []time.Duration, p int) time.Duration {
	s := slices.Sorted(slices.Values(times))
	return s[min(len(s)-1, len(s)*p/100)]
}
