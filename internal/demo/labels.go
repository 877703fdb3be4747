package demo

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	rootOf      = regexp.MustCompile(`/Size (\d+)\s+/Root (\d+) 0 R\s+/Info (\d+) 0 R`)
	startXrefOf = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)
)

// withPageLabels adds a /PageLabels tree to a file that fpdf wrote, which has no
// call for it: the catalog is replaced in an incremental update (ISO 32000-1,
// 7.5.6), so that nothing before it moves. Each label stands as a prefix of its
// own page, which says any numbering.
func withPageLabels(file []byte, labels []string) ([]byte, error) {
	trailer := rootOf.FindSubmatch(file)
	xref := startXrefOf.FindSubmatch(file)
	if trailer == nil || xref == nil {
		return nil, errors.New("page labels: no trailer as fpdf writes it")
	}
	size, root, info := string(trailer[1]), string(trailer[2]), string(trailer[3])
	opening := []byte("\n" + root + " 0 obj\n<<")
	start := bytes.LastIndex(file, opening)
	if start < 0 {
		return nil, errors.New("page labels: no catalog")
	}
	body := file[start+len(opening):]
	end := bytes.Index(body, []byte("endobj"))
	if end < 0 {
		return nil, errors.New("page labels: the catalog does not end")
	}

	var tree strings.Builder
	for i, l := range labels {
		fmt.Fprintf(&tree, " %d << /P (%s) >>", i, l)
	}
	var out bytes.Buffer
	out.Write(bytes.TrimRight(file, "\n"))
	out.WriteByte('\n')
	offset := out.Len()
	fmt.Fprintf(&out, "%s 0 obj\n<<\n/PageLabels << /Nums [%s ] >>%sendobj\n", root, tree.String(), body[:end])
	updated := out.Len()
	fmt.Fprintf(&out, "xref\n%s 1\n%010d 00000 n \n", root, offset)
	fmt.Fprintf(&out, "trailer\n<<\n/Size %s\n/Root %s 0 R\n/Info %s 0 R\n/Prev %s\n>>\nstartxref\n%d\n%%%%EOF\n",
		size, root, info, xref[1], updated)
	return out.Bytes(), nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// roman writes n, 1 to 39, in small Roman numerals.
func roman(n int) string {
	return strings.Repeat("x", n/10) +
		[...]string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix"}[n%10]
}
