// Package verify checks, without a node, what a proof says of the ledger.
//
// # Promise
//
// A proof that passes [Anchor] shows that a contract at the trusted address held
// the root for the log at that size, in a block of a chain of sealed blocks that
// begins with the trusted genesis block, or with a later block that is trusted as well, and that the trusted number of blocks
// were sealed on top. No byte of a proof is left unread: one that is changed,
// missing or superfluous is refused with a [*ledger.MismatchError] naming the part.
//
// # Assumption
//
// The verifier got the genesis hash, the rule and the address of the contract from
// someone she trusts. Keccak-256 resists collisions.
//
// # What it does not protect against
//
// Headers show work, not agreement: whoever can outdo the work of the blocks on
// top can show a chain of her own, with any state. Confirmations are the price of
// that. Nor do headers show that the transactions in between were valid. The root
// says nothing of what is under it; see [ledger.LogProof].
package verify

import (
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/pow"
)

// Parts of an anchor proof, as a [*ledger.MismatchError] names them.
const (
	PartTrust   = "trust"
	PartHeaders = "anchor headers"
	PartBlock   = "anchor block"
	PartAccount = "anchor account"
	PartStorage = "anchor storage"
	PartRoot    = "anchor root"
)

// Faults of a proof, besides those of package pow.
var (
	ErrTrust         = errors.New("incomplete trust")
	ErrConfirmations = errors.New("wrong number of blocks on top")
	ErrNodeMissing   = errors.New("trie node is missing or altered")
	ErrNodeUnused    = errors.New("trie node is superfluous")
	ErrNodeMalformed = errors.New("trie node is malformed")
	ErrAbsent        = errors.New("the state proven has no such entry")
	ErrOtherRoot     = errors.New("another root is anchored")
)

// Trust is what a verifier takes for granted. Every field is required, unless it says otherwise. The chain
// id is not among them: no header states it, and the genesis hash names the chain.
type Trust struct {
	Genesis       ledger.Hash    // hash of block 0
	Rule          pow.Rule       // difficulty rule of the chain
	Anchors       ledger.Address // where the Anchors contract is
	Confirmations uint64         // blocks on top that make a block final, at least 1
	// Known is a later block of the chain, with which headers may begin as well: what was before it is then taken for granted. Default: none.
	Known *Known `json:",omitempty"`
}

// Known names a block.
type Known struct {
	Block uint64      `json:"block"` // number, at least 1
	Hash  ledger.Hash `json:"hash"`
}

// AnchoredIn is the block that a proof which [Anchor] has passed is of: who trusts that chain may take it as [Trust].Known.
func AnchoredIn(proof ledger.AnchorProof, trust Trust) Known {
	header := proof.Headers[len(proof.Headers)-1-int(trust.Confirmations)]
	return Known{proof.Block, ledger.Hash(crypto.Keccak256Hash(header))}
}

// first is the block that headers have to begin with: the one known if they do, else the genesis block.
func (t Trust) first(headers []ledger.Bytes) pow.Trusted {
	if t.Known != nil && len(headers) > 0 && ledger.Hash(crypto.Keccak256Hash(headers[0])) == t.Known.Hash {
		return pow.Trusted{Hash: common.Hash(t.Known.Hash), Number: t.Known.Block}
	}
	return pow.Trusted{Hash: common.Hash(t.Genesis)}
}

// Claim is what an anchor proof is to show: this root, of this log, at this size.
type Claim struct {
	Log  ledger.Hash
	Size uint64
	Root ledger.Hash
}

// Anchor checks that proof shows the claim. now is the verifier's clock in Unix
// seconds. It returns a [*ledger.MismatchError] for the first part that fails;
// for headers it wraps a [*pow.BlockError], which names the block.
func Anchor(proof ledger.AnchorProof, trust Trust, claim Claim, now uint64) error {
	if trust.Genesis.IsZero() || trust.Anchors.IsZero() || trust.Confirmations == 0 {
		return mismatch(PartTrust, ErrTrust)
	}
	state, err := stateRoot(proof, trust, now)
	if err != nil {
		return err
	}
	storage, err := storageRoot(proof, trust, state)
	if err != nil {
		return mismatch(PartAccount, err)
	}
	return anchored(storage, proof.Storage, claim)
}

