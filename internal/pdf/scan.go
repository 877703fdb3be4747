package pdf

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/filter"
)

// scanner looks through the raw bytes of a file for objects, of which it takes
// any that looks like one: it knows neither the cross-reference table nor which
// revision counts.
type scanner struct {
	*screening
	data []byte

	work    int           // bytes that may still be parsed
	inflate int           // bytes that may still be inflated
	streams map[int][]int // where the streams of that object number are described
	// opaque is how many object streams could not be read at all.
	opaque int
}

const (
	// maxDepth is how deep values may be nested in each other. PDFium reads 64.
	maxDepth = 200
	// maxInflated bounds what the object streams of a file are inflated to; that
	// of 10,000 pages is 100 MB.
	maxInflated = 512 << 20
	// maxObjectStream bounds that of one; common are 20 kB, and PDFium makes none
	// with more than 200 objects.
	maxObjectStream = 32 << 20
	maxPlaces       = 1 << 20 // of objects in an object stream
	// workFactor bounds the parsing to a multiple of the file's size: every byte is
	// parsed once, or a few times where objects are not closed.
	workFactor, workMargin = 16, 64 << 20
)

func newScanner(s *screening, data []byte) *scanner {
	return &scanner{screening: s, data: data, work: workFactor*len(data) + workMargin, inflate: maxInflated, streams: map[int][]int{}}
}

