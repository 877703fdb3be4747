package secret_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/secret"
)

const row = "webhook:1"

func box(t *testing.T, given, path string) *secret.Box {
	t.Helper()
	b, err := secret.New(given, path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newKey() string {
	k := make([]byte, 32)
	rand.Read(k)
	return base64.StdEncoding.EncodeToString(k)
}

func seal(t *testing.T, b *secret.Box, text string) []byte {
	t.Helper()
	sealed, err := b.Seal([]byte(text), row)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func wantOpen(t *testing.T, b *secret.Box, sealed []byte, want string) {
	t.Helper()
	if text, err := b.Open(sealed, row); err != nil || string(text) != want {
		t.Errorf("opened %q, %v; want %q", text, err, want)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if errdefs.Code(err) != code {
		t.Errorf("error %v, want %s", err, code)
	}
}

func TestSealedTextOpensOnlyWhereItBelongs(t *testing.T) {
	b := box(t, newKey(), filepath.Join(t.TempDir(), "secrets.key"))
	sealed := seal(t, b, "whsec_hunter2")
	wantOpen(t, b, sealed, "whsec_hunter2")
	if bytes.Contains(sealed, []byte("hunter2")) || bytes.Equal(sealed, seal(t, b, "whsec_hunter2")) {
		t.Error("the sealed text shows the text, or that two are equal")
	}
	_, err := b.Open(sealed, "webhook:2")
	wantCode(t, err, "SECRET_DAMAGED")
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 1
		if _, err := b.Open(broken, row); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
	}
	for n := range sealed {
		if _, err := b.Open(sealed[:n], row); err == nil {
			t.Errorf("opened with %d of %d bytes", n, len(sealed))
		}
	}
}

func TestKeyIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "secrets.key")
	box(t, newKey(), path) // a given key needs no file
	if _, err := box(t, "", path).Open(append([]byte{1}, make([]byte, 60)...), row); err == nil {
		t.Error("opened without a key")
	} else {
		wantCode(t, err, "SECRETS_KEY_MISSING")
	}
	if found, _ := os.ReadDir(dir); len(found) != 0 {
		t.Fatalf("the folder holds %v before a key was needed", found)
	}

	// Many at once, as processes that start together.
	var wg sync.WaitGroup
	sealed := make([][]byte, 20)
	for i := range sealed {
		wg.Go(func() {
			b, err := secret.New("", path)
			if err == nil {
				sealed[i], err = b.Seal([]byte("text"), row)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range sealed {
		wantOpen(t, box(t, "", path), s, "text")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if found, _ := os.ReadDir(dir); len(found) != 1 {
		t.Errorf("the folder holds %v", found)
	}
}

func TestKeyIsReplacedWhileTheOldOneStillOpens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	oldKey, fresh := newKey(), newKey()
	old := seal(t, box(t, oldKey, path), "old")
	both := box(t, fresh+","+oldKey, path)
	wantOpen(t, both, old, "old")
	wantOpen(t, box(t, fresh, path), seal(t, both, "new"), "new")
	_, err := box(t, fresh, path).Open(old, row)
	wantCode(t, err, "SECRETS_KEY_WRONG")

	// From the file to a given key.
	file := seal(t, box(t, "", path), "file")
	wantOpen(t, box(t, fresh, path), file, "file")
	// A key that is added to the file is noticed by those that run.
	running := box(t, "", path)
	wantOpen(t, running, file, "file")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(data, oldKey...), 0o600); err != nil {
		t.Fatal(err)
	}
	wantOpen(t, running, old, "old")
}

func TestWhatIsNoKeyIsRefusedAndKept(t *testing.T) {
	for _, given := range []string{"hunter2", "aHVudGVyMg==", newKey() + ",x"} {
		_, err := secret.New(given, "")
		wantCode(t, err, "CONFIGURATION")
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	path := filepath.Join(t.TempDir(), "secrets.key")
	for _, content := range []string{"", "half a k"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := box(t, "", path).Seal([]byte("text"), row)
		wantCode(t, err, "SECRETS_KEY_UNREADABLE")
		if data, _ := os.ReadFile(path); string(data) != content {
			t.Errorf("the file was overwritten with %q", data)
		}
	}
	_, err := box(t, "", filepath.Join(t.TempDir(), "none", "secrets.key")).Seal([]byte("text"), row)
	wantCode(t, err, "SECRETS_KEY_UNREADABLE")
}
