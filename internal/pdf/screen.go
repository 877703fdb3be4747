package pdf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf16"
)

// Finding is something in a file that does more than to be read.
type Finding struct {
	Kind   string `json:"kind"`             // one of the constants
	Object int    `json:"object"`           // number of the PDF object; 0 when it is not known
	Detail string `json:"detail,omitempty"` // what was seen, for an administrator; may hold the file's own words
}

// The kinds of findings. What manuals usually have is none: links to pages and
// to the web, an opening view, forms that are only filled in, attached documents.
const (
	FindingJavaScript        = "javascript"
	FindingLaunch     string = "launch"      // starts a program or opens another file
	FindingSubmitForm string = "submit-form" // sends what was filled in somewhere
	FindingImportData string = "import-data"
	FindingRichMedia  string = "rich-media" // Flash, 3D, video and sound, which viewers play by plug-ins
	FindingExecutable string = "embedded-executable"
	// FindingUnscreenable marks a file that does not let itself be looked through:
	// parts that no reader opens, or that cost more than the limits.
	FindingUnscreenable string = "unscreenable"
)

// maxFindings bounds the findings of a file; an administrator reads the first.
const maxFindings = 100

// Screen looks for active content and returns what is to be quarantined, sorted
// by object; nothing when the file is harmless. It waits for one of the slots.
//
// Two readers look at the file, and what either of them sees counts. A scanner
// goes through its raw bytes, whatever the file says of its own structure, and so
// sees older revisions, unused objects and files whose structure is broken. Then
// pdfcpu follows that structure, decrypts (with an empty password), and undoes the
// rarer encodings. That pdfcpu cannot read a file is no finding: damaged manuals
// are common and the scanner has seen them, unless they hold object streams that
// neither could open.
//
// Codes of its errors: NOT_A_PDF, PDF_TOO_LARGE, PDF_ENGINE_UNAVAILABLE and
// FILE_NOT_FOUND. A file that breaks the worker or takes too long is no error but
// has a finding: FindingUnscreenable; and so has one with a password, if its
// objects are locked too. Screen what Decrypt made of it.
func (e *Engine) Screen(ctx context.Context, path string) ([]Finding, error) {
	file, err := e.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	release, err := acquire(ctx, e.slots)
	if err != nil {
		return nil, err
	}
	defer release()
	var found []Finding
	req := request{Op: opScreen, Limits: e.limits, Background: true}
	err = e.work(ctx, file, req, &budget{left: e.limits.FileTime}, func(m *message) error {
		if m.Finding != nil && len(found) < maxFindings {
			found = append(found, *m.Finding)
		}
		return nil
	})
	if broken, ok := errors.AsType[*brokenWorker](err); ok {
		e.log.WarnContext(ctx, "a document broke its screening", "timeout", broken.timeout)
		e.log.DebugContext(ctx, "what the PDF worker said", "detail", broken.detail)
		reason := "reading the file broke the reader"
		if broken.timeout {
			reason = "reading the file takes too long"
		}
		found, err = append(found, Finding{Kind: FindingUnscreenable, Detail: reason}), nil
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Object, b.Object) })
	return found, nil
}

// screening collects what is seen in a document, in whatever way it is read.
type screening struct {
	report func(Finding) error
	err    error // of report
	seen   map[Finding]bool

	embedded map[int]bool // objects that are embedded files
	forms    map[int]bool // objects that are parts of XFA forms
}

// found notes a finding, once for an object.
func (s *screening) found(kind string, object int, detail string, args ...any) {
	key := Finding{Kind: kind, Object: object}
	if s.seen[key] || len(s.seen) >= maxFindings || s.err != nil {
		return
	}
	s.seen[key] = true
	key.Detail = fmt.Sprintf(detail, args...)
	s.err = s.report(key)
}

