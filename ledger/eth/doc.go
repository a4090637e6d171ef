// Package eth speaks to the ledger's contracts on any node that serves the
// Ethereum JSON-RPC: our own in this process, or another over HTTP.
//
// # Promise
//
// Reads are made at the node's last final block, its tag "finalized", so what
// they return is not undone by a reorganisation that the chain calls possible.
// Writes return once their transaction is in a block and has succeeded there, and
// the node's head has reached that block, so that the next call sees them; they
// wait for that until their context ends, and have no other limit. A write that a contract refuses is not sent at all; its error is a
// [*RefusedError] that wraps the [Refusal] by name. Every value is checked on its
// way in: nothing is truncated to fit a smaller type.
//
// # Assumption
//
// The node is honest. A node that lies can show any state; what must hold against
// it is proven ([Client.AnchorProof]) and checked by package ledger/verify.
// [New] makes sure only that the node is on the chain the caller means.
//
// # What it does not protect against
//
// A write that has returned is in a block, not final: ask again, at the final
// block, before relying on it. Signatures of committees and researchers are
// carried as they are; the contracts check them.
package eth
