package search

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// printedCode draws a code as displays and tables print them.
func printedCode(t *rapid.T) string {
	return rapid.OneOf(
		rapid.StringMatching(`[A-Z]{1,3}[1-9][0-9]{0,2}`),
		rapid.StringMatching(`[A-Z]{1,2}0[1-9]`),
		rapid.StringMatching(`[A-Z]{2,3}`),
		rapid.StringMatching(`[A-Z][0-9]{2}[A-Z]`),
		rapid.StringMatching(`[A-Z]{2}-[A-Z]`),
	).Draw(t, "code")
}

// retyped draws a way in which somebody types a code.
func retyped(t *rapid.T, code string) string {
	out := code
	if rapid.Bool().Draw(t, "lower case") {
		out = strings.ToLower(out)
	}
	if sign := rapid.SampledFrom([]string{"", " ", "-", "–", "_"}).Draw(t, "sign"); sign != "" {
		at := strings.IndexFunc(out, unicode.IsDigit)
		if at > 0 {
			out = out[:at] + sign + out[at:]
		}
	}
	if rapid.Bool().Draw(t, "spaces") {
		out = " " + out + " "
	}
	return out
}

func TestACodeIsFoundHoweverItIsTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := printedCode(t)
		typed := retyped(t, code)
		if codeKey(typed) != codeKey(code) {
			t.Errorf("%q typed as %q: %q, want %q", code, typed, codeKey(typed), codeKey(code))
		}
	})
}

func TestZerosAndTheLetterOAreForgivenLoosely(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringMatching(`[A-NP-Z]{1,3}`).Draw(t, "letters")
		number := rapid.StringMatching(`[1-9]0{0,2}[1-9]?`).Draw(t, "number")
		zeros := rapid.StringMatching(`0{0,2}`).Draw(t, "zeros")
		printed := letters + zeros + number
		for _, typed := range []string{letters + number, letters + "0" + number, letters + strings.ReplaceAll(zeros+number, "0", "O")} {
			if a, b := looseKey(codeKey(typed)), looseKey(codeKey(printed)); a != b {
				t.Errorf("%q for %q: %q, want %q", typed, printed, a, b)
			}
		}
	})
}

func TestDifferentCodesNeverHaveTheSameKey(t *testing.T) {
	// What a display tells apart: letters, digits and how many dashes stand for
	// digits, but not the case of segments or the sign between letters and number.
	same := func(s string) string {
		dashes := len(s) - len(strings.TrimLeft(s, "-"))
		letters := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(s))
		if dashes < 2 {
			dashes = 0
		}
		return strings.Repeat("-", dashes) + letters
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.OneOf(rapid.Custom(printedCode), rapid.StringMatching(`-{2,3}[A-Z]?`))
		a, b := code.Draw(t, "a"), code.Draw(t, "b")
		if (codeKey(a) == codeKey(b)) != (same(a) == same(b)) {
			t.Errorf("%q has the key %q and %q has %q", a, codeKey(a), b, codeKey(b))
		}
	})
}

func TestKeysOfKeysAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.Custom(printedCode), rapid.String()).Draw(t, "text")
		key := codeKey(s)
		if codeKey(key) != key {
			t.Errorf("codeKey(%q) is %q, and its key %q", s, key, codeKey(key))
		}
		if loose := looseKey(key); looseKey(loose) != loose {
			t.Errorf("looseKey(%q) is %q, and its own %q", key, loose, looseKey(loose))
		}
	})
}

func TestRangesHoldTheCodesBetweenTheirEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letter := rapid.StringMatching(`[A-Z]`).Draw(t, "letter")
		from := rapid.IntRange(1, 80).Draw(t, "from")
		n := rapid.IntRange(1, 19).Draw(t, "n")
		format := func(i int) string {
			digits := []byte{byte('0' + i/10), byte('0' + i%10)}
			return letter + string(digits)
		}
		sign := rapid.SampledFrom([]string{"-", "–", " to ", "…", "~"}).Draw(t, "sign")
		got := expandRange(format(from) + sign + format(from+n))
		if len(got) != n+1 {
			t.Fatalf("%q gives %d codes, want %d", format(from)+sign+format(from+n), len(got), n+1)
		}
		for i, c := range got {
			if c != format(from+i) {
				t.Errorf("code %d is %q, want %q", i, c, format(from+i))
			}
		}
	})
}
