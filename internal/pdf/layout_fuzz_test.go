package pdf

import (
	"encoding/binary"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// contentOf makes a page of any bytes: seven for a character, six for a rule.
func contentOf(data []byte) content {
	c := content{width: 200, height: 300}
	for len(data) >= 7 {
		at := func(i int) float64 { return float64(int8(data[i])) * 2 }
		if data[0]&3 == 3 {
			from, to := at(2), at(3)
			c.rules = append(c.rules, rule{vertical: data[0]&4 != 0, pos: at(1), from: min(from, to), to: max(from, to)})
			data = data[6:]
			continue
		}
		r := rune(binary.LittleEndian.Uint16(data[4:]) & 0x1ff)
		if r == 0 || r == '\n' {
			r = ' '
		}
		w, h := float64(data[3]&15), float64(data[3]>>4)
		c.chars = append(c.chars, char{
			r: r, size: float64(data[6] & 31), dir: data[0] >> 2 & 3, bold: data[0]&16 != 0,
			box: Box{at(1), at(2), at(1) + w, at(2) + h},
		})
		data = data[7:]
	}
	return c
}

func FuzzLayOut(f *testing.F) {
	f.Add([]byte("a page of some bytes, none of which means anything at all"))
	var grid []byte
	for i := range byte(6) {
		grid = append(grid, 3, 10*i, 0, 50, 0, 0, 7, 10*i, 0, 50, 0, 0, 0, 10*i+3, 10*i+3, 0x55, 'E', 0, 8)
	}
	f.Add(grid)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := contentOf(data)
		p := layOut(c)
		in, out := 0, 0
		for _, ch := range c.chars {
			if ch.r != ' ' {
				in++
			}
		}
		used := make([]int, len(p.Words))
		for _, l := range p.Lines {
			if l.Count == 0 {
				t.Fatal("empty line")
			}
			for k := l.First; k < l.First+l.Count; k++ {
				used[k]++
			}
		}
		for k, w := range p.Words {
			out += utf8.RuneCountInString(w.Text)
			if used[k] != 1 || w.Text == "" || w.Box != w.Box.within(Box{0, 0, p.Width, p.Height}) {
				t.Fatalf("word %d %+v is in %d lines", k, w, used[k])
			}
		}
		if out > in {
			t.Fatalf("%d characters became %d", in, out)
		}
		for _, tb := range p.Tables {
			for _, r := range tb.Rows {
				if len(r.Cells) != len(tb.Rows[0].Cells) || len(r.Cells) < 2 {
					t.Fatalf("row of %d cells", len(r.Cells))
				}
				for _, cell := range r.Cells {
					for _, w := range cell.Words {
						if w < 0 || w >= len(p.Words) {
							t.Fatalf("cell names word %d of %d", w, len(p.Words))
						}
					}
				}
			}
		}
		if _, err := json.Marshal(p); err != nil {
			t.Fatal(err)
		}

		var words []styledWord
		for i := range p.Lines {
			words = append(words, p.styled(i)...)
		}
		if len(words)&1 == 1 { // some as OCR gives them
			for i := range words {
				words[i].size, words[i].Confidence = 0, uint8(i)
			}
		}
		again := layOutWords(p, words, p.rulings())
		left := map[Word]int{}
		for _, w := range words {
			left[w.Word]++
		}
		for _, w := range again.Words {
			left[w]--
		}
		for w, n := range left {
			if n != 0 {
				t.Fatalf("laid out again, %+v is missing %d times", w, n)
			}
		}
		lines := 0
		for _, l := range again.Lines {
			lines += l.Count
		}
		if lines != len(words) {
			t.Fatalf("%d words are in lines of %d", len(words), lines)
		}
	})
}

func TestBoxesAreWrittenInTenthsOfAPoint(t *testing.T) {
	data, err := json.Marshal(Box{1.26, -0.26, 1000, 2.04})
	if err != nil || string(data) != "[1.3,-0.3,1000,2]" {
		t.Errorf("%s, %v", data, err)
	}
	var b Box
	if err := json.Unmarshal(data, &b); err != nil || b != (Box{1.3, -0.3, 1000, 2}) {
		t.Errorf("%+v, %v", b, err)
	}
	if err := json.Unmarshal([]byte(`["a"]`), &b); err == nil {
		t.Error("a box of letters was read")
	}
}
