package pdf_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"

	"github.com/techcopilot/techcopilot/internal/errdefs"
	"github.com/techcopilot/techcopilot/internal/pdf"
	"github.com/techcopilot/techcopilot/internal/pdf/pdftest"
)

// The objects of a file with one page; what is to be found follows from the
// sixth on. The seventh is the document information by pdftest's rules.
func withObjects(catalog, page string, more ...string) []byte {
	return pdftest.Assemble(slices.Concat([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
		"<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>" + page + ">>",
		pdftest.Stream("", []byte("BT /F1 9 Tf 9 9 Td (E1 Pump) Tj ET")),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
	}, more)...)
}

// objectStream holds objects that are numbered from first on.
func objectStream(first int, dict string, encode func([]byte) []byte, objects ...string) string {
	var head, body strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&head, "%d %d ", first+i, body.Len())
		body.WriteString(o + " ")
	}
	return pdftest.Stream(fmt.Sprintf("/Type/ObjStm/N %d/First %d%s", len(objects), head.Len(), dict), encode([]byte(head.String()+body.String())))
}

func asHex(data []byte) []byte { return fmt.Appendf(nil, "%x>", data) }

// encrypted returns the file encrypted as another program does it.
func encrypted(t *testing.T, data []byte, user string, aes bool, bits int) []byte {
	t.Helper()
	api.DisableConfigDir()
	conf := model.NewDefaultConfiguration()
	conf.Cmd = model.ENCRYPT
	conf.UserPW, conf.OwnerPW, conf.EncryptUsingAES, conf.EncryptKeyLength = user, "boss", aes, bits
	conf.ValidationMode = model.ValidationRelaxed
	var out bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(data), &out, conf); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lockedObjects returns a file whose script is in an encrypted object stream.
func lockedObjects(user string) []byte {
	return pdftest.Encrypt(user, "boss", "<</Type/Catalog/Pages 2 0 R/OpenAction 20 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
		objectStream(20, "/Filter/FlateDecode", deflate, script))
}

const script = "<</S/JavaScript/JS(app.alert\\(1\\))>>"

func attachment(name, content string) []string {
	return []string{
		fmt.Sprintf("<</Type/Filespec/F(%s)/UF(%s)/EF<</F 7 0 R>>>>", name, name),
		pdftest.Stream("/Filter/FlateDecode", deflate([]byte(content))),
	}
}

