//go:build race

package main

// detector says that the race detector is in, which makes hashing some twenty times slower.
const detector = true
