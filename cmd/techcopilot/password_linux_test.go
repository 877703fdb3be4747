package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/techcopilot/techcopilot/internal/postgres/pgtest"
)

// terminal returns both ends of a new terminal: what a person has before them,
// and what a program gets.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		t.Skip("needs a terminal, of which this container has none:", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

func TestImportAsksForThePasswordInATerminal(t *testing.T) {
	t.Parallel()
	l, dir := newLibrary(t), t.TempDir()
	l.url = pgtest.URL(t)
	path := write(t, dir, "locked.pdf", saying("Error E5: the pump has failed.").EncryptedBytes("open sesame", "owner"))
	person, program := terminal(t)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := l.command(ctx, "import", path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()

	shown, answers := make(chan []byte), []string{"close sesame\n", "open sesame\n"}
	go func() {
		defer close(shown)
		for {
			buf := make([]byte, 4096)
			n, err := person.Read(buf) // fails when the program has ended
			shown <- buf[:n]
			if err != nil {
				return
			}
		}
	}()
	var all bytes.Buffer
	asked := 0
	for data := range shown {
		all.Write(data)
		if n := strings.Count(all.String(), "leaves it out): "); n > asked && asked < len(answers) {
			select { // a person takes a while, and is to see the question
			case more := <-shown:
				t.Fatalf("the question is drawn over: %q", more)
			case <-time.After(5 * redraw):
			}
			if _, err := person.WriteString(answers[asked]); err != nil {
				t.Fatal(err)
			}
			asked = n
		}
	}
	if err := cmd.Wait(); err != nil || !strings.Contains(all.String(), "1 imported") || asked != 2 {
		t.Errorf("%v, asked %d times:\n%s", err, asked, all.String())
	}
	if strings.Contains(all.String(), "sesame") {
		t.Errorf("the password is shown:\n%s", all.String())
	}
}
