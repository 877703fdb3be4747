package config

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
)

const redacted = "[redacted]"

// Secret is a text that is never printed: only Reveal returns it.
type Secret string

// Reveal returns the secret.
func (s Secret) Reveal() string { return string(s) }

// String returns a placeholder, or "" for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// GoString returns a placeholder.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// LogValue returns a placeholder.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns a placeholder.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Size is a number of bytes, written as 512MB, 1GB or plain bytes. The units are
// powers of 1024.
type Size int64

var sizeUnits = []struct {
	suffix string
	bytes  Size
}{{"TB", 1 << 40}, {"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"B", 1}}

// UnmarshalText reads a size.
func (s *Size) UnmarshalText(text []byte) error {
	number, unit := strings.ToUpper(strings.TrimSpace(string(text))), Size(1)
	number = strings.Replace(number, "IB", "B", 1)
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v >= 0 && v*float64(unit) < math.MaxInt64) { // refuses NaN too
		return fmt.Errorf("%q is not a size: write a number and a unit, such as 200MB or 1GB", text)
	}
	*s = Size(v * float64(unit))
	return nil
}

// String writes the size with the largest unit that fits without a remainder.
func (s Size) String() string {
	for _, u := range sizeUnits {
		if s >= u.bytes && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.suffix
		}
	}
	return "0"
}

// MarshalText writes the size like String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
