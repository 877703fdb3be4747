package textnorm_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/techcopilot/techcopilot/internal/textnorm"
)

func TestFoldRemovesTypographyOnly(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"case and white space", "  Check\tthe\u00a0 PUMP \n", "check the pump"},
		{"full width", "Ｅ－１２　ＯＫ", "e-12 ok"},
		{"ligatures", "ﬁlter ﬂow oﬀ eﬃcient", "filter flow off efficient"},
		{"soft hyphen", "tempera\u00adture", "temperature"},
		{"zero width space and joiners", "\ufeffwa\u200bter \u2060in\u200dlet", "water inlet"},
		{"marks of direction", "\u200eE5\u200f \u2066x\u2069", "e5 x"},
		{"variation selector", "⚠\ufe0f hot", "⚠ hot"},
		{"PDFium's mark for a broken word", "tempera\u0002ture", "temperature"},
		{"entity", "5 &lt; x &amp; y&deg;C &#39;a&#x27;", "5 < x & y°c 'a'"},
		{"what only begins like an entity", "pump&regulator R&D; &nbsp", "pump & regulator r & d; & nbsp"},
		{"an entity of a degree, a fraction, a power", "60&#8451; 2&frac12; mm&sup2; 5&nbsp;V", "60°c 2 1/2 mm^2 5 v"},
		{"no digit or letter comes of an entity", "1&#50;V 3 &#107;W", "1 & #50;v 3 & #107;w"},
		{"full-width signs", "１０％　＜　２３０Ｖ：＋５℃", "10% < 230v:+5°c"},
		{"an entity is decoded once", "&amp;lt;", "& lt;"},
		{"a shorter entity in a longer name", "&notit;", "& notit;"},
		{"degree look-alikes", "60ºC 60˚C 60∘C 60℃ 140℉", "60°c 60°c 60°c 60°c 140°f"},
		{"superscripts stay apart", "mm² m³ 10⁴ 10⁻³ note¹", "mm^2 m^3 10^4 10^-3 note^1"},
		{"units with a power", "㎡ ㎥ ㎟", "m^2 m^3 mm^2"},
		{"subscripts join", "CO₂ R₁₂", "co2 r12"},
		{"fractions stay apart", "2½ turns, ¾in", "2 1/2 turns, 3/4in"},
		{"callouts stay apart", "①Press ⑩ⒶOpen", "1 press 10 a open"},
		{"trade marks", "EvoSense™ Silence® X℠", "evosense silence x"},
		{"quote marks", "‘a’ ‚b‛ ′c` d´ “e” „f‟ «g» 5″ donʼt ＇h｀", `'a' 'b' 'c' d' "e" "f" "g" 5" don't 'h'`},
		{"dashes", "1‐2‑3‒4–5—6―7−8﹣9－0", "1-2-3-4-5-6-7-8-9-0"},
		{"sign of a figure", "−5 °C, –5, +5, ±2", "-5 °c, -5, +5, ±2"},
		{"multiplication and range", "3×4✕5 1～2∼3", "3x4x5 1~2~3"},
		{"bullets", "•a ∙b ⋅c", "·a ·b ·c"},
		{"micro and ohm signs", "5 µF 3 Ω", "5 μf 3 ω"},
		{"decomposed letters", "Ma\u0308rz J\u030c", "märz ǰ"},
		{"German", "Größe ÄNDERN", "größe ändern"},
		{"decimals and units", "1.22 kW, 4.000 rpm, 0,5 l/min", "1.22 kw, 4.000 rpm, 0,5 l/min"},
		{"invalid UTF-8", "a\xffb", "a\ufffdb"},
		{"nothing", " \u00ad ", ""},
	} {
		if got := textnorm.Fold(c.in); got != c.want {
			t.Errorf("%s: Fold(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func TestTokensAreTheWordsThatAreSearched(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"Check the E-12 error!", []string{"check", "the", "e", "12", "error"}},
		{"1.22 kW at 4.000 rpm, 0,5 l/min.", []string{"1.22", "kw", "at", "4.000", "rpm", "0,5", "l", "min"}},
		{"No.5, 5. and 6,x ,7", []string{"no", "5", "5", "and", "6", "x", "7"}},
		{"3.5.1", []string{"3.5.1"}},
		{"mm² 2½", []string{"mm", "2", "2", "1", "2"}},
		{"EvoSense™2", []string{"evosense2"}},
		{"⚠\ufe0f Hot", []string{"hot"}},
		{"\u0301 a\u0301b", []string{"áb"}},
		{"की मरम्मत", []string{"की", "मरम्मत"}},
		{"HI-P R&D", []string{"hi", "p", "r", "d"}},
		{"水泵 故障", []string{"水泵", "故障"}},
		{"", nil},
		{"– / …", nil},
	} {
		if got := textnorm.Tokens(c.in); !slices.Equal(got, c.want) {
			t.Errorf("Tokens(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestKeyIsTheSameForEveryWayOfTyping(t *testing.T) {
	for _, c := range []struct {
		want     string
		spelling []string
	}{
		{"e12", []string{"E12", "e12", "E-12", "e 12", "Ｅ１２", "E–12", "\u00adE_12", "(E.12)"}},
		{"ahap9smd", []string{"AH-AP9 SMD", "ahap9smd", "AH/AP9_SMD", "AH‑AP9™SMD"}},
		{"größe", []string{"Größe", "GRÖßE", "Gro\u0308ße"}},
		{"", []string{"", "--", " . ", "\u0301", "⚠\ufe0f"}},
	} {
		for _, s := range c.spelling {
			if got := textnorm.Key(s); got != c.want {
				t.Errorf("Key(%q) = %q, want %q", s, got, c.want)
			}
		}
	}
	for _, pair := range [][2]string{{"E5", "E6"}, {"E1", "E11"}, {"S5", "5S"}, {"O", "0"}} {
		if textnorm.Key(pair[0]) == textnorm.Key(pair[1]) {
			t.Errorf("%q and %q have the same key", pair[0], pair[1])
		}
	}
}

func TestHasDigit(t *testing.T) {
	for s, want := range map[string]bool{"": false, "OHH": false, "E5": true, "½": false, "５": true} {
		if got := textnorm.HasDigit(s); got != want {
			t.Errorf("HasDigit(%q) = %v", s, got)
		}
	}
}

func TestCleanMakesForeignTextSafe(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  a\tb\r\n c ", "a b c"},
		{"a\x00b\x1b[31mc\u0085d", "ab[31mc d"},
		{"a\xff\xfeb", "a\ufffdb"},
		{"Größe — 5 µm²", "Größe — 5 µm²"},
		{"\x00", ""},
	} {
		if got := textnorm.Clean(c.in); got != c.want {
			t.Errorf("Clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// foreign draws text of what manuals are made of and of what breaks programs.
func foreign() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{
			"&", "&amp;", "&lt;", "&#38;", "&#xFF06;", "lt;", "&l&#116;;", "&#x300;", "＆", "²", "⁻", "½", "①", "™", "\u00ad", "ﬁ", "J\u030c", "İ",
			"\u0345", "´", "\u1ffd", "｀", "·", "\u0387", "ſ", "K", "ẞ", "Σ", "\u200d", "\ufe0f", "̈", "ͺ", "\xff", "\x00", " ", "1", ".", ",", "E-12", "㎡", "℃",
			"가", "\u1100\u1161", "क\u093f", "\U0001D400", "⑴", "㋿", "‴", "︱",
		}),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 12), func(p []string) string { return strings.Join(p, "") })
}

func checkFold(t interface{ Fatalf(string, ...any) }, s string) {
	folded := textnorm.Fold(s)
	if !utf8.ValidString(folded) {
		t.Fatalf("Fold(%q) = %q is not UTF-8", s, folded)
	}
	if again := textnorm.Fold(folded); again != folded {
		t.Fatalf("Fold(%q) = %q, folded again %q", s, folded, again)
	}
	if strings.Join(strings.Fields(folded), " ") != folded {
		t.Fatalf("Fold(%q) = %q has white space to spare", s, folded)
	}
}

func checkTokens(t interface{ Fatalf(string, ...any) }, s string) {
	tokens := textnorm.Tokens(s)
	if of := textnorm.Tokens(textnorm.Fold(s)); !slices.Equal(tokens, of) {
		t.Fatalf("Tokens(%q) = %q, of the folded text %q", s, tokens, of)
	}
	for _, w := range tokens {
		first, _ := utf8.DecodeRuneInString(w)
		if !utf8.ValidString(w) || !unicode.IsLetter(first) && !unicode.IsDigit(first) {
			t.Fatalf("Tokens(%q) has %q", s, w)
		}
	}
	for _, r := range textnorm.Key(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			t.Fatalf("Key(%q) has %q", s, r)
		}
	}
	if key := textnorm.Key(s); textnorm.Key(key) != key {
		t.Fatalf("Key(%q) = %q, whose key is %q", s, key, textnorm.Key(key))
	}
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkFold(t, foreign().Draw(t, "text")) })
}

