// Package pages shows the public side of a marketplace as HTML: the register of
// studies and of every answered question, what is public of a receipt, and the
// verifier.
//
// It promises pages that need no login, no JavaScript and nothing from any other
// server; that show who asked what of whom, for what and at which cost, and never
// a value of an answer, not even of a receipt that is uploaded; and that what
// people wrote (the titles of studies) is shown as text and never obeyed.
//
// It assumes that whoever may be named in the register knows that it is public.
//
// It does not protect against floods beyond bounds on sizes, on uploads and on
// verifications at once. What a page says of a receipt is only as good as this
// server: who does not trust it takes a trust file and the verify command.
package pages
