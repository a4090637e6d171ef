package eth

import (
	"context"
	"fmt"
	"math/big"
	"slices"

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
// The proof begins with the header of known, the number of a block that the verifier trusts: some 700 bytes for every block since. What
// was anchored before it is proven in its state. If that cannot be proven yet, or known is 0, it begins with the genesis header.
func (c *Client) AnchorProof(ctx context.Context, log ledger.Hash, size, block, known uint64) (ledger.AnchorProof, bool, error) {
	proof, known, found, err := c.anchorState(ctx, log, size, block, known)
	if err != nil || !found {
		return ledger.AnchorProof{}, false, err
	}
	if proof.Headers, err = c.Headers(ctx, known, proof.Block); err != nil {
		return ledger.AnchorProof{}, false, fmt.Errorf("proving the anchor of log %s at %d: %w", log, size, err)
	}
	return proof, true, nil
}

// AnchorProvable reports whether AnchorProof would find a proof, without making it.
func (c *Client) AnchorProvable(ctx context.Context, log ledger.Hash, size uint64, block uint64) (bool, error) {
	_, _, found, err := c.anchorState(ctx, log, size, block, 0)
	return found, err
}

// anchorState is the proof but for its headers, in the state after block, or known if that comes later, or after the
// last block that can be proven to verifiers; and the block that its headers begin with: known, unless it is beyond that last one.
func (c *Client) anchorState(ctx context.Context, log ledger.Hash, size, block, known uint64) (proof ledger.AnchorProof, first uint64, found bool, err error) {
	wrap := func(err error) (ledger.AnchorProof, uint64, bool, error) {
		return ledger.AnchorProof{}, 0, false, fmt.Errorf("proving the anchor of log %s at %d: %w", log, size, err)
	}
	last, err := c.ProvableBlock(ctx)
	if err != nil {
		return wrap(err)
	}
	if block > last {
		return ledger.AnchorProof{}, 0, false, nil
	}
	if known <= last {
		first = known
	}
	for _, at := range []uint64{max(block, first), last} {
		proof, found, err := c.prove(ctx, log, size, at)
		if err != nil {
			return wrap(err)
		}
		if found {
			return proof, first, true, nil
		}
	}
	return ledger.AnchorProof{}, 0, false, nil
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

// slotsAtOnce is how many slots one request has proven; nodes take some 1,000.
const slotsAtOnce = 256

// AnchorProofs proves roots of a log at many sizes in the state after a block, of which [Client.ProvableBlock] is the
// last that verifiers take: the proof has no Storage, and the nodes of each size are beside it. False if one of them is not anchored there.
func (c *Client) AnchorProofs(ctx context.Context, log ledger.Hash, sizes []uint64, block uint64) (proof ledger.AnchorProof, storage [][]ledger.Bytes, found bool, err error) {
	proof.Block = block
	for some := range slices.Chunk(sizes, slotsAtOnce) {
		slots := make([]string, len(some))
		for i, size := range some {
			slots[i] = verify.AnchorSlot(log, size).String()
		}
		answer, err := gethclient.New(c.cfg.Client.Client()).GetProof(ctx, common.Address(c.cfg.Addresses.Anchors), slots, new(big.Int).SetUint64(block))
		if err != nil {
			return proof, nil, false, fmt.Errorf("proving anchors of log %s: %w", log, err)
		}
		if proof.Account, err = nodes(answer.AccountProof); err == nil && len(answer.StorageProof) != len(slots) {
			err = fmt.Errorf("%d proofs of %d slots", len(answer.StorageProof), len(slots))
		}
		if err != nil {
			return proof, nil, false, fmt.Errorf("proving anchors of log %s: malformed answer: %w", log, err)
		}
		for _, s := range answer.StorageProof {
			one, err := nodes(s.Proof)
			if err != nil {
				return proof, nil, false, fmt.Errorf("proving anchors of log %s: %w", log, err)
			}
			if s.Value.Sign() == 0 {
				return proof, nil, false, nil
			}
			storage = append(storage, one)
		}
	}
	return proof, storage, true, nil
}

// ProvableBlock is the last block whose state can be proven to verifiers: final, with the confirmations they want on top.
func (c *Client) ProvableBlock(ctx context.Context) (uint64, error) {
	final, err := c.FinalBlock(ctx)
	if err != nil {
		return 0, err
	}
	head, err := c.Head(ctx)
	return min(final, head-min(head, c.cfg.Confirmations)), err
}

// Headers returns the RLP of all headers from the first block to the confirmations on top of another.
func (c *Client) Headers(ctx context.Context, first, block uint64) (all []ledger.Bytes, err error) {
	err = c.headers(ctx, first, block+c.cfg.Confirmations, func(h *types.Header) error {
		enc, err := rlp.EncodeToBytes(h)
		all = append(all, enc)
		return err
	})
	return all, err
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