func TestTokensAndKeyDependOnTheFoldedTextOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkTokens(t, foreign().Draw(t, "text")) })
}

func TestCleanTextIsStorable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := foreign().Draw(t, "text")
		clean := textnorm.Clean(s)
		if !utf8.ValidString(clean) || strings.ContainsFunc(clean, unicode.IsControl) || textnorm.Clean(clean) != clean {
			t.Fatalf("Clean(%q) = %q", s, clean)
		}
	})
}

func TestFoldingKeepsFiguresAndUnits(t *testing.T) {
	sign := rapid.SampledFrom([]string{"&deg;", "&#8451;", "&#x2103;", "℃", "％", "&plusmn;", "\u200b", "\u00ad", "&#49;", "&#x56;", "&micro;", "ﬁ", "–", "　", "&lt;", "&ohm;"})
	unit := rapid.SampledFrom([]string{"V", "kW", "MPa", "mm", "Hz", "A", "l/min"})
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[0-9]{1,4}([.,][0-9]{1,2})?`).Draw(t, "value")
		before, after, u := sign.Draw(t, "before"), sign.Draw(t, "after"), unit.Draw(t, "unit")
		folded := textnorm.Fold(before + " " + value + " " + u + " " + after)
		if !strings.Contains(" "+folded+" ", " "+value+" "+strings.ToLower(u)+" ") {
			t.Fatalf("%q has lost %s %s", folded, value, u)
		}
		if glued := textnorm.Fold(before + value); unicode.IsDigit(rune(glued[0])) != (strings.Trim(before, "\u200b\u00ad　") == "") {
			t.Fatalf("%q before %s is %q", before, value, glued)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Check the PUMP", "&amp;lt; ²½ ﬁ ℃", "\xff\x00&#x110000;", "J\u030c\u0345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkFold(t, s) })
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "E-12 1.22 4.000", "की ①Press", "\u0301a,1.2,", "&#769;x\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkTokens(t, s) })
}

func BenchmarkFold(b *testing.B) {
	for name, s := range map[string]string{
		"plain":   "Check the high pressure switch and the wiring of the compressor",
		"foreign": "Prüfen Sie den Hochdruckschalter – 60 °C, 2½ Umdrehungen, „E12“",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				textnorm.Fold(s)
			}
		})
	}
}
