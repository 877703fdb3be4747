// Package secret encrypts what the database must not know: whoever gets hold of
// a copy of the database, such as a backup, has the texts without the key.
//
// The key is given (SECRETS_KEY) or made once in a file beside the database. It
// promises that a key is never overwritten and that a text opens only under the
// row it was sealed for. Several keys may be known, so that one can be replaced:
// the first seals, all open.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

const (
	keySize = 32 // AES-256
	idSize  = 8
	// version is the first byte of all that is sealed: this format, AES-256-GCM
	// with a random nonce.
	version = 1
	// maxFile bounds what is read of a key file: a key is a line.
	maxFile = 64 << 10
)

// Box seals and opens. It may be used concurrently, also by several processes
// with the same file.
type Box struct {
	path string

	mu    sync.Mutex
	given []key // of SECRETS_KEY
	file  []key // of the file; nil as long as it was not read
}

type key struct {
	id   [idSize]byte
	aead cipher.AEAD
}

// New returns a Box with the keys of given: 32 bytes in base64, several
// separated by commas, or "". When none is given, the first Seal makes one in the
// file at path; what that file holds opens in any case. Nothing is read or
// written before it is needed.
func New(given, path string) (*Box, error) {
	keys, err := parse(given)
	if err != nil {
		return nil, errdefs.New(errdefs.Invalid, "CONFIGURATION",
			"SECRETS_KEY is not a key: give 32 bytes in base64, as openssl rand -base64 32 prints them, several separated by commas.")
	}
	return &Box{path: path, given: keys}, nil
}

// Seal encrypts text. It opens again only with the same binding, which names
// the row it is for, so that one cannot be put in another's place.
func (b *Box) Seal(text []byte, binding string) ([]byte, error) {
	k, err := b.sealing()
	if err != nil {
		return nil, err
	}
	header := append([]byte{version}, k.id[:]...)
	return k.aead.Seal(header, nil, text, additional(header, binding)), nil //nolint:gosec // G407: this AEAD makes its nonce itself
}

// Open decrypts what Seal has made of a text.
func (b *Box) Open(sealed []byte, binding string) ([]byte, error) {
	if len(sealed) < 1+idSize || sealed[0] != version {
		return nil, damaged(nil)
	}
	header := sealed[:1+idSize]
	k, err := b.find([idSize]byte(header[1:]))
	if err != nil {
		return nil, err
	}
	text, err := k.aead.Open(nil, nil, sealed[len(header):], additional(header, binding))
	if err != nil {
		return nil, damaged(err)
	}
	return text, nil
}

func additional(header []byte, binding string) []byte {
	return append(append([]byte{}, header...), binding...)
}

func damaged(err error) error {
	return errdefs.Wrap(err, errdefs.Internal, "SECRET_DAMAGED", "A stored secret is damaged, or was moved from another place. Set it anew.")
}

// sealing returns the key that seals, and makes it when there is none.
func (b *Box) sealing() (key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.given) > 0 {
		return b.given[0], nil
	}
	if b.file == nil {
		err := b.read()
		if errors.Is(err, fs.ErrNotExist) {
			if err = b.create(); err == nil {
				err = b.read()
			}
		}
		if err != nil {
			return key{}, b.explain(err)
		}
	}
	return b.file[0], nil
}

// find returns the key with the id.
func (b *Box) find(id [idSize]byte) (key, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k, ok := pick(id, b.given, b.file); ok {
		return k, nil
	}
	// Another process may have made it, or an administrator added it, meanwhile.
	err := b.read()
	if k, ok := pick(id, b.file); ok {
		return k, nil
	}
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return key{}, b.explain(err)
	case len(b.given) == 0 && err != nil:
		return key{}, errdefs.Wrap(err, errdefs.Unavailable, "SECRETS_KEY_MISSING",
			"A stored secret cannot be read: its key is not on this node. Set SECRETS_KEY on all nodes to the key of the node that stored it (the file %s in its data folder), or share the data folder, or set the secret anew.", filepath.Base(b.path))
	}
	return key{}, errdefs.New(errdefs.Unavailable, "SECRETS_KEY_WRONG",
		"A stored secret was encrypted under another key than this node has. Set SECRETS_KEY to that key (add it behind a comma to keep both), or set the secret anew.")
}

func pick(id [idSize]byte, lists ...[]key) (key, bool) {
	for _, keys := range lists {
		for _, k := range keys {
			if k.id == id {
				return k, true
			}
		}
	}
	return key{}, false
}

var errNoKey = errors.New("secret: no key, or not one of 32 bytes in base64")

// read reads the keys of the file.
func (b *Box) read() error {
	info, err := os.Stat(b.path)
	if err != nil {
		return err
	}
	if info.Size() > maxFile {
		return errNoKey
	}
	data, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	keys, err := parse(string(data))
	if err == nil && len(keys) == 0 {
		err = errNoKey
	}
	if err == nil {
		b.file = keys
	}
	return err
}

// create makes the file with a new key unless it is there. The file appears
// complete and on the disk, or not at all: a link takes no name that is taken.
func (b *Box) create() (err error) {
	secret := make([]byte, keySize)
	if _, err := rand.Read(secret); err != nil {
		return err
	}
	dir := filepath.Dir(b.path)
	f, err := os.CreateTemp(dir, ".secrets-*") // for its owner only
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(secret) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), b.path); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil // another process was first
		}
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (b *Box) explain(err error) error {
	if errors.Is(err, errNoKey) {
		return errdefs.Wrap(err, errdefs.Unavailable, "SECRETS_KEY_UNREADABLE",
			"The file %s does not hold a key. Restore it from a backup, or set SECRETS_KEY; secrets that were stored under the lost key have to be set anew.", b.path)
	}
	if e := errdefs.As(err); e.Kind == errdefs.StorageFull {
		return e
	}
	return errdefs.Wrap(err, errdefs.Unavailable, "SECRETS_KEY_UNREADABLE",
		"The key for secrets cannot be read or made in %s. Check the owner and the mode of the folder and the file, or set SECRETS_KEY.", b.path)
}

// parse reads keys that are separated by commas or white space.
func parse(text string) ([]key, error) {
	var keys []key
	for _, s := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }) {
		data, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			if data, err = base64.RawURLEncoding.DecodeString(s); err != nil {
				return nil, errNoKey
			}
		}
		if len(data) != keySize {
			return nil, errNoKey
		}
		block, err := aes.NewCipher(data)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		// The id says nothing about the key.
		sum := sha256.Sum256(append([]byte("techcopilot key id\x00"), data...))
		keys = append(keys, key{id: [idSize]byte(sum[:]), aead: aead})
	}
	return keys, nil
}
