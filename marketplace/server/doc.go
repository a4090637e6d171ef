// Package server offers the marketplace and a hospital's node over gRPC, and the
// same services as JSON over REST, with the OpenAPI document of each.
//
// It promises that every call but health, reflection and the public register is
// signed by a key (EIP-712, bound to its method and its message, over REST to
// verb, target and body; fresh, used once over whichever of the two), that the
// key's role on the chain allows the method, and that a method nobody listed
// is denied; that every error has a reason from one table; that an unknown
// error, a panic included, tells nothing but a request id; and that log and
// metrics tell nothing of what was in a request.
//
// It assumes that the network below it keeps secrets where that matters (TLS
// in front of it, or loopback), and clocks that agree: one that is behind by a
// minute or ahead by more than 15 seconds is refused, and a request from one
// that is ahead waits until ours has caught up.
//
// It does not protect against floods beyond bounds on sizes and on remembered
// nonces.
package server
