package pdf

import (
	"context"
	"errors"
	"io"

	"github.com/klippa-app/go-pdfium/requests"
)

// Probe opens a file and reads nothing of its pages: it tells whether the file
// can be read at all. The password is tried if the file does not open without
// one; "" is none. Probe does not wait for background work.
//
// Codes of its errors: those of Extract, where PDF_ENCRYPTED asks for a password,
// and PDF_PASSWORD_WRONG.
func (e *Engine) Probe(ctx context.Context, path, password string) (Document, error) {
	var doc *Document
	err := e.whole(ctx, path, request{Op: opProbe, Password: password}, func(m *message) error {
		if m.Document != nil {
			doc = m.Document
		}
		return nil
	})
	if err != nil {
		return Document{}, err
	}
	if doc == nil {
		return Document{}, damaged(errors.New("the worker sent no document"))
	}
	return *doc, nil
}

// Decrypt writes the document without encryption, so that no password is needed
// for it any more; the pages stay as they are. The password is as for Probe, and
// so are the errors; an error of w is returned as it is. A file that is not
// encrypted is written anew all the same. Since a person waits for it, Decrypt
// does not wait for background work.
func (e *Engine) Decrypt(ctx context.Context, path, password string, w io.Writer) error {
	written := int64(0)
	return e.whole(ctx, path, request{Op: opDecrypt, Password: password}, func(m *message) error {
		if written += int64(len(m.data)); written > e.limits.FileSize {
			return tooLarge(written, e.limits.FileSize)
		}
		_, err := w.Write(m.data)
		return err
	})
}

// whole runs a worker for what is done with a whole file while somebody waits.
func (e *Engine) whole(ctx context.Context, path string, req request, handle func(*message) error) error {
	file, err := e.open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	release, err := acquire(ctx, e.interactive)
	if err != nil {
		return err
	}
	defer release()
	req.Limits = e.limits
	err = e.work(ctx, file, req, &budget{left: e.limits.FileTime}, handle)
	if broken, ok := errors.AsType[*brokenWorker](err); ok {
		return broken.documentError()
	}
	return err
}

// decrypt hands the document without its encryption to write, in order. The
// engine's own function is used by way of go-pdfium, which keeps the writers that
// the engine calls back to itself.
func (d *document) decrypt(write func([]byte) error) error {
	d.call("FPDF_CloseDocument", d.handle)
	info, err := d.file.Stat()
	if err != nil {
		return err
	}
	open := requests.OpenDocument{FileReader: &blockReader{file: d.file, size: info.Size()}, FileReaderSize: info.Size()}
	if d.password != "" {
		open.Password = &d.password
	}
	doc, err := d.inst.OpenDocument(&open)
	if err != nil {
		return &failure{Code: failDamaged, Detail: err.Error()}
	}
	out := &collector{write: write}
	_, err = d.inst.FPDF_SaveAsCopy(&requests.FPDF_SaveAsCopy{
		Flags: requests.SaveFlagRemoveSecurity, Document: doc.Document, FileWriter: out,
	})
	if err == nil {
		err = out.flush()
	}
	if err != nil {
		return &failure{Code: failDamaged, Detail: err.Error()}
	}
	return nil
}

// collector makes large pieces of the few bytes that the engine writes at once.
type collector struct {
	write func([]byte) error
	buf   []byte
}

func (c *collector) Write(p []byte) (int, error) {
	const piece = 256 << 10
	if c.buf = append(c.buf, p...); len(c.buf) < piece {
		return len(p), nil
	}
	return len(p), c.flush()
}

func (c *collector) flush() error {
	err := c.write(c.buf)
	c.buf = c.buf[:0]
	return err
}
