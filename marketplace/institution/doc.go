// Package institution reads who somebody is from an ID token that her institution signed (OpenID Connect Core 1.0).
//
// It promises that a [signin.Person] it returns was signed in, for the client that the operator registered there and for nobody
// else, by an institution that the operator named, with a key that this institution published at its own address over https; and
// that what she is vouched for is what the operator's rules make of the token's claims, nothing without a rule.
// Keys are an hour old at most. What is fetched is bounded in size, time and number: a token never makes it be fetched more
// often than every ten seconds, nor chooses where from.
//
// It assumes that the institution gives a subject to one person for ever, and that whoever signs in finds the nonce in the
// token to be one that she was given, once; the server checks that.
//
// It does not protect against an institution that lies about its own people.
package institution