func TestActiveContentIsFound(t *testing.T) {
	e := newEngine(t, pdf.Limits{})
	names := "/Names<</EmbeddedFiles<</Names[(a)6 0 R]>>>>"
	annots := func(a string) string { return "/Annots[<</Type/Annot/Rect[0 0 9 9]" + a + ">>]" }
	open := withObjects("/OpenAction 6 0 R", "", script)
	for name, c := range map[string]struct {
		data []byte
		kind string
	}{
		"script on opening":       {open, "javascript"},
		"script by name":          {withObjects("/Names<</JavaScript<</Names[(a)6 0 R]>>>>", "", script), "javascript"},
		"script in a stream":      {withObjects("/OpenAction 6 0 R", "", "<</S/JavaScript/JS 7 0 R>>", pdftest.Stream("/Filter/FlateDecode", deflate([]byte("app.alert(1)")))), "javascript"},
		"script on a page":        {withObjects("", "/AA<</O"+script+">>"), "javascript"},
		"script of a field":       {withObjects("/AcroForm<</Fields[6 0 R]>>", "", "<</FT/Tx/T(a)/AA<</K"+script+">>>>"), "javascript"},
		"script in a chain":       {withObjects("/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next[<</S/URI/URI(x)/Next"+script+">>]>>", ""), "javascript"},
		"escaped name":            {withObjects("/OpenAction<</S/J#61v#61Script/J#53(x)>>", ""), "javascript"},
		"name of its own":         {withObjects("/OpenAction<</S 6 0 R/JS 7 0 R>>", "", "/JavaScript", "(app.alert\\(1\\))"), "javascript"},
		"key twice":               {withObjects("/OpenAction<</S/URI/S/JavaScript>>", ""), "javascript"},
		"script as link":          {withObjects("", annots("/Subtype/Link/A<</S/URI/URI( JavaScript:alert\\(1\\))>>")), "javascript"},
		"in an object stream":     {withObjects("/OpenAction 20 0 R", "", objectStream(20, "/Filter/FlateDecode", deflate, "[1 2 3]", script)), "javascript"},
		"in hexadecimal":          {withObjects("/OpenAction 20 0 R", "", objectStream(20, "/Filter/AHx", asHex, script)), "javascript"},
		"in a chain of filters":   {withObjects("/OpenAction 20 0 R", "", objectStream(20, "/Filter[/ASCIIHexDecode/FlateDecode]", func(b []byte) []byte { return asHex(deflate(b)) }, script)), "javascript"},
		"in an older revision":    {append(bytes.Clone(open), "6 0 obj\n<</S/GoTo/D[3 0 R/Fit]>>\nendobj\nxref\n6 1\n"+fmt.Sprintf("%010d 00000 n \n", len(open))+"trailer<</Size 7/Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF\n"...), "javascript"},
		"without a table":         {open[:bytes.Index(open, []byte("xref"))], "javascript"},
		"table that lies":         {bytes.Replace(open, []byte("00000 n"), []byte("00000 f"), 6), "javascript"},
		"object without its end":  {bytes.ReplaceAll(open, []byte("endobj"), nil), "javascript"},
		"dictionary without end":  {withObjects("/OpenAction 6 0 R", "", "<</S/JavaScript/JS(x)"), "javascript"},
		"XFA form":                {withObjects("/AcroForm<</XFA[(template)6 0 R]>>", "", pdftest.Stream("/Filter/FlateDecode", deflate([]byte(`<template><script contentType="application/x-javascript">x</script></template>`)))), "javascript"},
		"start of a program":      {withObjects("/OpenAction<</S/Launch/Win<</F(cmd.exe)/P(/c calc)>>>>", ""), "launch"},
		"start of a file":         {withObjects("", annots("/Subtype/Link/A<</Type/Action/S/Launch/F<</F(setup.pdf)>>>>")), "launch"},
		"form sent":               {withObjects("", annots("/Subtype/Widget/A<</S/SubmitForm/F(http://example.com)>>")), "submit-form"},
		"data taken in":           {withObjects("", annots("/Subtype/Widget/A<</S/ImportData/F(a.fdf)>>")), "import-data"},
		"Flash":                   {withObjects("", annots("/Subtype/RichMedia/RichMediaContent<<>>")), "rich-media"},
		"3D":                      {withObjects("", annots("/Subtype/3D/3DD 6 0 R")), "rich-media"},
		"film":                    {withObjects("", annots("/Subtype/Movie/Movie<</F(a.avi)>>")), "rich-media"},
		"rendition":               {withObjects("", annots("/Subtype/Screen/A<</S/Rendition/OP 0>>")), "rich-media"},
		"sound":                   {withObjects("", "/AA<</O<</S/Sound/Sound 6 0 R>>>>"), "rich-media"},
		"program attached":        {withObjects(names, "", attachment("Update.EXE ", "x")...), "embedded-executable"},
		"macros attached":         {withObjects(names, "", attachment("parts.docm", "x")...), "embedded-executable"},
		"program named otherwise": {withObjects(names, "", attachment("readme.txt", "MZ\x90\x00"+strings.Repeat("\x00", 60)+"This program cannot be run in DOS mode")...), "embedded-executable"},
		"script named otherwise":  {withObjects(names, "", attachment("readme", "#!/bin/sh\nrm -rf /")...), "embedded-executable"},
		"UTF-16 name":             {withObjects(names, "", "<</Type/Filespec/UF<FEFF0061002E006A0073>/EF<</F 7 0 R>>>>", pdftest.Stream("", []byte("x"))), "embedded-executable"},
		"RC4 40":                  {encrypted(t, open, "", false, 40), "javascript"},
		"RC4 128":                 {encrypted(t, open, "", false, 128), "javascript"},
		"AES 128":                 {encrypted(t, open, "", true, 128), "javascript"},
		"AES 256":                 {encrypted(t, open, "", true, 256), "javascript"},
		"nested":                  {withObjects("", "", strings.Repeat("[", 100_000)), "unscreenable"},
		"deflate bomb":            {withObjects("", "", objectStream(20, "/Filter[/FlateDecode/FlateDecode]", func([]byte) []byte { return deflate(deflate(bytes.Repeat([]byte("0 "), 100<<20))) }, script)), "unscreenable"},
		"locked object streams":   {lockedObjects("secret"), "unscreenable"},
		"open object streams":     {lockedObjects(""), "javascript"},
	} {
		start := time.Now()
		found, err := e.Screen(t.Context(), write(t, c.data))
		if err != nil || !slices.ContainsFunc(found, func(f pdf.Finding) bool { return f.Kind == c.kind }) {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
		if took := time.Since(start); took > slowdown*20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestWhatManualsUsuallyHoldIsNoActiveContent(t *testing.T) {
	e := newEngine(t, pdf.Limits{})
	names := "/Names<</EmbeddedFiles<</Names[(a)6 0 R]>>>>"
	link := func(a string) string { return "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<<" + a + ">>>>]" }
	plain := withObjects("", "")
	for name, data := range map[string][]byte{
		"sample":                sample(),
		"opening view":          withObjects("/OpenAction[3 0 R/FitH 200]", ""),
		"opening page":          withObjects("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", ""),
		"link to the web":       withObjects("", link("/S/URI/URI(https://example.com/javascript:void)")),
		"link to a page":        withObjects("", link("/S/GoTo/D[3 0 R/Fit]")),
		"link to another PDF":   withObjects("", link("/S/GoToR/F(parts.pdf)/D[0/Fit]")),
		"named action":          withObjects("", link("/S/Named/N/NextPage")),
		"attached document":     withObjects(names, "", attachment("parts.xlsx", "PK\x03\x04")...),
		"attached drawing":      withObjects(names, "", attachment("MZ-500.dxf", "MZ-500 drawing")...),
		"form":                  withObjects("/AcroForm<</Fields[6 0 R]/NeedAppearances true>>", "", "<</FT/Tx/T(Serial number)/Rect[0 0 9 9]/Subtype/Widget/Type/Annot>>"),
		"no scripts by name":    withObjects("/Names<</JavaScript<</Names[]>>>>", ""),
		"font named JS":         withObjects("", "/Resources<</Font<</JS 5 0 R>>>>"),
		"structure":             withObjects("/StructTreeRoot<</Type/StructTreeRoot/K<</Type/StructElem/S/Sound/P 6 0 R/K[]>>>>", ""),
		"text about scripts":    withObjects("", "", pdftest.Stream("", []byte("BT (/S /JavaScript /Launch) Tj ET")), "<</Title(/JavaScript <</S/Launch>>)>>"),
		"comment":               withObjects("", "", "<</A/B %<</S/JavaScript/JS(x)>>\n>>"),
		"page labels":           withObjects("/PageLabels<</Nums[0<</S/D/P(Movie)>>]>>", ""),
		"objects in a stream":   withObjects("", "", objectStream(20, "/Filter/FlateDecode", deflate, "[1 2 3]", "<</S/GoTo/D[3 0 R/Fit]>>")),
		"damaged object stream": bytes.Replace(withObjects("", "", objectStream(20, "/Filter/FlateDecode", deflate, "[1 2 3]", "<</S/GoTo/D[3 0 R/Fit]>>")), []byte("startxref"), []byte("startxxxx"), 1),
		"no table":              plain[:bytes.Index(plain, []byte("xref"))],
		"half a file":           sample()[:len(sample())/2],
		"encrypted":             encrypted(t, plain, "", true, 256),
		"encrypted long ago":    encrypted(t, plain, "", false, 40),
	} {
		if found, err := e.Screen(t.Context(), write(t, data)); err != nil || len(found) > 0 {
			t.Errorf("%s: found %v, %v", name, found, err)
		}
	}
}

func TestAFileThatTakesTooLongToScreenIsAFinding(t *testing.T) {
	e := newEngine(t, pdf.Limits{FileTime: time.Millisecond})
	data := withObjects("", "", slices.Repeat([]string{"[" + strings.Repeat("/A ", 1000) + "]"}, 2000)...)
	if found, err := e.Screen(t.Context(), write(t, data)); err != nil || len(found) != 1 || found[0].Kind != "unscreenable" {
		t.Errorf("found %v, %v", found, err)
	}
	if _, err := e.Screen(t.Context(), write(t, []byte("hello"))); errdefs.Code(err) != "NOT_A_PDF" {
		t.Errorf("a text: %v", err)
	}
}

func TestDecryptTakesThePasswordOffAllKindsOfEncryption(t *testing.T) {
	e := newEngine(t, pdf.Limits{})
	for name, kind := range map[string]struct {
		aes  bool
		bits int
	}{"RC4 40": {false, 40}, "RC4 128": {false, 128}, "AES 128": {true, 128}, "AES 256": {true, 256}} {
		locked := write(t, encrypted(t, sample(), "sécret", kind.aes, kind.bits))
		if _, err := e.Probe(t.Context(), locked, ""); errdefs.Code(err) != "PDF_ENCRYPTED" {
			t.Errorf("%s: no password: %v", name, err)
		}
		if _, err := e.Probe(t.Context(), locked, "secret"); errdefs.Code(err) != "PDF_PASSWORD_WRONG" {
			t.Errorf("%s: a wrong password: %v", name, err)
		}
		var plain bytes.Buffer
		if err := e.Decrypt(t.Context(), locked, "sécret", &plain); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		doc, pages, err := extract(t.Context(), e, write(t, plain.Bytes()))
		if err != nil || doc.Encrypted || doc.Title != "Sample" || len(pages) != 3 || !strings.Contains(strings.Join(lines(pages[2]), "|"), "Sensor open") {
			t.Errorf("%s: %+v, %d pages, %v", name, doc, len(pages), err)
		}
	}
}
