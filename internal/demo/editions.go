package demo

import "io"

// edition is a manual and what is printed in it.
type edition struct {
	manual Manual
}

// editions returns the editions of the demo library.
func editions() []edition {
	return []edition{
		{manual: Manual{
			FileName: "cindervale-rx280-rx440-service.pdf", Title: "RapidHearth RX-280 / RX-440 Service Manual",
			Manufacturer: "Cindervale", Models: []string{"RX-280", "RX-440"}, Type: "service", Revision: "C", Language: "en",
		}},
	}
}

func (e edition) write(w io.Writer) error { return nil }
