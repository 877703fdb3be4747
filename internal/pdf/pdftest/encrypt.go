package pdftest

import (
	"bytes"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// padding fills a password up to 32 bytes (PDF 32000-1, 7.6.3.3).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// fileID is the first part of the file's ID, which goes into the key.
const fileID = "pdftest-file-id-"

// EncryptedBytes returns the file encrypted as old PDFs are (RC4, 40 bits). It
// opens with the user's password, and without asking if that is "".
func (d *Document) EncryptedBytes(user, owner string) []byte {
	return Encrypt(user, owner, d.objects()...)
}

// Encrypt does what Assemble does, with the objects encrypted as old PDFs are
// (RC4, 40 bits). The objects must not have escapes other than of brackets and
// backslashes in their strings.
func Encrypt(user, owner string, objects ...string) []byte {
	pad := func(password string) []byte { return []byte((password + padding)[:32]) }
	ownerKey := md5.Sum(pad(owner))
	o := encrypted(ownerKey[:5], pad(user))
	permissions := int32(-4)
	seed := binary.LittleEndian.AppendUint32(append(pad(user), o...), uint32(permissions))
	sum := md5.Sum(append(seed, fileID...))
	key := sum[:5]

	objects = slices.Clone(objects)
	for i := range objects {
		objects[i] = encryptObject(key, i+1, objects[i])
	}
	objects = append(objects, fmt.Sprintf("<</Filter/Standard/V 1/R 2/P %d/O<%x>/U<%x>>>", permissions, o, encrypted(key, []byte(padding))))
	trailer := fmt.Sprintf("/Root 1 0 R/Encrypt %d 0 R/ID[<%x><%x>]", len(objects), fileID, fileID)
	return bytes.Replace(Assemble(objects...), []byte("/Root 1 0 R"), []byte(trailer), 1)
}

var literal = regexp.MustCompile(`\((?:\\.|[^\\)])*\)`)

func encryptObject(key []byte, number int, object string) string {
	own := append(bytes.Clone(key), byte(number), byte(number>>8), byte(number>>16), 0, 0) // of generation 0
	sum := md5.Sum(own)
	own = sum[:len(own)]

	dict, data, isStream := strings.Cut(object, "stream\n")
	dict = literal.ReplaceAllStringFunc(dict, func(s string) string {
		plain := strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`).Replace(s[1 : len(s)-1])
		return fmt.Sprintf("<%x>", encrypted(own, []byte(plain)))
	})
	if !isStream {
		return dict
	}
	data = strings.TrimSuffix(data, "\nendstream")
	return dict + "stream\n" + string(encrypted(own, []byte(data))) + "\nendstream"
}

func encrypted(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		panic(err) // the key's length is ours
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}