func (s *scanner) scan() {
	for at := 0; s.work > 0; {
		i := bytes.Index(s.data[at:], []byte("obj"))
		if i < 0 {
			break
		}
		start := at + i
		at = start + len("obj")
		if start > 0 && isLetter(s.data[start-1]) {
			continue // endobj
		}
		s.object(objectNumber(s.data[:start]), at)
	}
	for object := range s.embedded {
		s.eachStream(object, embeddedHead, s.file)
	}
	for object := range s.forms {
		s.eachStream(object, maxObjectStream, s.form)
	}
	if s.work <= 0 || s.inflate <= 0 {
		s.found(FindingUnscreenable, 0, "reading the file's objects costs more than is allowed")
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// objectNumber reads the number of an object backwards from its keyword.
func objectNumber(before []byte) int {
	const longest = 40 // two numbers with space around
	f := bytes.Fields(before[max(0, len(before)-longest):])
	if len(f) < 2 {
		return 0
	}
	n := f[len(f)-2]
	// What stands before may lack its space: "endobj12 0 obj".
	first := len(n)
	for first > 0 && n[first-1] >= '0' && n[first-1] <= '9' {
		first--
	}
	v, err := strconv.Atoi(string(n[first:]))
	if err != nil {
		return 0
	}
	return v
}

// object looks at the object that begins at start.
func (s *scanner) object(number, start int) {
	p := parser{scanner: s, data: s.data, pos: start, object: number}
	v := p.value(0)
	s.value(number, v)
	d, ok := v.(dict)
	if !ok {
		return
	}
	p.space()
	if !bytes.HasPrefix(p.data[p.pos:], []byte("stream")) {
		return
	}
	if d.is("Type", "EmbeddedFile") {
		s.embedded[number] = true
	}
	// An object stream is known by its type, or by the two numbers that only it has.
	if d.is("Type", "ObjStm") || d.has("N") && d.has("First") {
		s.objectStream(d, p.pos)
		return
	}
	if len(s.streams) < 1<<20 {
		s.streams[number] = append(s.streams[number], start)
	}
}

func (d dict) is(key, value string) bool {
	for _, v := range d.all(key) {
		if v == any(name(value)) {
			return true
		}
	}
	return false
}

func (d dict) has(key string) bool {
	for _, e := range d {
		if string(e.key) == key {
			return true
		}
	}
	return false
}

// eachStream hands the streams of that object number to look, decoded up to
// limit bytes.
func (s *scanner) eachStream(object, limit int, look func(int, []byte)) {
	for _, start := range s.streams[object] {
		p := parser{scanner: s, data: s.data, pos: start, object: object}
		d, _ := p.value(0).(dict)
		p.space()
		if data, _ := s.decode(d, p.pos, limit); len(data) > 0 {
			look(object, data)
		}
	}
}

// objectStream looks at the objects in a stream whose keyword is at pos.
func (s *scanner) objectStream(d dict, pos int) {
	data, err := s.decode(d, pos, maxObjectStream)
	if errors.Is(err, errTooMuch) {
		s.inflate = 0
	}
	if len(data) == 0 {
		s.opaque++
		return
	}
	s.objects(data)
}

// objects looks at what an object stream holds.
func (s *scanner) objects(data []byte) {
	// It begins with pairs of numbers: an object and where that begins.
	type place struct{ number, at int }
	p := parser{scanner: s, data: data}
	var places []place
	for len(places) < maxPlaces {
		p.space()
		number, ok := p.integer()
		p.space()
		at, ok2 := p.integer()
		if !ok || !ok2 {
			break
		}
		places = append(places, place{number, at})
	}
	// What follows is read from one end to the other, whatever the numbers say.
	first := p.pos
	for k := 0; p.pos < len(data) && s.work > 0; {
		for k < len(places) && places[k].at <= p.pos-first {
			p.object = places[k].number
			k++
		}
		from := p.pos
		s.value(p.object, p.value(0))
		p.space()
		if p.pos == from {
			p.pos++
			s.work--
		}
	}
}

var errTooMuch = errors.New("the stream inflates to more than is allowed")

// decode returns what the stream whose keyword is at pos holds, up to limit
// bytes; of a damaged one what can be read.
func (s *scanner) decode(d dict, pos, limit int) ([]byte, error) {
	raw := s.data[min(pos+len("stream"), len(s.data)):]
	raw = bytes.TrimPrefix(raw, []byte("\r"))
	raw = bytes.TrimPrefix(raw, []byte("\n"))
	filters := names(d.get("Filter"), d.get("F"))
	if len(filters) == 0 && d.get("Filter") != nil {
		filters = []string{filter.Flate} // named in another object; nearly all are this
	}
	// Inflating ends by itself, and other encodings are made of letters.
	if len(filters) == 0 || filters[0] != filter.Flate {
		if end := bytes.Index(raw, []byte("endstream")); end >= 0 {
			raw = raw[:end]
		}
	}
	var data io.Reader = bytes.NewReader(raw)
	for i, f := range filters {
		if f == filter.Flate && parameters(d, i) == nil {
			// The two bytes before and the sum after the data are not looked at: damage
			// there hides nothing.
			_, _ = io.CopyN(io.Discard, data, 2)
			data = flate.NewReader(data)
			continue
		}
		dec, err := filter.NewFilter(f, parameters(d, i), int64(min(limit, s.inflate)))
		if err != nil {
			return nil, err
		}
		if data, err = dec.Decode(data); err != nil {
			return nil, err
		}
	}
	limit = min(limit, s.inflate)
	out, err := io.ReadAll(io.LimitReader(data, int64(limit)+1))
	s.inflate -= len(out)
	if len(out) > limit {
		return out[:limit], errTooMuch
	}
	return out, err
}

// names returns the filters of a stream by their long names.
func names(values ...any) []string {
	long := map[name]string{"Fl": filter.Flate, "AHx": filter.ASCIIHex, "A85": filter.ASCII85, "LZW": filter.LZW, "RL": filter.RunLength}
	var out []string
	for _, v := range values {
		list, ok := v.(array)
		if !ok {
			list = array{v}
		}
		for _, e := range list {
			n, ok := e.(name)
			if !ok {
				continue
			}
			if l, ok := long[n]; ok {
				n = name(l)
			}
			out = append(out, string(n))
		}
		if len(out) > 0 {
			break
		}
	}
	const deepest = 8
	return out[:min(len(out), deepest)]
}

// parameters returns those of the i-th filter, nil if there are none.
func parameters(d dict, i int) map[string]int {
	v := d.get("DecodeParms")
	if v == nil {
		v = d.get("DP")
	}
	if list, ok := v.(array); ok {
		v = nil
		if i < len(list) {
			v = list[i]
		}
	}
	p, ok := v.(dict)
	if !ok {
		return nil
	}
	out := map[string]int{}
	for _, key := range []string{"Predictor", "Colors", "BitsPerComponent", "Columns", "EarlyChange"} {
		if n, ok := p.get(key).(integer); ok {
			out[key] = int(n)
		}
	}
	if len(out) == 0 || out["Predictor"] == 1 && len(out) == 1 {
		return nil
	}
	return out
}
