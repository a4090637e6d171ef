package consent_test

import (
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// A hospital commits to the entry of patient 42 and proves it, and proves that
// patient 43 has none.
func Example() {
	m := consent.New(ledger.HashBytes([]byte("a secret of the hospital's")), 1, newMemory())
	index := m.Index(42)
	leaf, err := consent.NewLeaf(index, ledger.HashBytes([]byte("new every time")), consent.Entry{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := m.Set(leaf); err != nil {
		fmt.Println(err)
		return
	}
	path, err := m.Prove(index)
	fmt.Println(len(path.Siblings), "siblings,", err)
	_, err = m.Prove(m.Index(43))
	fmt.Println(errors.Is(err, consent.ErrAbsent))
	// Output:
	// 64 siblings, <nil>
	// true
}
