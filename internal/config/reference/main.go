// Command reference writes the table of all settings into
// docs/reference/configuration.md and between the markers of README.md. With
// -check it writes nothing and fails when one of them is out of date.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/techcopilot/techcopilot/internal/config"
)

const (
	begin = "<!-- configuration: begin -->"
	end   = "<!-- configuration: end -->"
)

const page = `# Configuration

Generated from the code by ` + "`go generate ./internal/config`" + `; do not edit.

A flag wins over the environment, the environment over a ` + "`.env`" + ` file in the working folder. A variable that is set to
nothing counts as not set. Sizes are powers of 1024.

`

func main() {
	root := flag.String("root", ".", "root folder of the repository")
	check := flag.Bool("check", false, "write nothing; fail when a file is out of date")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	settings, err := config.Settings()
	if err != nil {
		return err
	}
	table := config.Table(settings)
	if err := put(filepath.Join(root, "docs", "reference", "configuration.md"), []byte(page+table), check); err != nil {
		return err
	}
	readme := filepath.Join(root, "README.md")
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	head, rest, ok := bytes.Cut(text, []byte(begin))
	_, tail, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return fmt.Errorf("%s has no lines %s and %s to write between", readme, begin, end)
	}
	return put(readme, fmt.Appendf(nil, "%s%s\n%s%s%s", head, begin, table, end, tail), check)
}

func put(path string, want []byte, check bool) error {
	have, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	switch {
	case bytes.Equal(have, want):
		return nil
	case check:
		return fmt.Errorf("%s is out of date: run go generate ./internal/config", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, want, 0o644)
}
