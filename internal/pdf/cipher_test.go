package pdf

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
)

// printed makes a page of lines, each in a font of its own number.
func printed(lines ...fontLine) content {
	c := content{width: 1200, height: 800}
	for i, l := range lines {
		x, y := 20.0, 20+14*float64(i)
		for _, r := range l.text {
			if r == ' ' {
				c.chars = append(c.chars, char{r: ' '})
				x += 3
				continue
			}
			c.chars = append(c.chars, char{r: r, box: Box{x, y, x + 5, y + 10}, size: 10, font: l.font, unmapped: l.unmapped})
			x += 5
		}
		c.chars = append(c.chars, char{r: ' '})
	}
	return c
}

type fontLine struct {
	text     string
	font     uint16
	unmapped bool
}

// realText is what must be trusted, one font each.
var realText = map[string][]string{
	"English":       {"Drain the boiler through the lower valve.", "Then open the upper one, and wait until no more steam comes out."},
	"German":        {"Entleeren Sie den Kessel über das untere Ventil.", "Öffnen Sie danach das obere und warten Sie, bis kein Dampf mehr austritt."},
	"Spanish":       {"Vacíe la caldera por la válvula inferior.", "Después abra la superior y espere a que no salga más vapor."},
	"French":        {"Videz la chaudière par la vanne du bas.", "Ouvrez ensuite celle du haut et attendez que la vapeur ne sorte plus."},
	"Italian":       {"Svuotare la caldaia dalla valvola inferiore.", "Aprire poi quella superiore e attendere che non esca più vapore."},
	"Dutch":         {"Laat de ketel via de onderste klep leeglopen.", "Open daarna de bovenste en wacht tot er geen stoom meer uitkomt."},
	"Portuguese":    {"Esvazie a caldeira pela válvula inferior.", "Depois abra a de cima e espere até não sair mais vapor."},
	"Polish":        {"Opróżnij kocioł przez dolny zawór.", "Następnie otwórz górny i poczekaj, aż para przestanie wychodzić."},
	"Finnish":       {"Tyhjennä kattila alemman venttiilin kautta.", "Avaa sitten ylempi ja odota, kunnes höyryä ei enää tule."},
	"Turkish":       {"Kazanı alttaki vanadan boşaltın.", "Sonra üsttekini açın ve buhar çıkmayana kadar bekleyin."},
	"Hungarian":     {"Ürítse le a kazánt az alsó szelepen át.", "Ezután nyissa ki a felsőt, és várjon, míg nem jön több gőz."},
	"Russian":       {"Слейте воду из котла через нижний клапан.", "Затем откройте верхний и подождите, пока пар не перестанет выходить."},
	"Greek":         {"Αδειάστε τον λέβητα από την κάτω βαλβίδα.", "Μετά ανοίξτε την πάνω και περιμένετε να μη βγαίνει ατμός."},
	"Arabic":        {"أفرغ الغلاية من الصمام السفلي", "ثم افتح الصمام العلوي وانتظر حتى يتوقف البخار"},
	"Hebrew":        {"רוקן את הדוד דרך השסתום התחתון", "אחר כך פתח את העליון והמתן עד שלא יצאו אדים"},
	"Thai":          {"ระบายน้ำออกจากหม้อต้มทางวาล์วด้านล่าง"},
	"Chinese":       {"请先关闭电源，然后打开下面的阀门排水。", "等到没有蒸汽出来为止。"},
	"traditional":   {"請先關閉電源，然後打開下面的閥門排水。"},
	"Japanese":      {"電源を切ってから、下のバルブを開いて水を抜いてください。", "フィルターを掃除する。"},
	"Korean":        {"전원을 끄고 아래 밸브를 열어 물을 빼십시오."},
	"capitals":      {"WARNING HIGH VOLTAGE", "DISCONNECT THE SUPPLY BEFORE SERVICING"},
	"error codes":   {"E01 E02 E03 E10 F1 F2 F33 H5 P4 U4 L9 E-12 E-13 4C 5E tE1 dE2"},
	"part numbers":  {"AH-AP9SMD AU-A18SED 9J.17N72.001 4055-123456 VL406T 5F.LSHPP.001 DC96-00887A", "B5950-8 SKU-XQ7-ZR LTM185AT01 QWK88-TB"},
	"figures":       {"7 1.0 12 1.5 17 2.0 23 2.5 28 3.0 34 3.5 39 4.0 45 4.5 50 5.0 56 5.5", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"},
	"wiring":        {"CN1 CN2 BK BN GNYE L1 L2 N PE TB1-3 RX0M RX0P SCL SDA HSI VSI", "GAIGI1 VCC3V3 XTLI XTLO BLKPWM_EN IC601_6 D808_J HV_FB"},
	"leaders":       {"Contents ................................ 5", "Drain valve ............................ 17"},
	"abbreviations": {"MCCB RCD GFCI PCB HMI PLC VFD EEV IPM PFC BLDC NTC PTC SMPS"},
	"bullets":       {"\uf0b7 Press the key", "\uf0b7 Wait for the signal"},
	"icons":         {"\uf025 \uf025 \uf026"},
	"symbols":       {"≤ ≥ ± × ÷ ° µ Ω → ← ▲ ▼ ● ○ ✓ ✗ ℃"},
	"hex":           {"0x1F 0xA0 DEADBEEF 00FF 7E 7F C0DE"},
}

func TestRealTextIsTrusted(t *testing.T) {
	for name, lines := range realText {
		var page []fontLine
		for _, text := range lines {
			page = append(page, fontLine{text, 1, false})
		}
		p := layOut(printed(page...))
		for i, l := range p.Lines {
			if l.Cipher {
				t.Errorf("%s: %q is taken for a cipher", name, p.LineText(i))
			}
		}
		if len(p.Lines) < len(lines) {
			t.Errorf("%s: %d lines of %d", name, len(p.Lines), len(lines))
		}
	}
}

// TestRealTextWithoutAMapIsTrusted looks at fonts of which the file does not say
// what their characters are, and PDFium has guessed right.
func TestRealTextWithoutAMapIsTrusted(t *testing.T) {
	for _, name := range []string{"English", "German", "Spanish", "French", "Italian", "Dutch", "Portuguese", "capitals", "part numbers", "figures", "leaders", "error codes"} {
		var page []fontLine
		for _, text := range realText[name] {
			page = append(page, fontLine{text, 1, true})
		}
		p := layOut(printed(page...))
		for i, l := range p.Lines {
			if l.Cipher {
				t.Errorf("%s: %q is taken for a cipher", name, p.LineText(i))
			}
		}
	}
}

func moved(s string, by rune) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' {
			return r
		}
		return r + by
	}, s)
}

