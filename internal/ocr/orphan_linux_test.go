package ocr_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestTesseractDiesWithTheProgramThatIsKilled(t *testing.T) {
	t.Parallel()
	alive := filepath.Join(t.TempDir(), "alive")
	if err := unix.Mkfifo(alive, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	helper := exec.CommandContext(t.Context(), self)
	// The pipe is open for writing as long as tesseract runs.
	helper.Env = append(os.Environ(), "OCR_TEST_READ="+program(t, `exec 9>`+alive+`; echo began >&9; exec sleep 600`))
	if err := helper.Start(); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.Open(alive)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	buf := make([]byte, 16)
	if n, err := pipe.Read(buf); err != nil || string(buf[:n]) != "began\n" {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	if err := helper.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = helper.Wait() // it was killed
	ended := make(chan error, 1)
	go func() {
		_, err := pipe.Read(buf)
		ended <- err
	}()
	select {
	case <-ended:
	case <-time.After(2 * time.Minute):
		t.Fatal("tesseract goes on")
	}
}
