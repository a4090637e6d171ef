// Package ledger defines what medmarket records and how anyone can check it.
//
// It promises one spelling for every recorded thing: documents have one
// canonical byte form (RFC 8785), one hash (SHA-256 over that form) and one
// typed-data digest (EIP-712) that a wallet can show and sign; logs hash as in
// RFC 6962; a receipt says which of its parts does not match, by name.
//
// It assumes that SHA-256 and Keccak-256 resist collisions, that secp256k1
// signatures cannot be forged, and that the caller names the genesis hash of
// the chain it trusts: every signature is bound to that hash.
//
// It does not protect against a hospital that signs a false vector: a receipt
// proves what the hospital committed to, not what its SQL read. Whether a log
// root is on the chain is checked by package ledger/verify.
//
// The package is pure: no clock, no files, no network. Only key generation
// and salts draw randomness.
package ledger
