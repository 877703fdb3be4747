package pdf

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"syscall"
	"time"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// module is one instance of PDFium in WebAssembly. Its functions are called
// directly, by their C names: go-pdfium's own wrappers allocate a handle per
// object and are several times slower for what is called per character.
//
// A crash in the engine panics with a trap, after which the module is unusable.
type module struct {
	ctx     context.Context
	mod     api.Module
	mem     api.Memory
	fns     map[string]api.Function
	stack   [12]uint64
	scratch uint32 // scratchSize bytes of the module's memory
	inst    pdfium.Pdfium
	impl    any
}

const scratchSize = 64 << 10

// trap is a crash of the PDF engine.
type trap struct{ error }

// newModule starts the engine. memory is its limit in bytes.
func newModule(cacheDir string, memory int64) (*module, error) {
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
	if err != nil {
		return nil, err
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context:       experimental.WithMemoryAllocator(context.Background(), allocator(memory)),
		MaxIdle:       1,
		MaxTotal:      1,
		RuntimeConfig: wazero.NewRuntimeConfig().WithCompilationCache(cache),
		FSConfig:      wazero.NewFSConfig(), // the default mounts the whole file system
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
	if err != nil {
		return nil, err
	}
	inst, err := pool.GetInstance(time.Minute)
	if err != nil {
		return nil, err
	}
	impl := inst.GetImplementation()
	v := reflect.ValueOf(impl).Elem()
	mod, ok := v.FieldByName("Module").Interface().(api.Module)
	if !ok {
		return nil, errors.New("this version of go-pdfium has no Module")
	}
	m := &module{ctx: context.Background(), mod: mod, mem: mod.Memory(), fns: map[string]api.Function{}, inst: inst, impl: impl}
	m.scratch = uint32(m.call("malloc", scratchSize))
	return m, nil
}

// allocator provides the engine's memory: reserved at once, since growing by
// copies would hold it twice, and outside of Go's heap. The runtime's own limit
// is of no use here, since it must be at least what the module declares (2 GiB).
func allocator(limit int64) experimental.MemoryAllocator {
	return experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		const private = syscall.MAP_PRIVATE | syscall.MAP_ANON
		b, err := syscall.Mmap(-1, 0, int(min(most, uint64(limit))), syscall.PROT_READ|syscall.PROT_WRITE, private)
		if err != nil {
			panic(trap{err})
		}
		return reserved(b)
	})
}

// reserved is memory of which more and more is used.
type reserved []byte

// Reallocate returns the first size bytes, or nil if there are fewer.
func (r reserved) Reallocate(size uint64) []byte {
	if size > uint64(len(r)) {
		return nil
	}
	return r[:size]
}

// Free returns the memory to the system.
func (r reserved) Free() { _ = syscall.Munmap(r) }

func (m *module) fn(name string) api.Function {
	f := m.fns[name]
	if f == nil {
		f = m.mod.ExportedFunction(name)
		if f == nil {
			panic(trap{fmt.Errorf("the PDF engine has no function %s", name)})
		}
		m.fns[name] = f
	}
	return f
}

// call calls a function of the engine. Pointers and integers are passed as they
// are, doubles and floats as their bits.
func (m *module) call(name string, args ...uint64) uint64 {
	return m.callFn(m.fn(name), args...)
}

func (m *module) callFn(f api.Function, args ...uint64) uint64 {
	copy(m.stack[:], args)
	if err := f.CallWithStack(m.ctx, m.stack[:]); err != nil {
		panic(trap{err})
	}
	return m.stack[0]
}

// callInt calls a function that returns a C int.
func (m *module) callInt(name string, args ...uint64) int {
	return int(int32(uint32(m.call(name, args...))))
}

// bytes returns n bytes of the engine's memory, valid until the next call.
func (m *module) bytes(at uint32, n int) []byte {
	b, ok := m.mem.Read(at, uint32(n))
	if !ok {
		panic(trap{fmt.Errorf("the PDF engine answered an address outside its memory: %d", at)})
	}
	return b
}

// float reads the i-th float of the scratch memory.
func (m *module) float(i int) float64 {
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(m.bytes(m.scratch+uint32(4*i), 4))))
}

