package powrpc

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// Namespace is the prefix of the methods.
const Namespace = "pow"

// Work is a header to search a nonce for.
type Work struct {
	ID     common.Hash   `json:"id"`     // names it in a submission
	Header hexutil.Bytes `json:"header"` // RLP; extraData is a pow.Seal whose extra nonce and nonce are for the miner to choose
}

// Block names a block.
type Block struct {
	Number     hexutil.Uint64 `json:"number"`
	Hash       common.Hash    `json:"hash"`
	Time       hexutil.Uint64 `json:"time"` // Unix seconds
	Coinbase   common.Address `json:"coinbase"`
	Difficulty hexutil.Uint64 `json:"difficulty"` // expected hashes; 0 for the genesis block
}

// Status is what a node says of itself.
type Status struct {
	ChainID hexutil.Uint64 `json:"chainId"`
	Genesis common.Hash    `json:"genesis"`
	Head    Block          `json:"head"`
	Final   Block          `json:"final"`
	Work    *hexutil.Big   `json:"work"` // of the chain up to the head, expected hashes
	Peers   hexutil.Uint64 `json:"peers"`
	Enode   string         `json:"enode"` // how others reach it; "" if it does not listen
}

// Checkpoints say how far the network agrees.
type Checkpoints struct {
	Interval  hexutil.Uint64 `json:"interval"`  // distance in blocks; 0 on a chain without signers, where confirmations decide
	Justified Block          `json:"justified"` // the highest one that enough signers voted for
	Final     Block          `json:"final"`     // the last final block
	Evidence  hexutil.Uint64 `json:"evidence"`  // signers this node can convict of contradicting themselves
}

// Difficulty is in expected hashes.
type Difficulty struct {
	Head hexutil.Uint64 `json:"head"` // of the head
	Next hexutil.Uint64 `json:"next"` // of a child of the head that is sealed now
}

// HashRate is an estimate: the work of the last blocks by the time they took.
type HashRate struct {
	HashesPerSecond hexutil.Uint64 `json:"hashesPerSecond"`
	Blocks          hexutil.Uint64 `json:"blocks"` // it is estimated from; 0 if there are too few
}

// Reorg is a change of the head to a block that does not descend from it.
type Reorg struct {
	Seen   hexutil.Uint64 `json:"seen"`   // Unix seconds
	From   Block          `json:"from"`   // the head before
	To     Block          `json:"to"`     // the head after
	Undone hexutil.Uint64 `json:"undone"` // blocks that are no longer canonical
}

// Codes of the errors.
const (
	CodeStale  = -32010
	CodeNotDue = -32011
	CodeSeal   = -32012
)

// Errors of the methods. They reach the client by their codes.
var (
	// ErrStale: the work is not known, or its parent is no longer the head.
	ErrStale = &Error{CodeStale, "work is stale"}
	// ErrNotDue: no block may follow the head yet, ask again.
	ErrNotDue = &Error{CodeNotDue, "no block is due yet"}
	// ErrSeal: the seal is malformed, or its hash does not meet the difficulty.
	ErrSeal = &Error{CodeSeal, "seal does not fit the work"}
)

// Error is an error with a code of JSON-RPC.
type Error struct {
	code int
	text string
}

// Error implements error.
func (e *Error) Error() string { return e.text }

// ErrorCode implements go-ethereum's rpc.Error.
func (e *Error) ErrorCode() int { return e.code }
