package chain

import (
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

// headersAfter answers a GetHeaders.
func (n *Node) headersAfter(locator []Hash) []*types.Header {
	bc := n.eth.BlockChain()
	var last *types.Header
	for _, hash := range locator {
		if h := bc.GetHeaderByHash(hash); h != nil && bc.GetCanonicalHash(h.Number.Uint64()) == hash {
			last = h
			break
		}
	}
	if last == nil {
		return nil
	}
	var headers []*types.Header
	hash := last.Hash()
	for len(headers) < mpow.MaxHeaders {
		next := bc.GetHeaderByNumber(last.Number.Uint64() + 1)
		if next == nil || next.ParentHash != hash { // the end, or a reorganisation under way
			break
		}
		headers, last, hash = append(headers, next), next, next.Hash()
	}
	return headers
}

// bodies answers a GetBodies.
func (n *Node) bodies(hashes []Hash) []mpow.Body {
	var bodies []mpow.Body
	size := uint64(0)
	for _, hash := range hashes {
		block := n.eth.BlockChain().GetBlockByHash(hash)
		if block == nil || size >= mpow.SoftBodies {
			break
		}
		size += block.Size()
		bodies = append(bodies, mpow.Body{Transactions: block.Transactions(), Withdrawals: block.Withdrawals()})
	}
	return bodies
}

// locator names blocks of our chain, newest first and ever further apart, down to
// the last final block: whatever we may follow branches off at one of them or
// between two.
func (n *Node) locator() []Hash {
	bc := n.eth.BlockChain()
	head, final := bc.CurrentBlock().Number.Uint64(), n.Finalized()
	var hashes []Hash
	for back, step := uint64(0), uint64(1); head > final.Number+back; back += step {
		hashes = append(hashes, bc.GetCanonicalHash(head-back))
		if len(hashes) > 8 {
			step *= 2
		}
	}
	return append(hashes, final.Hash)
}
