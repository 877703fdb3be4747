package pdf

import (
	"context"
)

// Finding is something in a file that does more than to be read.
type Finding struct {
	// Kind is one of javascript, launch, submit-form, import-data, rich-media,
	// embedded-executable and unscreenable.
	Kind   string `json:"kind"`
	Object int    `json:"object"`           // number of the PDF object; 0 when it is none
	Detail string `json:"detail,omitempty"` // what was seen, for an administrator
}

// Screen looks for active content.
func (e *Engine) Screen(ctx context.Context, path string) ([]Finding, error) {
	file, err := e.open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	release, err := acquire(ctx, e.slots)
	if err != nil {
		return nil, err
	}
	defer release()
	var found []Finding
	req := request{Op: opScreen, Limits: e.limits, Background: true}
	err = e.work(ctx, file, req, &budget{left: e.limits.FileTime}, func(m *message) error {
		if m.Finding != nil {
			found = append(found, *m.Finding)
		}
		return nil
	})
	return found, err
}

func (w *worker) screen() error { return w.send(message{Ready: true}) }
