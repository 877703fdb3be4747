package textnorm

import "strings"

// functionWords are the most frequent short words of each language that tell
// it from its neighbours.
var functionWords = map[string][]string{
	"da": strings.Fields("og at det som på er af til den med for ikke der et kan skal fra ved eller hvis være når"),
	"de": strings.Fields("der die das und ist nicht mit auf für von zu den dem des ein eine wird werden bei oder wenn im sich nach auch was wie bis zum zur muss kann"),
	"el": strings.Fields("και το να του της η των για με από στο την δεν είναι"),
	"en": strings.Fields("the of and to is in for with on or be not if this that are from by when what how it does which at an"),
	"es": strings.Fields("el la los las y en que de del por con para una un no se es su como cuando qué cuánto está o si al"),
	"fi": strings.Fields("ja on ei se että jos tai kun ole voi sen ovat kanssa mukaan"),
	"fr": strings.Fields("le la les et des du un une est pour dans que qui par sur avec ne pas ou si au aux en ce cette être"),
	"hu": strings.Fields("és a az nem hogy ha vagy egy van meg is kell csak"),
	"it": strings.Fields("il lo la gli le di e che per con non una un del della è sono nel se o alla da essere"),
	"nl": strings.Fields("de het een en van is niet met op voor te dat of als zijn door wordt bij aan naar deze moet"),
	"no": strings.Fields("og det som på er av til den med for ikke et kan skal fra ved eller hvis være når må"),
	"pl": strings.Fields("i w na z nie się do jest że lub oraz od po przez być jeśli"),
	"cs": strings.Fields("a v na je se z nebo pro do že při není být když"),
	"pt": strings.Fields("o a os as e de do da que em para com não uma um por se no na ou ao é são quando"),
	"ro": strings.Fields("și în de la cu nu pentru este care din sau pe un o să"),
	"ru": strings.Fields("и в не на с что для по или при из от к как если это"),
	"sv": strings.Fields("och att det som på är av till den med för inte en kan ska från vid eller om ett när"),
	"tr": strings.Fields("ve bir bu için ile da de olarak veya değil eğer gibi"),
}

var languagesOfWord = func() map[string][]string {
	m := map[string][]string{}
	for l, words := range functionWords {
		for _, w := range words {
			m[w] = append(m[w], l)
		}
	}
	return m
}()

// IsFunctionWord reports whether a folded word is one of the frequent short words
// by which languages are told apart.
func IsFunctionWord(word string) bool { return languagesOfWord[word] != nil }

// LanguageVotes adds to votes how many function words of each language, ISO 639-1,
// are among the folded tokens. A word that several languages share is split
// between them.
func LanguageVotes(tokens []string, votes map[string]float64) {
	for _, t := range tokens {
		ls := languagesOfWord[t]
		for _, l := range ls {
			votes[l] += 1 / float64(len(ls))
		}
	}
}

// DetectLanguage names the language of folded tokens, ISO 639-1, or "" when they
// are too few or undecided. least is the number of votes that decide.
func DetectLanguage(tokens []string, least float64) string {
	votes := map[string]float64{}
	LanguageVotes(tokens, votes)
	best, second := "", 0.0
	for l, v := range votes {
		switch {
		case best == "" || v > votes[best] || v == votes[best] && l < best:
			if best != "" {
				second = max(second, votes[best])
			}
			best = l
		default:
			second = max(second, v)
		}
	}
	if best == "" || votes[best] < least || votes[best] < 1.2*second {
		return ""
	}
	return best
}
