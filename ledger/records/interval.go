package records

import (
	"crypto/rand"
	"math/big"

	"github.com/medmarket/medmarket/ledger"
)

// Interval is what an interval of a log publishes: the public leaves in their order, and behind them the hidden
// ones, filled up to size with leaves of nothing, which look the same, in an order that is drawn anew, so that where a
// leaf stands tells nobody how many others there are. at is where each of hidden stands. The caller sees to it that
// there are no more than size of them all.
func Interval(public, hidden []ledger.Hash, size int) (leaves []ledger.Hash, at []int) {
	leaves = append(make([]ledger.Hash, 0, size), public...)
	order := shuffled(size - len(public))
	leaves, at = leaves[:size], make([]int, len(hidden))
	for i, place := range order {
		place += len(public)
		if i < len(hidden) {
			leaves[place], at[i] = hidden[i], place
			continue
		}
		rand.Read(leaves[place][:]) // never fails; it would end the program
	}
	return leaves, at
}

// shuffled is a permutation, each as likely as another (Fisher and Yates).
func shuffled(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := n - 1; i > 0; i-- {
		drawn, err := rand.Int(rand.Reader, big.NewInt(int64(i)+1))
		if err != nil {
			panic("records: " + err.Error()) // the operating system's randomness never fails
		}
		j := int(drawn.Int64())
		order[i], order[j] = order[j], order[i]
	}
	return order
}
