package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// TileHeight is how many levels of a log's tree a tile holds: up to 256 hashes,
// each over 256 of the level below (C2SP tlog-tiles).
const TileHeight = 8

// ReadTile returns the first width hashes, 1 to 256, of tile n at a level of
// tiles, 32 bytes each. The log that r reads must have them.
func ReadTile(level int, n int64, width int, r HashReader) ([]byte, error) {
	data, err := tlog.ReadTileData(tlog.Tile{H: TileHeight, L: level, N: n, W: width}, r)
	if err != nil {
		return nil, fmt.Errorf("tile %d of level %d: %w", n, level, err)
	}
	return data, nil
}
