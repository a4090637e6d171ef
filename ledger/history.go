package ledger

// Anchored is a root of a log that the Anchors contract has taken.
type Anchored struct {
	Size  uint64 `json:"size"` // leaves under the root
	Root  Hash   `json:"root"`
	Block uint64 `json:"block"` // in which it was
}

// Block is what the header of a block of the chain says of it.
type Block struct {
	Number     uint64
	Time       int64   // Unix seconds
	Difficulty uint64  // expected hashes: the work that it proves
	Sealer     Address // whom the work is credited to
}

// CreditKind is what happened to a researcher's credit on the chain.
type CreditKind string

// The kinds. After each stands where its work goes.
const (
	CreditClaimed   CreditKind = "claimed"   // work of a block that was sealed: to what is free
	CreditEscrowed  CreditKind = "escrowed"  // from what is free into escrow
	CreditSettled   CreditKind = "settled"   // burnt from escrow, under a voucher
	CreditReturned  CreditKind = "returned"  // from escrow to what is free
	CreditInherited CreditKind = "inherited" // from an account that was hers before to what is free
	CreditMoved     CreditKind = "moved"     // from what is free to the account that is hers now
)

// CreditEvent is one change of a researcher's credit on the chain.
type CreditEvent struct {
	Kind        CreditKind `json:"kind"`
	Work        int64      `json:"work"` // expected hashes
	Block       uint64     `json:"block"`
	Position    uint64     `json:"position"` // of the event in its block
	Transaction Hash       `json:"transaction"`
	Time        int64      `json:"time"`                 // of the block, Unix seconds
	Marketplace Address    `json:"marketplace,omitzero"` // of escrow
	Sealed      uint64     `json:"sealed,omitempty"`     // block whose work was claimed
	Account     Address    `json:"account,omitzero"`     // the other one, of what was inherited or moved
}

// CreditBalance is what the chain holds of a researcher's credit, in expected hashes. Escrow is at one marketplace.
type CreditBalance struct {
	Free     int64 `json:"free"`
	Escrowed int64 `json:"escrowed"` // and not burnt
	Burnt    int64 `json:"burnt"`    // in all
}

// After is the balance after an event, at a marketplace. What is beyond an int64, which no chain comes to, wraps.
func (b CreditBalance) After(e CreditEvent, marketplace Address) CreditBalance {
	here := e.Marketplace == marketplace
	switch e.Kind {
	case CreditClaimed, CreditInherited:
		b.Free += e.Work
	case CreditMoved:
		b.Free -= e.Work
	case CreditEscrowed:
		b.Free -= e.Work
		if here {
			b.Escrowed += e.Work
		}
	case CreditReturned:
		b.Free += e.Work
		if here {
			b.Escrowed -= e.Work
		}
	case CreditSettled:
		if here {
			b.Escrowed, b.Burnt = b.Escrowed-e.Work, b.Burnt+e.Work
		}
	}
	return b
}
