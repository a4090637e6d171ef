// Package server offers the marketplace and a hospital's node over gRPC, and the
// same services as JSON over REST, with the OpenAPI document of each.
//
// It promises that every call but health, reflection, the public register and signing
// in is signed by a key (EIP-712, bound to its method and its message, over REST to
// verb, target and body; fresh, used once over whichever of the two), or shows a
// session that the key signed in to (EIP-4361, bound to this server's origin, of
// 15 minutes at most, kept as a hash in memory) where nothing changes but by
// documents that are signed themselves; that the
// key's role on the chain allows the method, and that a method nobody listed
// is denied; that every error has a reason from one table; that an unknown
// error, a panic included, tells nothing but a request id; that log and
// metrics tell nothing of what was in a request; and that a stream of events (ADR 65)
// tells nobody more, or sooner than at full seconds, than the method it repeats.
//
// It assumes that the network below it keeps secrets where that matters (TLS
// in front of it, or loopback), and clocks that agree: one that is behind by a
// minute or ahead by more than 15 seconds is refused, and a request from one
// that is ahead waits until ours has caught up.
//
// It does not protect against floods beyond bounds on sizes and on remembered
// nonces.
package server