func TestMovedCharactersAreACipher(t *testing.T) {
	for _, name := range []string{"English", "German", "Spanish", "French", "Italian", "Dutch", "Portuguese", "capitals"} {
		for _, by := range []rune{-29, -31, 29, 31, 1, -1, 0x293, 0xf000 - 29} {
			for _, unmapped := range []bool{false, true} {
				var page []fontLine
				for _, text := range realText[name] {
					if name != "English" && name != "capitals" && by < 0 {
						// Accents are far from the letters: codes of glyphs are not.
						text = strings.Map(func(r rune) rune {
							if r > unicode.MaxASCII {
								return 'e'
							}
							return r
						}, text)
					}
					page = append(page, fontLine{moved(text, by), 1, unmapped})
				}
				page = append(page, fontLine{"This line is in another font.", 2, false})
				p := layOut(printed(page...))
				for i, l := range p.Lines {
					if want := !strings.HasSuffix(p.LineText(i), "font."); l.Cipher != want {
						t.Errorf("%s moved by %d: %q cipher %v", name, by, p.LineText(i), l.Cipher)
					}
				}
				if trusted := p.Trusted(); len(trusted.Words) != 6 || trusted.Lines[0].First != 0 {
					t.Errorf("trusted are %d words", len(trusted.Words))
				}
			}
		}
	}
}

func TestExchangedLettersAreACipher(t *testing.T) {
	text := strings.Join(realText["English"], " ") + " " + "The heater is switched by a relay on the board, and the board reads its sensor twice a second."
	found := 0
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 7))
		to := rnd.Perm(26)
		exchanged := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return 'a' + rune(to[r-'a'])
			}
			return r
		}, text)
		if p := layOut(printed(fontLine{exchanged, 1, false})); p.Lines[0].Cipher {
			found++
		}
	}
	if found < 90 { // some exchanges leave the usual letters usual
		t.Errorf("%d of 100 are found", found)
	}
}

func TestCharactersWithoutACodeAreACipher(t *testing.T) {
	p := layOut(printed(
		fontLine{"\ufffd\ufffd\ufffde \ufffd\ufffda\ufffd\ufffd", 1, true},
		fontLine{"\ufffd Close the lid.", 2, true},
	))
	if !p.Lines[0].Cipher {
		t.Errorf("%q is trusted", p.LineText(0))
	}
	if p.LineText(1) != "Close the lid." || p.Lines[1].Cipher {
		t.Errorf("%q, cipher %v", p.LineText(1), p.Lines[1].Cipher)
	}
}

func TestRandomIdeographsAreACipher(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) string {
		var sb strings.Builder
		for range n {
			sb.WriteRune(0x3400 + rnd.Int32N(0x9fa5-0x3400))
		}
		return sb.String()
	}
	for range 20 {
		p := layOut(printed(fontLine{noise(30), 1, false}, fontLine{"请先关闭电源然后打开下面的阀门排水", 2, false}))
		if !p.Lines[0].Cipher || p.Lines[1].Cipher {
			t.Errorf("%q cipher %v, %q cipher %v", p.LineText(0), p.Lines[0].Cipher, p.LineText(1), p.Lines[1].Cipher)
		}
	}
}

func TestALineOfTwoFontsIsACipherIfPartOfItIs(t *testing.T) {
	c := printed(fontLine{moved("Inspect the cover as the maker says", -31), 1, true}, fontLine{"see the user manual", 2, false})
	for i := range c.chars {
		if c.chars[i].font == 2 {
			c.chars[i].box.Y0 -= 14
			c.chars[i].box.Y1 -= 14
			c.chars[i].box.X0 += 300
			c.chars[i].box.X1 += 300
		}
	}
	p := layOut(c)
	for i, l := range p.Lines {
		if own := strings.Contains(p.LineText(i), "JOTQFDU") || l.Count > 6; own && !l.Cipher {
			t.Errorf("%q is trusted", p.LineText(i))
		}
	}
}
