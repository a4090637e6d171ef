// Package web serves the pages that people use with a key of theirs: one application, built from src into dist and
// embedded here, which speaks to the REST server on the same listener and to nobody else.
//
// It promises pages under a policy that runs no script and applies no style but those in this program, loads nothing
// from elsewhere, and cannot be framed; that keys and passphrases never leave the browser; and that nothing is signed
// that was not shown in words before.
//
// It assumes that who opens a page trusts the server that it came from: a server that serves other pages can have them
// sign other things. Who does not keeps her key in a wallet that shows what it signs, or uses the command line.
//
// It does not protect against who can use the browser while a key is open, nor against extensions in it.
//
// How the pages are built and how to add one is in README.md.
package web
