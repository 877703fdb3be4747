package jobs

import (
	"context"
	"log/slog"

	"github.com/riverqueue/river/rivertype"
)

type jobRow = rivertype.JobRow

// quiet passes on River's warnings only: its information lines are about its
// own parts and would come every few seconds.
type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
