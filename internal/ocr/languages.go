package ocr

import "strings"

// english is the pack that has to be there: it is read with when the manual's own
// is not installed.
const english = "eng"

// packs are tesseract's language packs by ISO 639-1.
var packs = map[string]string{
	"bg": "bul", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": english, "es": "spa",
	"et": "est", "fi": "fin", "fr": "fra", "hr": "hrv", "hu": "hun", "it": "ita", "ja": "jpn",
	"ko": "kor", "lt": "lit", "lv": "lav", "nb": "nor", "nl": "nld", "no": "nor", "pl": "pol",
	"pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sl": "slv", "sr": "srp", "sv": "swe",
	"tr": "tur", "uk": "ukr", "zh": "chi_sim",
}

// guesses are the languages that a page in an unknown one is read with: those of
// most manuals. More of them cost more time and more mistakes.
var guesses = []string{english, "deu", "spa"}

// pack returns the pack, or packs, to read a language with.
func (s Status) pack(language string) string {
	if p := packs[language]; s.packs[p] {
		return p
	}
	if language != "" {
		return english
	}
	var known []string
	for _, p := range guesses {
		if s.packs[p] {
			known = append(known, p)
		}
	}
	return strings.Join(known, "+")
}
