package ledger_test

import (
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

func ExampleCanonical() {
	b, err := ledger.Canonical(map[string]any{"dataset": "st-ada", "columns": []string{"person.year_of_birth"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(b))
	fmt.Println(ledger.HashBytes(b))
	// Output:
	// {"columns":["person.year_of_birth"],"dataset":"st-ada"}
	// 0xb104f5efa327780853c554941818355f68655b7bcca1a56fbba697d9fc625e81
}

func ExampleParseCanonical() {
	var p ledger.Purpose
	fmt.Println(ledger.ParseCanonical([]byte(`{"permission":"DUO:0000006"}`), &p), p.Permission)
	fmt.Println(errors.Is(ledger.ParseCanonical([]byte(`{ "permission":"DUO:0000006" }`), &p), ledger.ErrNotCanonical))
	// Output:
	// <nil> DUO:0000006
	// true
}

// A committee signs a document; anyone who knows the chain can say who did.
func ExampleNewSignedDocument() {
	committee, err := ledger.KeyFromBytes([]byte("0123456789abcdef0123456789abcdef")) // NewKey in earnest
	if err != nil {
		fmt.Println(err)
		return
	}
	chain := ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("block 0"))}
	signed, err := ledger.NewSignedDocument(committee, chain, ledger.KindDataGrant, ledger.Purpose{Permission: "DUO:0000006"}, 1, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	by, err := signed.Signer(chain, ledger.KindDataGrant)
	fmt.Println(by == committee.Address(), err)
	by, _ = signed.Signer(chain, ledger.KindDatasetPolicy)
	fmt.Println(by == committee.Address())
	// Output:
	// true <nil>
	// false
}

// Three leaves; the proof that the second is among them.
func ExampleLogProof_Check() {
	var log memory
	for i, receipt := range []string{"first", "second", "third"} {
		hashes, err := ledger.AppendHashes(uint64(i), ledger.LeafHash([]byte(receipt)), log)
		if err != nil {
			fmt.Println(err)
			return
		}
		log = append(log, hashes...)
	}
	root, err := ledger.Root(3, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	path, err := ledger.ProveInclusion(3, 1, log)
	if err != nil {
		fmt.Println(err)
		return
	}
	proof := ledger.LogProof{Index: 1, Size: 3, Root: root, Path: path}
	fmt.Println(proof.Check(ledger.LeafHash([]byte("second"))))
	fmt.Println(errors.Is(proof.Check(ledger.LeafHash([]byte("forged"))), ledger.ErrNotIncluded))
	// Output:
	// <nil>
	// true
}

// A receipt that does not match says where.
func ExampleMismatchError() {
	var r ledger.Receipt
	err := r.Check(ledger.Keys{Domain: ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("block 0"))}})
	var mismatch *ledger.MismatchError
	if errors.As(err, &mismatch) {
		fmt.Println("does not match:", mismatch.Part)
	}
	// Output:
	// does not match: genesis
}
