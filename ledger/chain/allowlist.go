package chain

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"
)

// maxAllowList bounds a list of allowed peers, in bytes.
const maxAllowList = 1 << 20

// AllowList is a file of the peers a node speaks with: an enode URL or a node id (64
// hex digits) a line; what follows a # is ignored. It is read again when it changes.
// While it cannot be read or holds anything else, nobody is allowed. Connections
// that exist stay.
type AllowList struct {
	path string
	log  *slog.Logger

	mu    sync.Mutex
	stamp fileStamp
	ids   map[PeerID]bool
}

type fileStamp struct {
	time time.Time
	size int64
}

// OpenAllowList reads the file at path. log hears of later versions that are bad.
func OpenAllowList(path string, log *slog.Logger) (*AllowList, error) {
	if path == "" || log == nil {
		return nil, fmt.Errorf("%w: path and log of the allow-list are required", ErrConfig)
	}
	l := &AllowList{path: path, log: log}
	if err := l.refresh(); err != nil {
		return nil, err
	}
	return l, nil
}

// Allows is for Config.AllowPeer.
func (l *AllowList) Allows(id PeerID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.refresh(); err != nil {
		l.log.Warn("allow-list is not readable: no peer is allowed", "err", err)
		l.ids, l.stamp = nil, fileStamp{}
	}
	return l.ids[id]
}

// refresh reads the file if it is not the one read before.
func (l *AllowList) refresh() error {
	info, err := os.Stat(l.path)
	if err != nil {
		return err
	}
	stamp := fileStamp{info.ModTime(), info.Size()}
	if l.ids != nil && stamp == l.stamp {
		return nil
	}
	if stamp.size > maxAllowList {
		return fmt.Errorf("%s is larger than %d bytes", l.path, maxAllowList)
	}
	raw, err := os.ReadFile(l.path)
	if err != nil {
		return err
	}
	ids := map[PeerID]bool{}
	for line := range strings.Lines(string(raw)) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		id, err := parsePeer(line)
		if err != nil {
			return fmt.Errorf("%s: %w", l.path, err)
		}
		ids[id] = true
	}
	l.ids, l.stamp = ids, stamp
	return nil
}

func parsePeer(text string) (id PeerID, err error) {
	if strings.HasPrefix(text, "enode://") {
		node, err := enode.ParseV4(text)
		if err != nil {
			return id, fmt.Errorf("%q: %w", text, err)
		}
		return node.ID(), nil
	}
	raw, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err == nil && len(raw) != len(id) {
		err = errors.New("not 64 hex digits")
	}
	if err != nil {
		return id, fmt.Errorf("%q is neither an enode URL nor a node id: %w", text, err)
	}
	return PeerID(raw), nil
}
