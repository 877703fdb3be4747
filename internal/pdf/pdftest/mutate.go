package pdftest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
)

// Mutate damages a PDF in one to four ways, as transfers, failing disks, bad
// writers and attackers do: the same seed does the same. The result still begins
// as a PDF does, so that it is not refused for that alone, and is at most about
// twice as large.
func Mutate(seed uint64, data []byte) []byte {
	m := mutation{rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), bytes.Clone(data)}
	kinds := []func(){
		m.flip, m.flip, m.overwrite, m.truncate, m.cut, m.repeat, m.zero,
		m.number, m.number, m.reference, m.reference, m.swapObjects, m.dropObject, m.self,
		m.nest, m.breakStream, m.length, m.filter, m.table, m.name, m.append,
	}
	for range 1 + m.IntN(4) {
		kinds[m.IntN(len(kinds))]()
	}
	if head := data[:min(len(data), len("%PDF-1.7"))]; !bytes.HasPrefix(m.data, head) {
		m.data = append(bytes.Clone(head), m.data[min(len(m.data), len(head)):]...)
	}
	return m.data
}

type mutation struct {
	*rand.Rand
	data []byte
}

var (
	objects    = regexp.MustCompile(`(?s)\d+ \d+ obj\b.*?\bendobj`)
	numerals   = regexp.MustCompile(`-?\d+(\.\d+)?`)
	references = regexp.MustCompile(`\d+ \d+ R\b`)
	nameTokens = regexp.MustCompile(`/[A-Za-z][A-Za-z0-9]*`)
	lengths    = regexp.MustCompile(`/Length \d+`)
	filters    = regexp.MustCompile(`/Filter ?\[?/[A-Za-z0-9]+`)
	streams    = regexp.MustCompile(`stream\r?\n`)
	entries    = regexp.MustCompile(`\d{10} \d{5} [nf]`)
)

// replace puts something else at a place, which is from, to.
func (m *mutation) replace(at []int, by string) {
	if at == nil {
		return
	}
	m.data = append(append(bytes.Clone(m.data[:at[0]]), by...), m.data[at[1]:]...)
}

// any returns one of the places where the pattern matches, nil if there is none.
func (m *mutation) any(pattern *regexp.Regexp) []int {
	all := pattern.FindAllIndex(m.data, -1)
	if len(all) == 0 {
		return nil
	}
	return all[m.IntN(len(all))]
}

// span returns a run of at most n bytes.
func (m *mutation) span(n int) (from, to int) {
	from = m.IntN(len(m.data) + 1)
	return from, min(from+1+m.IntN(n), len(m.data))
}

func (m *mutation) flip() {
	for range 1 + m.IntN(30) {
		if len(m.data) > 0 {
			m.data[m.IntN(len(m.data))] ^= 1 << m.IntN(8)
		}
	}
}

func (m *mutation) overwrite() {
	const syntax = "0123456789<>[]()/ %\n\x00\xff"
	for range 1 + m.IntN(20) {
		if len(m.data) > 0 {
			m.data[m.IntN(len(m.data))] = syntax[m.IntN(len(syntax))]
		}
	}
}

func (m *mutation) truncate() { m.data = m.data[:m.IntN(len(m.data)+1)] }

func (m *mutation) cut() {
	from, to := m.span(max(len(m.data)/8, 1))
	m.replace([]int{from, to}, "")
}

func (m *mutation) repeat() {
	from, to := m.span(max(len(m.data)/8, 1))
	m.replace([]int{to, to}, string(m.data[from:to]))
}

func (m *mutation) zero() {
	from, to := m.span(4096)
	clear(m.data[from:to])
}

// number puts one in that is too large, too small, or none.
func (m *mutation) number() {
	values := []string{
		"0", "-1", "1", "2147483647", "2147483648", "-2147483649", "4294967295", "9223372036854775808", "99999999999999999999999",
		"1e30", "-0.0000000001", "0.5", "NaN", "1000000", "65536", "65535",
	}
	m.replace(m.any(numerals), values[m.IntN(len(values))])
}

