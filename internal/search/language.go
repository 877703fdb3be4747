package search

// configs maps languages to PostgreSQL's text search configurations.
var configs = map[string]string{
	"ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
	"fi": "finnish", "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian",
	"pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}

// config returns the text search configuration for a language; "simple", which
// neither stems nor drops words, for those without one.
func config(language string) string {
	if c, ok := configs[language]; ok {
		return c
	}
	return "simple"
}
