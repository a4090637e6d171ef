package chain

import (
	"errors"

	"github.com/ethereum/go-ethereum/core/types"
)

// Pool puts transactions into the pool, as a peer's message does, and waits until
// they may go into a block.
func (n *Node) Pool(txs []*types.Transaction) error {
	return errors.Join(n.eth.TxPool().Add(txs, true)...)
}
