// Package contracts holds the ledger's four contracts and their Go bindings.
//
// src/ has the Solidity sources, whose comments say what each contract promises
// and what it does not protect against. generate.sh compiles them into
// artifacts/ (ABI, creation bytecode, storage layout) and writes the other Go
// files here with abigen. Everything generated is committed, so building
// medmarket needs neither node nor solc; a test fails when it is out of date.
//
//   - Registry: who takes part, in which roles, for which organisation, with which
//     key; and who votes for checkpoints.
//   - WorkBudget: work claimed, escrowed to a marketplace, and burnt or given back.
//   - Grants: hashes and ceilings of the studies that committees approved, and which
//     of them are suspended or revoked.
//   - Anchors: roots of append-only logs, and providers' spend allowances. Its storage
//     layout is an interface: package ledger/verify proves single slots of it.
//
// They hold nothing personal: no patient has an account, a transaction or a
// hash of her own here. They assume that the chain under them orders
// transactions and keeps block hashes; what is below the confirmations a caller
// waits for can still be undone. Use package ledger/eth to talk to them.
package contracts
