package chain

import (
	"context"
	"log/slog"
	"strings"

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

// falseAlarms are warnings that say nothing of this node's health: what the
// freezer finds in a new database before the genesis block is in it (a head that
// is really lost makes Open fail), the blob pool before the first final block,
// and calls that were answered with an error, which their callers handle.
var falseAlarms = []string{"Head block is not reachable", "Nil finalized block cannot evict old blobs", "Served "}

// warnings drops everything below slog.LevelWarn, and false alarms.
type warnings struct{ slog.Handler }

func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	for _, prefix := range falseAlarms {
		if r.Level == slog.LevelWarn && strings.HasPrefix(r.Message, prefix) {
			return nil
		}
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
