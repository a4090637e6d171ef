// Package chain is a ledger node: go-ethereum in this process, and in front of
// it our own gate, which alone decides what a block must look like and which
// block is the head.
//
// # Promise
//
// Every block enters by one door, [Node.Import], own blocks included: the rules
// of package pow, the reward, then execution by go-ethereum, then fork choice.
// The head is the heaviest descendant of the last final block; of two equally
// heavy ones, the first seen. A block is final when Config.Confirmations blocks
// stand on it, and stays final. What Import has accepted, and the head it has
// chosen, are on disk when it returns: kill -9 at any moment loses neither.
// State of old blocks is kept, so that eth_getProof answers for any block.
//
// Over HTTP only the modules eth, net and web3 are served; there is no IPC file,
// no WebSocket and no engine port.
//
// # Assumption
//
// The clock is right to within pow.MaxFuture, the disk keeps what was synced,
// and one process at a time uses the directory (a lock file sees to that).
//
// # What it does not protect against
//
// Whoever has more hash power than the honest sealers can rewrite everything
// that is not final yet, and confirmations are not agreement: in a network two
// nodes could call different blocks final. This node speaks to no peers yet.
// The coinbase is not authenticated: anybody may seal in another's name.
// go-ethereum logs through a global of its own: of several nodes in one process
// the last one opened receives all of its warnings.
package chain
