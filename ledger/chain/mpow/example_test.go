package mpow_test

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

func ExampleDecode() {
	_, err := mpow.Decode(mpow.GetHeadersCode, []byte{0xc2, 0x01, 0xc0}) // an empty locator
	fmt.Println(err)
	// Output: mpow message: code 2: locator of 0 hashes
}
