package pdf

import "errors"

func (d *document) render(i, width, maxPixels int, highlights []Box) ([]byte, error) {
	return nil, errors.New("not implemented")
}