// actions are the values of S by which an action is recognised.
var actions = map[string]string{
	"JavaScript": FindingJavaScript, "Launch": FindingLaunch, "SubmitForm": FindingSubmitForm, "ImportData": FindingImportData,
	"Rendition": FindingRichMedia, "Movie": FindingRichMedia, "Sound": FindingRichMedia, "RichMediaExecute": FindingRichMedia,
}

// media are the subtypes of annotations that play something.
var media = []string{"RichMedia", "3D", "Movie", "Sound"}

// value looks at the value of an object as a whole.
func (s *screening) value(object int, v any) {
	// An action may keep the name of what it does in an object of its own.
	if n, ok := v.(name); ok {
		if kind, ok := actions[string(n)]; ok {
			s.found(kind, object, "an object that is the name %s", n)
		}
	}
}

// dict looks at a dictionary, wherever in an object it is.
func (s *screening) dict(object int, d dict) {
	action, isAction := d.get("S").(name)
	for _, v := range d.all("S") {
		n, _ := v.(name)
		kind, ok := actions[string(n)]
		// Elements of the structure tree have an S too, with any name.
		if ok && (kind != FindingRichMedia || !d.structural()) {
			s.found(kind, object, "an action %s%s", n, target(d))
		}
		if n == "URI" {
			for _, u := range d.all("URI") {
				if u, ok := u.(text); ok && script(string(u)) {
					s.found(FindingJavaScript, object, "a link that is a script: %.60q", string(u))
				}
			}
		}
	}
	for _, v := range d.all("JS") {
		// A font may be called JS in the resources of a page.
		if _, isText := v.(text); isText || isAction {
			s.found(FindingJavaScript, object, "a script in an action %s", action)
		}
	}
	for _, v := range d.all("Subtype") {
		n, _ := v.(name)
		if slices.Contains(media, string(n)) && (d.get("Rect") != nil || slices.Contains(d.all("Type"), any(name("Annot")))) {
			s.found(FindingRichMedia, object, "an annotation %s", n)
		}
	}
	for _, ef := range d.all("EF") {
		for _, key := range []string{"UF", "F", "DOS", "Unix", "Mac"} {
			for _, v := range d.all(key) {
				if t, ok := v.(text); ok && executableName(t.String()) {
					s.found(FindingExecutable, object, "an attached file %.100q", t.String())
				}
			}
		}
		if files, ok := ef.(dict); ok {
			for _, f := range files {
				refs(f.value, s.embedded)
			}
		}
	}
	for _, v := range d.all("XFA") {
		refs(v, s.forms)
	}
}

// target says what a Launch or a SubmitForm is aimed at.
func target(d dict) string {
	for _, key := range []string{"F", "Win", "Unix", "Mac"} {
		switch v := d.get(key).(type) {
		case text:
			return fmt.Sprintf(" of %.100q", v.String())
		case dict:
			for _, k := range []string{"UF", "F", "P"} {
				if t, ok := v.get(k).(text); ok {
					return fmt.Sprintf(" of %.100q", t.String())
				}
			}
		}
	}
	return ""
}

// refs adds the numbers of the objects that v refers to.
func refs(v any, to map[int]bool) {
	switch v := v.(type) {
	case reference:
		to[int(v)] = true
	case array:
		for _, e := range v {
			if r, ok := e.(reference); ok {
				to[int(r)] = true
			}
		}
	}
}

// script reports whether a link is a script instead of an address.
func script(uri string) bool {
	uri = strings.ToLower(strings.TrimLeft(uri, "\x00\t\n\f\r "))
	return strings.HasPrefix(uri, "javascript:") || strings.HasPrefix(uri, "vbscript:")
}

