package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxStructured is the largest file, in bytes, that pdfcpu reads: it holds all
// of it in memory.
const maxStructured = 256 << 20

// screen looks for active content. The PDF engine is not needed for it.
func (w *worker) screen() error {
	if err := sandbox(); err != nil {
		return &failure{Code: failEngine, Detail: err.Error()}
	}
	// pdfcpu prints to standard output here and there.
	os.Stdout = os.Stderr
	debug.SetMemoryLimit(min(w.req.Limits.Memory, math.MaxInt64-memoryMargin) + memoryMargin/2)
	if err := w.send(message{Ready: true}); err != nil {
		return err
	}
	file := document3()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 || info.Size() > math.MaxInt {
		return &failure{Code: failDamaged}
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return &failure{Code: failEngine, Detail: err.Error()}
	}
	s := &screening{
		report: func(f Finding) error { return w.send(message{Finding: &f}) },
		seen:   map[Finding]bool{}, embedded: map[int]bool{}, forms: map[int]bool{},
	}
	raw := newScanner(s, data)
	raw.scan()
	if raw.work <= 0 || raw.inflate <= 0 {
		return s.err // pdfcpu would only meet the same
	}
	if err := raw.structure(); err != nil && raw.opaque > 0 {
		s.found(FindingUnscreenable, 0, "%d parts of the file cannot be read: %v", raw.opaque, err)
	}
	return s.err
}

// structure looks at every object that the file's own structure leads to. Its
// error is pdfcpu's.
func (s *scanner) structure() (err error) {
	if len(s.data) > maxStructured {
		return errors.New("too large")
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pdfcpu: %v", r)
		}
	}()
	api.DisableConfigDir() // it would be created
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Offline = true
	conf.Limits.MaxDecodeBytes = maxObjectStream
	conf.Limits.MaxStreamBytes = maxStructured
	conf.Limits.MaxObjectCount = 2_000_000
	conf.Limits.MaxXRefEntries = 2_000_000
	conf.Limits.MaxObjectStreamCount = 200_000
	doc, err := api.ReadContext(bytes.NewReader(s.data), conf)
	if err != nil {
		return err
	}
	// What is wrong with one object must not hide the others, but is remembered: it
	// may be what the scanner could not read either.
	var unread error
	objects := map[int]types.Object{}
	for number, e := range doc.Table {
		if e == nil || e.Free || s.err != nil {
			continue
		}
		o := e.Object
		if lazy, ok := o.(types.LazyObjectStreamObject); ok {
			if o, err = lazy.DecodedObject(context.Background()); err != nil {
				unread = err
				continue
			}
		}
		// Object streams that no table of contents lists, or whose objects none does.
		switch o := o.(type) {
		case types.ObjectStreamDict:
			if s.opaque > 0 {
				s.objects(o.Content)
			}
		case types.StreamDict:
			if t := o.Type(); t != nil && *t == "ObjStm" && s.opaque > 0 {
				s.objects(streamContent(o, maxObjectStream))
			}
		}
		objects[number] = o
		s.value(number, s.convert(number, o, 0))
	}
	for number := range s.embedded {
		if data := streamContent(objects[number], embeddedHead); data != nil {
			s.file(number, data)
		}
	}
	for number := range s.forms {
		if data := streamContent(objects[number], maxObjectStream); data != nil {
			s.form(number, data)
		}
	}
	return unread
}

// streamContent returns what a stream holds, nil if that cannot be told.
func streamContent(o types.Object, limit int) []byte {
	sd, ok := o.(types.StreamDict)
	if !ok {
		return nil
	}
	if err := sd.DecodeWithLimit(maxObjectStream); err != nil {
		return nil
	}
	return sd.Content[:min(limit, len(sd.Content))]
}

// convert turns pdfcpu's values into ours and looks at each dictionary.
func (s *screening) convert(number int, o types.Object, depth int) any {
	if depth > maxDepth {
		s.found(FindingUnscreenable, number, "values are nested more than %d deep", maxDepth)
		return nil
	}
	switch o := o.(type) {
	case types.Name:
		return name(decodeName(string(o)))
	case types.StringLiteral:
		if b, err := types.Unescape(string(o)); err == nil {
			return text(b)
		}
		return text(o)
	case types.HexLiteral:
		if b, err := o.Bytes(); err == nil {
			return text(b)
		}
	case types.Integer:
		return integer(o)
	case types.IndirectRef:
		return reference(o.ObjectNumber)
	case types.Array:
		out := make(array, 0, len(o))
		for _, e := range o {
			out = append(out, s.convert(number, e, depth+1))
		}
		return out
	case types.StreamDict:
		if d, ok := s.convert(number, o.Dict, depth).(dict); ok && d.is("Type", "EmbeddedFile") {
			s.embedded[number] = true
		}
	case types.Dict:
		out := make(dict, 0, len(o))
		for k, e := range o {
			out = append(out, entry{name(decodeName(k)), s.convert(number, e, depth+1)})
		}
		s.dict(number, out)
		return out
	}
	return nil
}

// decodeName undoes the escapes of a name.
func decodeName(n string) string {
	p := parser{scanner: &scanner{}, data: []byte(n)}
	return string(p.name())
}
