// Package storetest holds the tests that every implementation of
// [marketplace.Store] and [provider.Store] must pass: the contracts in those
// packages, and what package store adds where they are silent.
//
// The suites see a store only through its interface. They do not test that a
// write survives a power cut; nothing in a test can.
package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
)

// tb is a [*testing.T] or a [*rapid.T].
type tb interface {
	rapid.TB
	Context() context.Context
}

// name makes a hash of a name, to stand for any hash.
func name(format string, args ...any) ledger.Hash {
	return ledger.HashBytes(fmt.Appendf(nil, format, args...))
}

// person makes an address of a name.
func person(format string, args ...any) ledger.Address {
	h := name(format, args...)
	return ledger.Address(h[:20])
}

// signature makes 65 bytes of a name; stores do not check signatures.
func signature(format string, args ...any) (s ledger.Signature) {
	h := name(format, args...)
	copy(s[:], h[:])
	s[64] = 27
	return s
}

func document(revision uint64, format string, args ...any) ledger.SignedDocument {
	return ledger.SignedDocument{
		Content: fmt.Appendf(nil, "%q", fmt.Sprintf(format, args...)), Revision: revision, Expiry: 1 << 40,
		Signature: signature(format, args...),
	}
}

func ok(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t tb, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// refused checks that do fails with want (any error if nil) and that what
// observe sees is the same before and after.
func refused(t tb, observe func() any, want error, do func(ctx context.Context) error) {
	t.Helper()
	before := observe()
	err := do(t.Context())
	if err == nil || want != nil && !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
	equal(t, "state after an error", observe(), before)
}

// inclusion proves leaf by what a log says of itself.
func inclusion(t tb, size, index uint64, path []ledger.Hash, root, leaf ledger.Hash) {
	t.Helper()
	if err := (ledger.LogProof{Index: index, Size: size, Root: root, Path: path}).Check(leaf); err != nil {
		t.Fatalf("leaf %d of %d: %v", index, size, err)
	}
}
