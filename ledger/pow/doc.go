// Package pow is the proof of work that decides who writes the next block of
// medmarket's ledger: the seal, the difficulty rule, the checks, and the search
// for a nonce.
//
// # Promise
//
// A header that passes [VerifySeal] costs its maker, on average, as many hashes
// as its difficulty says: the seal sits in the 32 bytes of extraData, the block
// hash covers all of the header, and the hash itself is the proof:
//
//	keccak256(rlp(header)) <= (2^256 - 1) / difficulty
//
// The difficulty follows from the parent and the header's own time alone, so it
// cannot be chosen. The sealer cannot choose prevRandao or the beacon root
// either, and the seal is no input of the EVM: another nonce never means another
// state. [VerifyHeaders] checks a chain of encoded headers offline, from a header
// that is trusted; a trusted genesis header also fixes the [Rule].
//
// # Assumption
//
// Keccak-256 behaves like a random function, and the caller's clock is right to
// within [MaxFuture].
//
// # What it does not protect against
//
// A small network has no hash power to speak of: whoever rents a graphics card
// can write a heavier chain than all honest sealers together. The proof of work
// orders blocks and prices the work done; finality has to come from elsewhere.
// Headers alone also say nothing about the validity of transactions, nor about
// the reward in the body.
package pow