// reference makes one object refer to another, or to none.
func (m *mutation) reference() {
	count := len(objects.FindAllIndex(m.data, -1))
	m.replace(m.any(references), fmt.Sprintf("%d 0 R", m.IntN(count+3)))
}

// swapObjects exchanges the contents of two objects.
func (m *mutation) swapObjects() {
	a, b := m.any(objects), m.any(objects)
	if a == nil || b == nil || a[0] == b[0] {
		return
	}
	if a[0] > b[0] {
		a, b = b, a
	}
	body := func(at []int) int { return at[0] + bytes.Index(m.data[at[0]:at[1]], []byte("obj")) + 3 }
	one, other := string(m.data[body(a):a[1]]), string(m.data[body(b):b[1]])
	m.replace([]int{body(b), b[1]}, one)
	m.replace([]int{body(a), a[1]}, other)
}

func (m *mutation) dropObject() { m.replace(m.any(objects), "") }

// self makes an object hold itself.
func (m *mutation) self() {
	at := m.any(objects)
	if at == nil {
		return
	}
	number, _, _ := bytes.Cut(m.data[at[0]:at[1]], []byte(" "))
	if r := references.FindIndex(m.data[at[0]:at[1]]); r != nil {
		m.replace([]int{at[0] + r[0], at[0] + r[1]}, string(number)+" 0 R")
	}
}

// nest opens more than is closed.
func (m *mutation) nest() {
	what := []string{"[", "<<", "<</Kids[", "(", "<", "<</A ", "q ", "BT "}[m.IntN(8)]
	n := []int{1, 10, 100, 1000, 100_000}[m.IntN(5)]
	n = min(n, (len(m.data)+1024)/len(what))
	at := m.IntN(len(m.data) + 1)
	m.replace([]int{at, at}, string(bytes.Repeat([]byte(what), n)))
}

// breakStream damages the data of a stream near its beginning.
func (m *mutation) breakStream() {
	if at := m.any(streams); at != nil {
		end := min(at[1]+64, len(m.data))
		for i := at[1]; i < end; i++ {
			if m.IntN(4) == 0 {
				m.data[i] = byte(m.Uint32())
			}
		}
	}
}

func (m *mutation) length() {
	m.replace(m.any(lengths), "/Length "+[]string{"0", "-5", "1", "999999999", "4294967296", "1 0 R", "(x)"}[m.IntN(7)])
}

func (m *mutation) filter() {
	by := []string{
		"/Filter/FlateDecode", "/Filter/LZWDecode", "/Filter/ASCII85Decode", "/Filter/RunLengthDecode", "/Filter/DCTDecode", "/Filter/JPXDecode",
		"/Filter/JBIG2Decode", "/Filter/CCITTFaxDecode", "/Filter[/FlateDecode/FlateDecode/FlateDecode]", "/Filter/Crypt", "/Filter null",
	}[m.IntN(11)]
	if at := m.any(filters); at != nil {
		m.replace(at, by)
		return
	}
	if at := m.any(lengths); at != nil {
		m.replace([]int{at[0], at[0]}, by)
	}
}

// table lets an entry of the cross-reference table point somewhere else.
func (m *mutation) table() {
	if at := m.any(entries); at != nil {
		copy(m.data[at[0]:], fmt.Sprintf("%010d", m.IntN(2*len(m.data))))
	}
}

// name makes a key or a value mean something else, of what the file has.
func (m *mutation) name() {
	a, b := m.any(nameTokens), m.any(nameTokens)
	if a != nil {
		m.replace(a, string(m.data[b[0]:b[1]]))
	}
}

// append adds a revision whose objects take the place of others.
func (m *mutation) append() {
	at := m.any(objects)
	if at == nil {
		return
	}
	count := len(objects.FindAllIndex(m.data, -1))
	_, body, _ := bytes.Cut(m.data[at[0]:at[1]], []byte("obj"))
	number := strconv.Itoa(1 + m.IntN(count))
	start := len(m.data)
	m.data = append(m.data, "\n"+number+" 0 obj"+string(body)+"\n"...)
	xref := len(m.data)
	m.data = fmt.Appendf(m.data, "xref\n%s 1\n%010d 00000 n \ntrailer<</Size %d/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", number, start+1, count+1, xref, xref)
}
