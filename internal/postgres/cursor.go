package postgres

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/techcopilot/techcopilot/internal/errdefs"
)

// Cursor is the last row of a part of a list that is in the order of a time, to the
// microsecond, and an id.
type Cursor struct {
	Time time.Time
	ID   uuid.UUID
}

// String returns the cursor as text that ParseCursor reads, without meaning to others.
func (c Cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", c.Time.UnixMicro(), c.ID))
}

// ParseCursor reads a cursor that String has written.
//
// Errors: CURSOR_INVALID.
func ParseCursor(s string) (Cursor, error) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	micros, id, _ := strings.Cut(string(raw), " ")
	t, terr := strconv.ParseInt(micros, 10, 64)
	u, uerr := uuid.Parse(id)
	if err := errors.Join(err, terr, uerr); err != nil {
		return Cursor{}, errdefs.Wrap(err, errdefs.Invalid, "CURSOR_INVALID", "The cursor is not one of ours. Start again without it.")
	}
	return Cursor{time.UnixMicro(t), u}, nil
}
