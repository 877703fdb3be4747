package pdf

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

// WorkerMain runs this process as a worker and returns its exit code. The
// program's main, and the TestMain of packages that use an Engine, call it
// before anything else when the first argument is WorkerCommand.
func WorkerMain() int {
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	var req request
	if err == nil {
		err = json.Unmarshal(line, &req)
	}
	if err == nil {
		err = confine(req.Limits, req.Background)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pdf worker:", err)
		return 2
	}
	go func() {
		_, _ = io.Copy(io.Discard, in)
		os.Exit(3) // the parent is gone
	}()

	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	w := worker{req: req, out: os.Stdout, send: func(m message) error { return out.Encode(m) }}
	err = w.run()
	f := &failure{}
	switch {
	case err == nil:
		err = w.send(message{Done: true})
	case errors.As(err, &f):
		err = w.send(message{Failure: f})
	default:
		err = w.send(message{Failure: &failure{Code: failDamaged, Detail: err.Error()}})
	}
	if err != nil {
		return 1
	}
	return 0
}

// memoryMargin is what the worker may use beside the PDF engine's own memory:
// its code, the words of a page and a rendered page.
const memoryMargin = 1 << 30

// gcPercent is how much the worker makes before it collects garbage, in percent of
// what it keeps.
const gcPercent = 400

type worker struct {
	req  request
	out  io.Writer
	send func(message) error
}

// sendBytes sends what is not written as JSON.
func (w *worker) sendBytes(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if err := w.send(message{Bytes: len(data)}); err != nil {
		return err
	}
	_, err := w.out.Write(data)
	return err
}

// run does what was asked. A crash of the PDF engine leaves it in no usable
// state, so it ends the worker; the parent starts the next one.
func (w *worker) run() (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case trap:
			err = &failure{Code: failTrap, Detail: r.Error()}
		default:
			err = &failure{Code: failTrap, Detail: fmt.Sprintf("%v\n%s", r, debug.Stack())}
		}
	}()
	debug.SetMemoryLimit(memoryMargin / 2)
	// What it keeps is little, and it ends soon: with Go's own 100 percent a tenth of
	// its time goes into collecting a few megabytes again and again.
	debug.SetGCPercent(gcPercent)

	if w.req.Op == opScreen {
		return w.screen()
	}

	m, err := newModule(w.req.CacheDir, w.req.Limits.Memory)
	if err != nil {
		return &failure{Code: failEngine, Detail: err.Error()}
	}
	// The compiled engine is the only file that is read or written by name.
	if err := sandbox(); err != nil {
		return &failure{Code: failEngine, Detail: err.Error()}
	}
	if err := w.send(message{Ready: true}); err != nil {
		return err
	}
	file, orders := document3(), io.Reader(nil)
	if w.req.Stay {
		orders = os.NewFile(orderDescriptor, "orders")
	}
	if w.req.Op == opWait {
		orders = file
		if w.req, file, err = await(file); err != nil {
			return &failure{Code: failEngine, Detail: err.Error()}
		}
		if err := w.giveWay(); err != nil {
			return err
		}
	}
	doc, err := m.open(file, w.req.Password)
	if err != nil {
		return err
	}
	if doc.pages > w.req.Limits.Pages {
		return &failure{Code: failTooLarge, Number: doc.pages}
	}
	in := json.NewDecoder(orders)
	for {
		if err := w.serve(doc); err != nil || !w.req.Stay || int64(doc.mem.Size()) > w.req.Limits.Memory/sessionMemory {
			return err
		}
		if err := w.send(message{Done: true, More: true}); err != nil {
			return err
		}
		w.req = request{}
		if err := in.Decode(&w.req); err != nil {
			return err
		}
		if err := w.giveWay(); err != nil {
			return err
		}
	}
}

// giveWay lets other processes go first from the first request on that is in the
// background.
func (w *worker) giveWay() error {
	if !w.req.Background {
		return nil
	}
	if err := giveWay(); err != nil {
		return &failure{Code: failEngine, Detail: err.Error()}
	}
	return nil
}

// serve does what was asked about the document.
func (w *worker) serve(doc *document) error {
	switch w.req.Op {
	case opProbe:
		info := doc.info(w.req.Limits.OutlineEntries)
		return w.send(message{Document: &info})
	case opDecrypt:
		return doc.decrypt(w.sendBytes)
	case opRender:
		return w.draw(doc, *w.req.Render)
	}
	return w.extract(doc)
}

// document3 is the file that is read.
func document3() *os.File { return os.NewFile(fileDescriptor, "document.pdf") }

func (w *worker) extract(doc *document) error {
	info := doc.info(w.req.Limits.OutlineEntries)
	if err := w.send(message{Document: &info}); err != nil {
		return err
	}
	pages := inOrder(w.req.Order, doc.pages)
	if w.req.Order == nil {
		pages = numbers(w.req.Pages, doc.pages)
	}
	for i, n := range pages {
		// The engine keeps what it has read of pages, and would in the end run out of
		// memory on a sound one.
		if i > 0 && int64(doc.mem.Size()) > w.req.Limits.Memory/2 {
			return nil
		}
		if err := w.send(message{Start: n}); err != nil {
			return err
		}
		p := Page{Number: n, Error: "The page is damaged and was skipped."}
		look := func() bool { return n != w.req.Blind && w.send(message{Look: true}) == nil }
		if c, ok := doc.content(n-1, w.req.Limits, look); ok {
			p = layOut(c)
			p.Number = n
			p.Label = doc.label(n - 1)
		}
		if err := w.send(message{Page: &p}); err != nil {
			return err
		}
	}
	return nil
}

// draw sends the picture of a page.
func (w *worker) draw(doc *document, o RenderOptions) error {
	if o.Page > doc.pages {
		return &failure{Code: failNoPage, Number: o.Page}
	}
	if err := w.send(message{Start: o.Page}); err != nil {
		return err
	}
	image, err := doc.render(o, w.req.Limits.Pixels)
	if err != nil {
		return err
	}
	return w.sendBytes(image)
}
