package eth

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
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

// What the node said last is known until it is too old, and never falls, in whichever order its answers come.
func TestTheLastFinalBlockNeverFalls(t *testing.T) {
	var l lastFinal
	now := time.Now()
	block := func(n int64) *types.Header { return &types.Header{Number: big.NewInt(n)} }
	if h := l.since(now); h != nil {
		t.Errorf("before the node was asked: %v", h.Number)
	}
	l.note(block(5), now.Add(time.Second))
	l.note(block(4), now.Add(2*time.Second)) // it was asked later and answered sooner
	l.note(block(3), now)
	if h := l.since(now.Add(2 * time.Second)); h == nil || h.Number.Int64() != 5 {
		t.Errorf("the last is %v, want 5", h)
	}
	if h := l.since(now.Add(2*time.Second + 1)); h != nil {
		t.Errorf("too old, and known: %v", h.Number)
	}
	l.note(block(6), now.Add(3*time.Second))
	if h := l.since(now); h == nil || h.Number.Int64() != 6 {
		t.Errorf("the last is %v, want 6", h)
	}
}
