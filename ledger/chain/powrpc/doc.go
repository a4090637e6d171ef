// Package powrpc is how a miner works for a node it reaches by JSON-RPC: the
// values and errors of the node's pow namespace, a client of it, and the miner.
//
//	pow_getWork(coinbase)     a header to search a nonce for, on the present head
//	pow_submitWork(id, seal)  the seal that was found; answers the block's hash
//	pow_status()              genesis, head, last final block, work, peers
//	pow_checkpoints()         interval, justified and final checkpoint
//	pow_difficulty()          of the head, and of a block sealed now
//	pow_hashRate()            of the whole network, estimated from its last blocks
//	pow_reorgs()              the last reorganisations this node saw
//
// Numbers are hex quantities, as everywhere in Ethereum's JSON-RPC.
//
// # Promise
//
// The miner searches only headers whose coinbase is the one it works for, drawing
// its extra nonce itself, so that miners of one coinbase do not repeat each other's
// work. Work that the node no longer wants is left within a poll. A miner outlives
// its node: it waits until the node answers again.
//
// # Assumption
//
// The node is honest but for the coinbase: it could make a miner work on a fork,
// or withhold the blocks found.
//
// # What it does not protect against
//
// There is no authentication: whoever reaches the node's HTTP port can ask for work
// and so make the node build a block, one at a time. Work is kept for 64 names that have
// sealed a block lately and for 64 others: a miner whose first block is not found yet
// may be pushed out, and then gets other work at its next poll.
package powrpc