// at returns the address of the i-th 4-byte value of the scratch memory.
func (m *module) at(i int) uint64 { return uint64(m.scratch) + uint64(4*i) }

// utf16 calls a function that fills a buffer, given as its last two arguments,
// with UTF-16LE text and returns the length of that text in bytes.
func (m *module) utf16(name string, args ...uint64) string {
	n := m.call(name, append(args, uint64(m.scratch), scratchSize)...) & math.MaxUint32
	if n < 2 || n > scratchSize {
		return ""
	}
	b := m.bytes(m.scratch, int(n))
	units := make([]uint16, 0, n/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, binary.LittleEndian.Uint16(b[i:]))
	}
	return clean(string(utf16.Decode(units)))
}

// document is an open PDF.
type document struct {
	*module
	handle uint64
	pages  int
	file   *os.File
	// password is what the file was opened with.
	password string
	fonts    map[uint64]font // by PDFium's handle
	texts    []uint64        // the text objects of the page whose characters were read last
}

// PDFium's error codes, of FPDF_GetLastError.
const (
	errPassword = 4
	errSecurity = 5
)

// fileAccess is what go-pdfium has for documents that are read piecewise; it is
// part of its implementation and not of its interface.
type fileAccess interface {
	CreateFileAccessReader(size int64, r io.ReadSeeker) (access *uint64, index *uint32, err error)
}

// open opens the file with an empty password or, where that does not do, with
// the given one. It is read piecewise, as needed.
func (m *module) open(file *os.File, password string) (*document, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	opener, ok := m.impl.(fileAccess)
	if !ok {
		return nil, &failure{Code: failEngine, Detail: "this version of go-pdfium has no CreateFileAccessReader"}
	}
	r := &blockReader{file: file, size: info.Size()}
	access, _, err := opener.CreateFileAccessReader(info.Size(), r)
	if err != nil {
		return nil, err
	}
	d := &document{module: m, file: file, fonts: map[uint64]font{}}
	d.handle = m.call("FPDF_LoadCustomDocument", *access, 0)
	if d.handle == 0 && m.locked() && password != "" {
		d.password = password
		d.handle = m.call("FPDF_LoadCustomDocument", *access, m.cString(password))
	}
	if d.handle == 0 {
		switch {
		case m.locked() && password != "":
			return nil, &failure{Code: failUnlock}
		case m.locked():
			return nil, &failure{Code: failEncrypted}
		default:
			return nil, &failure{Code: failDamaged, Detail: fmt.Sprintf("PDFium error %d", m.call("FPDF_GetLastError"))}
		}
	}
	d.pages = m.callInt("FPDF_GetPageCount", d.handle)
	if d.pages <= 0 {
		return nil, &failure{Code: failNoPages}
	}
	return d, nil
}

// locked reports whether the last document was not opened for its password.
func (m *module) locked() bool {
	code := m.call("FPDF_GetLastError")
	return code == errPassword || code == errSecurity
}

// cString copies a string into the engine's memory, where it stays.
func (m *module) cString(s string) uint64 {
	at := m.call("malloc", uint64(len(s)+1))
	if !m.mem.Write(uint32(at), append([]byte(s), 0)) {
		panic(trap{errors.New("the PDF engine has no memory for a string")})
	}
	return at
}

// blockReader reads a file in blocks and keeps the latest: PDFium asks for a
// few hundred bytes at a time, mostly in order.
type blockReader struct {
	file  *os.File
	size  int64
	pos   int64
	block []byte
	start int64
}

const blockSize = 64 << 10

func (r *blockReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the start of the file")
	}
	r.pos = offset
	return offset, nil
}

func (r *blockReader) Read(p []byte) (int, error) {
	if r.pos >= r.size {
		return 0, io.EOF
	}
	if r.pos < r.start || r.pos >= r.start+int64(len(r.block)) {
		if cap(r.block) == 0 {
			r.block = make([]byte, blockSize)
		}
		r.start = r.pos - r.pos%blockSize
		n, err := r.file.ReadAt(r.block[:blockSize], r.start)
		r.block = r.block[:n]
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		if r.pos >= r.start+int64(n) {
			return 0, io.ErrUnexpectedEOF // the file shrank
		}
	}
	n := copy(p, r.block[r.pos-r.start:])
	r.pos += int64(n)
	return n, nil
}
