// Package chain is a ledger node: go-ethereum in this process, and in front of
// it our own gate, which alone decides what a block must look like and which
// block is the head.
//
// # Promise
//
// Every block enters by one door, [Node.Import], own blocks included: the rules
// of package pow, the reward, then execution by go-ethereum, then fork choice.
// The head is the heaviest descendant of the highest justified checkpoint, which
// descends from the last final block; of two equally heavy ones, the first seen.
// Checkpoints are justified and final by the votes of the signers (package finality),
// whatever work a fork has, and what is final stays final. Where the genesis names no
// signers a block is final when Config.Confirmations blocks stand on it. A node that
// has its signer's key votes; a vote is on disk before it is sent, so that kill -9
// never makes a signer vote twice. Without a quorum blocks go on and nothing becomes
// final: [Node.Checkpoint] shows since when. What Import has accepted, and the head it has
// chosen, are on disk when it returns: kill -9 at any moment loses neither.
// State of old blocks is kept, so that eth_getProof answers for any block.
//
// Nodes of one chain speak mpow with each other (package mpow; transactions travel
// by go-ethereum's own protocol): whoever has the heavier chain is followed, headers
// first, each block through the same door; a fork that is lighter than ours as far as
// the peer shows the votes that justified it. A peer cannot make the node keep more
// than one claim, the headers of one fork (16,384 at most, and those of three such
// peers at a time) and one message (16 MiB) for it, nor work faster than a set rate; what no honest node sends gets it banned, as does not answering
// in time, claiming work or votes that it does not deliver, and votes of keys that are
// no signer's. Transactions that a
// reorganisation takes out go back to the pool.
//
// Over HTTP only the modules eth, net, web3 and pow (package powrpc) are served;
// there is no IPC file, no WebSocket and no engine port.
//
// # Assumption
//
// The clock is right to within pow.MaxFuture, the disk keeps what was synced,
// and one process at a time uses the directory (a lock file sees to that).
//
// # What it does not protect against
//
// Whoever has more hash power than the honest sealers can rewrite everything
// that is not final yet. Confirmations are not agreement: in a network without signers
// two nodes could call different blocks final. A signer whose directory is lost,
// copied or restored from a backup may vote against itself: give it a new key. A ban is for a node key, which costs
// nothing to make: Config.AllowPeer is the answer to many strangers. Who is connected
// to hostile peers only is cut off from the others without noticing. A fork of more
// than 16,384 blocks is not followed.
// The coinbase is not authenticated: anybody may seal in another's name.
// go-ethereum logs through a global of its own: of several nodes in one process
// the last one opened receives all of its warnings.
package chain