// executables are the endings of files that a system runs, or that run their
// macros, when they are opened.
var executables = strings.Fields(`
	.exe .com .scr .pif .dll .cpl .sys .ocx .msi .msp .msix .msixbundle .appx .appinstaller .application .gadget
	.bat .cmd .ps1 .psm1 .psc1 .vbs .vbe .vb .js .jse .mjs .ws .wsf .wsc .wsh .hta .sct .reg .inf .lnk .url .scf .chm .hlp .jar .jnlp .class
	.docm .dotm .xlsm .xltm .xlam .xll .pptm .potm .ppam .ppsm .sldm .mde .accde .iqy .slk
	.sh .bash .csh .ksh .run .command .app .pkg .dmg .deb .rpm .apk .elf .so .dylib .desktop .py .pyw .pl .rb .php .swf .iso .img .vhd .vhdx`)

// executableName reports whether a file of that name is one that runs.
func executableName(name string) bool {
	// Windows drops spaces and dots at the end; what stands before a NUL or after
	// one, readers do not agree on.
	for part := range strings.SplitSeq(name, "\x00") {
		if slices.Contains(executables, strings.ToLower(path.Ext(strings.TrimRight(part, " .")))) {
			return true
		}
	}
	return false
}

// embeddedHead is how much of an embedded file is looked at.
const embeddedHead = 4 << 20

// file looks at the content of an embedded file.
func (s *screening) file(object int, data []byte) {
	has := func(prefix string) bool { return bytes.HasPrefix(data, []byte(prefix)) }
	holds := func(what string, within int) bool { return bytes.Contains(data[:min(within, len(data))], []byte(what)) }
	var what string
	switch {
	case has("MZ") && (holds("PE\x00\x00", 4096) || holds("This program", 4096)), has("\x7fELF"):
		what = "a program"
	case has("\xfe\xed\xfa\xce"), has("\xfe\xed\xfa\xcf"), has("\xce\xfa\xed\xfe"), has("\xcf\xfa\xed\xfe"), has("\xca\xfe\xba\xbe"):
		what = "a program"
	case has("#!"):
		what = "a script"
	case has("L\x00\x00\x00\x01\x14\x02\x00"):
		what = "a Windows link"
	case has("FWS"), has("CWS"), has("ZWS"):
		what = "a Flash film"
	case has("PK\x03\x04") && holds("vbaProject.bin", len(data)), has("\xd0\xcf\x11\xe0") && holds("_\x00V\x00B\x00A\x00_\x00P\x00R\x00O\x00J\x00", len(data)):
		what = "a document with macros"
	default:
		return
	}
	s.found(FindingExecutable, object, "an attached file that is %s", what)
}

// form looks at a part of an XFA form.
func (s *screening) form(object int, data []byte) {
	if lower := bytes.ToLower(data); bytes.Contains(lower, []byte("<script")) && bytes.Contains(lower, []byte("javascript")) {
		s.found(FindingJavaScript, object, "a script in an XFA form")
	}
}

// What is looked at of a PDF's values. Numbers, booleans and null are nil.
type (
	name      string // without escapes
	text      []byte // a string, without escapes
	reference int    // to the object of that number
	array     []any
	// dict keeps doubled keys, of which readers take either one.
	dict  []entry
	entry struct {
		key   name
		value any
	}
)

// get returns the first value of the key.
func (d dict) get(key string) any {
	for _, e := range d {
		if string(e.key) == key {
			return e.value
		}
	}
	return nil
}

// all returns all values of the key.
func (d dict) all(key string) []any {
	var out []any
	for _, e := range d {
		if string(e.key) == key {
			out = append(out, e.value)
		}
	}
	return out
}

// structural reports whether the dictionary is an element of the structure tree.
func (d dict) structural() bool {
	return d.get("Type") == any(name("StructElem")) || d.get("P") != nil && (d.get("K") != nil || d.get("Pg") != nil)
}

// String returns the text of a string that is for people to read.
func (t text) String() string {
	if bytes.HasPrefix(t, []byte{0xfe, 0xff}) {
		units := make([]uint16, 0, len(t)/2)
		for i := 2; i+1 < len(t); i += 2 {
			units = append(units, uint16(t[i])<<8|uint16(t[i+1]))
		}
		return string(utf16.Decode(units))
	}
	return strings.ToValidUTF8(string(t), "\ufffd")
}
