package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/manual"
)

const (
	maxPassword  = 512 // bytes; PDF looks at the first 127
	passwordAsks = 3   // times for one file
)

// passwords opens PDFs that need one: with the password that was given for all of
// them, or by asking for that of each in a terminal. No password is ever an
// argument, which every user of the machine could read.
type passwords struct {
	given manual.Password
	// ask returns the password of a file, "" to leave the file out; nil when there is
	// nobody to ask. One question is asked at a time.
	ask func(file string) (manual.Password, error)
	mu  sync.Mutex
}

// readPassword reads the password of --password-stdin: the first line.
func readPassword(r io.Reader) (manual.Password, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxPassword+2)).ReadString('\n')
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return "", err
	case line == "":
		return "", errdefs.New(errdefs.Invalid, "PASSWORD_MISSING", "There is no password on the standard input. Write it there as one line.")
	case len(line) > maxPassword:
		return "", errdefs.New(errdefs.Invalid, "PASSWORD_TOO_LONG", "The password has more than %d bytes.", maxPassword)
	}
	return manual.Password(line), nil
}

// askInTerminal returns what asks for passwords, nil when input or output is no
// terminal. hold keeps others from writing to the terminal meanwhile.
func askInTerminal(e *env, hold func(func())) func(string) (manual.Password, error) {
	fd := int(os.Stdin.Fd())
	if !e.terminal || !isTerminal(e.stderr) || !term.IsTerminal(fd) {
		return nil
	}
	return func(file string) (password manual.Password, err error) {
		hold(func() {
			fmt.Fprintf(e.stderr, "%s needs a password (nothing leaves it out): ", oneLine(file))
			var line []byte
			line, err = term.ReadPassword(fd)
			fmt.Fprintln(e.stderr)
			password = manual.Password(line)
			clear(line)
		})
		return password, err
	}
}

// accept takes the file in, with a password if it needs one.
func (p *passwords) accept(ctx context.Context, in *manual.Incoming, u manual.Upload, file string) (manual.Accepted, error) {
	u.Password = p.given
	a, err := in.Accept(ctx, u)
	if p.ask == nil || !needsPassword(err) {
		return a, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for range passwordAsks {
		asked, aerr := p.ask(file)
		if aerr != nil || asked == "" {
			return a, err
		}
		u.Password = asked
		if a, err = in.Accept(ctx, u); !needsPassword(err) {
			break
		}
	}
	return a, err
}

func needsPassword(err error) bool {
	code := errdefs.Code(err)
	return code == "PDF_ENCRYPTED" || code == "PDF_PASSWORD_WRONG"
}
