package eth

import (
	"fmt"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

// What was said of one block is not said of another, and there is never more of it than there may be.
func TestSeenIsOfOneBlock(t *testing.T) {
	var s seen
	a, b := common.Hash{1}, common.Hash{2}
	s.put(a, "x", []byte("1"))
	if got, known := s.get(a, "x"); !known || string(got) != "1" {
		t.Errorf("of its block: %q, %t", got, known)
	}
	if _, known := s.get(a, "y"); known {
		t.Error("another view is known")
	}
	if _, known := s.get(b, "x"); known {
		t.Error("it is said of the next block")
	}
	s.put(b, "y", []byte("2"))
	if _, known := s.get(a, "x"); known {
		t.Error("it is remembered when another block is the last")
	}
	for i := range 3 * maxSeen {
		s.put(b, fmt.Sprint(i), nil)
		if len(s.outputs) > maxSeen {
			t.Fatalf("%d are remembered", len(s.outputs))
		}
	}
}
