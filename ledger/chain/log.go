package chain

import (
	"context"
	"log/slog"

	"github.com/ethereum/go-ethereum/log"
)

// gethLogger hides the concrete type of go-ethereum's logger, because installing
// that one would replace slog's default logger as well.
type gethLogger struct{ log.Logger }

// routeGethLog sends go-ethereum's warnings and errors to logger.
func routeGethLog(logger *slog.Logger) {
	h := warnings{logger.With("component", "go-ethereum").Handler()}
	log.SetDefault(gethLogger{log.NewLogger(h)})
}

// falseAlarm is what go-ethereum's freezer warns of when it looks at a new database
// before the genesis block is in it. A head that is really lost makes Open fail.
const falseAlarm = "Head block is not reachable"

// warnings drops everything below slog.LevelWarn, and the false alarm.
type warnings struct{ slog.Handler }

func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == falseAlarm {
		return nil
	}
	return w.Handler.Handle(ctx, r)
}

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