// Anchors is [Anchor] of many claims in the state after one block: proof has no Storage, but storage has that of each
// claim, in their order. A mismatch of a claim is wrapped with which one it is.
func Anchors(proof ledger.AnchorProof, storage [][]ledger.Bytes, trust Trust, claims []Claim, now uint64) error {
	if trust.Genesis.IsZero() || trust.Anchors.IsZero() || trust.Confirmations == 0 {
		return mismatch(PartTrust, ErrTrust)
	}
	if len(storage) != len(claims) || len(proof.Storage) != 0 {
		return mismatch(PartStorage, fmt.Errorf("%w: %d for %d claims", ErrNodeMalformed, len(storage), len(claims)))
	}
	state, err := stateRoot(proof, trust, now)
	if err != nil {
		return err
	}
	root, err := storageRoot(proof, trust, state)
	if err != nil {
		return mismatch(PartAccount, err)
	}
	for i, claim := range claims {
		if err := anchored(root, storage[i], claim); err != nil {
			return fmt.Errorf("log %s at %d: %w", claim.Log, claim.Size, err)
		}
	}
	return nil
}

// anchored checks that nodes under the root of the contract's storage show a claim.
func anchored(storage common.Hash, nodes []ledger.Bytes, claim Claim) error {
	slot := AnchorSlot(claim.Log, claim.Size)
	value, err := lookUp(storage, crypto.Keccak256(slot[:]), nodes)
	if err != nil {
		return mismatch(PartStorage, err)
	}
	content, rest, err := rlp.SplitString(value)
	if err != nil || len(rest) != 0 || len(content) > len(claim.Root) {
		return mismatch(PartStorage, ErrNodeMalformed)
	}
	if root := ledger.Hash(common.BytesToHash(content)); root != claim.Root {
		return mismatch(PartRoot, fmt.Errorf("%w: %s, want %s", ErrOtherRoot, root, claim.Root))
	}
	return nil
}

// stateRoot checks the headers and returns the root of the state after Block.
func stateRoot(proof ledger.AnchorProof, trust Trust, now uint64) (common.Hash, error) {
	encoded := make([][]byte, len(proof.Headers))
	for i, h := range proof.Headers {
		encoded[i] = h
	}
	first := trust.first(proof.Headers)
	headers, err := pow.VerifyHeaders(trust.Rule, first, encoded, now)
	if err != nil {
		return common.Hash{}, mismatch(PartHeaders, err)
	}
	last := headers[len(headers)-1].Number.Uint64() // VerifyHeaders refuses none
	if proof.Block < first.Number || proof.Block > last || last-proof.Block != trust.Confirmations {
		return common.Hash{}, mismatch(PartBlock, fmt.Errorf("%w: block %d of %d to %d, want %d on top",
			ErrConfirmations, proof.Block, first.Number, last, trust.Confirmations))
	}
	return headers[proof.Block-first.Number].Root, nil
}

// storageRoot returns the root of the contract's storage.
func storageRoot(proof ledger.AnchorProof, trust Trust, state common.Hash) (common.Hash, error) {
	value, err := lookUp(state, crypto.Keccak256(trust.Anchors[:]), proof.Account)
	if err != nil {
		return common.Hash{}, err
	}
	var account types.StateAccount
	if err := rlp.DecodeBytes(value, &account); err != nil {
		return common.Hash{}, fmt.Errorf("%w: %w", ErrNodeMalformed, err)
	}
	return account.Root, nil
}

// AnchorSlot is where the Anchors contract keeps the root of a log at a size: a
// mapping within the mapping at slot 0.
func AnchorSlot(log ledger.Hash, size uint64) common.Hash {
	var base, key common.Hash // slot 0
	outer := crypto.Keccak256(log[:], base[:])
	for i := range 8 {
		key[31-i] = byte(size >> (8 * i))
	}
	return crypto.Keccak256Hash(key[:], outer)
}

func mismatch(part string, err error) error { return &ledger.MismatchError{Part: part, Err: err} }
