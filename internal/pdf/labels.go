package pdf

// PrintedLabels returns the printed label of each page, "" where it is not known.
func PrintedLabels(pages []Page) []string {
	out := make([]string, len(pages))
	for i, p := range pages {
		out[i] = p.Label
	}
	return out
}
