package eth

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient/gethclient"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
)

// AnchorProof proves that the root of a log at a size is on the chain, to be
// checked with [verify.Anchor]. block is what [Transactor.Anchor] returned; if a
// reorganisation has moved the anchor since, it is proven in the last final block
// instead. While the anchor is not final the answer is false and no error.
//
// The proof begins with the genesis header: some 700 bytes for every block since.
func (c *Client) AnchorProof(ctx context.Context, log ledger.Hash, size uint64, block uint64) (ledger.AnchorProof, bool, error) {
	proof, found, err := c.anchorState(ctx, log, size, block)
	if err != nil || !found {
		return ledger.AnchorProof{}, false, err
	}
	err = c.headers(ctx, 0, proof.Block+c.cfg.Confirmations, func(h *types.Header) error {
		enc, err := rlp.EncodeToBytes(h)
		proof.Headers = append(proof.Headers, enc)
		return err
	})
	if err != nil {
		return ledger.AnchorProof{}, false, fmt.Errorf("proving the anchor of log %s at %d: %w", log, size, err)
	}
	return proof, true, nil
}

// AnchorProvable reports whether AnchorProof would find a proof, without making it.
func (c *Client) AnchorProvable(ctx context.Context, log ledger.Hash, size uint64, block uint64) (bool, error) {
	_, found, err := c.anchorState(ctx, log, size, block)
	return found, err
}

// anchorState is the proof but for its headers, in the state after block or after the
// last block that can be proven to verifiers.
func (c *Client) anchorState(ctx context.Context, log ledger.Hash, size uint64, block uint64) (ledger.AnchorProof, bool, error) {
	wrap := func(err error) (ledger.AnchorProof, bool, error) {
		return ledger.AnchorProof{}, false, fmt.Errorf("proving the anchor of log %s at %d: %w", log, size, err)
	}
	final, err := c.FinalBlock(ctx)
	if err != nil {
		return wrap(err)
	}
	head, err := c.Head(ctx)
	if err != nil {
		return wrap(err)
	}
	last := min(final, head-min(head, c.cfg.Confirmations)) // final, and deep enough for verifiers
	if block > last {
		return ledger.AnchorProof{}, false, nil
	}
	for _, at := range []uint64{block, last} {
		proof, found, err := c.prove(ctx, log, size, at)
		if err != nil {
			return wrap(err)
		}
		if found {
			return proof, true, nil
		}
	}
	return ledger.AnchorProof{}, false, nil
}

// prove asks for the trie nodes in the state after block, false if the slot is
// empty there.
func (c *Client) prove(ctx context.Context, log ledger.Hash, size, block uint64) (ledger.AnchorProof, bool, error) {
	slot := verify.AnchorSlot(log, size)
	answer, err := gethclient.New(c.cfg.Client.Client()).GetProof(ctx,
		common.Address(c.cfg.Addresses.Anchors), []string{slot.String()}, new(big.Int).SetUint64(block))
	if err != nil {
		return ledger.AnchorProof{}, false, err
	}
	if len(answer.StorageProof) != 1 || answer.StorageProof[0].Value.Sign() == 0 {
		return ledger.AnchorProof{}, false, nil
	}
	proof := ledger.AnchorProof{Block: block}
	if proof.Account, err = nodes(answer.AccountProof); err != nil {
		return ledger.AnchorProof{}, false, err
	}
	if proof.Storage, err = nodes(answer.StorageProof[0].Proof); err != nil {
		return ledger.AnchorProof{}, false, err
	}
	return proof, true, nil
}

func nodes(hexed []string) ([]ledger.Bytes, error) {
	out := make([]ledger.Bytes, len(hexed))
	for i, h := range hexed {
		b, err := hexutil.Decode(h)
		if err != nil {
			return nil, fmt.Errorf("trie node %d: %w", i, err)
		}
		out[i] = b
	}
	return out, nil
}
