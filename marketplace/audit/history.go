package audit

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// History is what is to be checked.
type History struct {
	Marketplace ledger.Address `json:"marketplace"`
	Studies     []Study        `json:"studies"`
	Entries     []Entry        `json:"entries"`  // of the register, the oldest first
	Receipts    []Shown        `json:"receipts"` // those that there are, in the order of entries
	Escrows     []Escrow       `json:"escrows"`  // of the researchers of entries
	Logs        []Log          `json:"logs"`     // the marketplace's first, then hospitals'
	Proof       *Proof         `json:"proof,omitempty"`
}

// Study is an approved study: what the register and the chain say of it.
type Study struct {
	ID          ledger.Hash        `json:"id"`
	Researchers []ledger.Address   `json:"researchers"`
	Record      ledger.GrantRecord `json:"record"`
}

// Entry is an answered question in the register. Its Organisation and the study's name are not checked, and not in it.
type Entry struct {
	Index       uint64         `json:"index"` // of its leaf in the receipts log
	Request     ledger.Hash    `json:"request_id"`
	Researcher  ledger.Address `json:"researcher"`
	Grant       ledger.Hash    `json:"grant"`
	Permission  string         `json:"permission"` // purpose
	Diseases    []string       `json:"diseases,omitempty"`
	Hospitals   []Hospital     `json:"hospitals"`
	NanoRho     int64          `json:"nano_rho"`
	Delta       int64          `json:"delta"`
	NanoEpsilon int64          `json:"nano_epsilon,omitempty"`
	Work        int64          `json:"work"` // price, expected hashes
	Time        int64          `json:"time"` // Unix seconds
	Leaf        ledger.Hash    `json:"leaf"`
}

// Hospital is what an entry says of a hospital that was asked.
type Hospital struct {
	Dataset     string              `json:"dataset"`
	Provider    ledger.Address      `json:"provider"`
	PlanHash    ledger.Hash         `json:"plan_hash"`
	State       ledger.MissingState `json:"state,omitempty"` // empty: it answered
	NanoRho     int64               `json:"nano_rho,omitempty"`
	Delta       int64               `json:"delta,omitempty"`
	NanoEpsilon int64               `json:"nano_epsilon,omitempty"`
	AsOf        uint64              `json:"as_of,omitempty"`
}

// Escrow is what the chain has of what a researcher set aside for the marketplace and did not take back, in expected hashes.
type Escrow struct {
	Researcher ledger.Address `json:"researcher"`
	Held       int64          `json:"held"`  // in escrow
	Burnt      int64          `json:"burnt"` // under her vouchers
}

// Shown is a receipt that can be held against its entry.
type Shown struct {
	Index   uint64 `json:"index"`
	Content []byte `json:"content"` // canonical; the proof of its anchor may be left out
}

// Log is a log with all that was anchored of it.
type Log struct {
	Kind    string            `json:"kind"`
	Keeper  ledger.Address    `json:"keeper"`
	Leaves  []ledger.Hash     `json:"leaves,omitempty"` // hashes of a hospital's; those of receipts are in the entries
	Anchors []ledger.Anchored `json:"anchors"`          // sizes rising
	Storage [][]ledger.Bytes  `json:"storage,omitempty"`
}

// Proof is what the anchors of all logs have in common: a state of the chain. The nodes of each anchor are in its log's Storage.
type Proof struct {
	Block   uint64         `json:"block"`
	Headers []ledger.Bytes `json:"headers"` // from the genesis block on
	Account []ledger.Bytes `json:"account"`
}

// EntryOf is the entry that a receipt must have in the register.
func EntryOf(r ledger.Receipt, index uint64) (Entry, error) {
	x, err := marketplace.RegisteredOf(r.Statement, index)
	if err != nil {
		return Entry{}, err
	}
	leaf, err := r.Leaf()
	if err != nil {
		return Entry{}, err
	}
	e := Entry{
		Index: index, Request: x.Request, Researcher: x.Researcher, Grant: x.Grant, Permission: x.Purpose.Permission, Diseases: x.Purpose.Diseases,
		NanoRho: x.Cost.NanoRho, Delta: x.Cost.Delta, NanoEpsilon: x.Cost.NanoEpsilon, Work: x.Work, Time: x.Time, Leaf: leaf,
	}
	for _, h := range x.Hospitals {
		e.Hospitals = append(e.Hospitals, Hospital{
			h.Dataset, h.Provider, h.PlanHash, h.State, h.Cost.NanoRho, h.Cost.Delta, h.Cost.NanoEpsilon, h.AsOf,
		})
	}
	return e, nil
}

// Fault is the first thing that does not fit.
type Fault struct {
	Part string // such as "entry 12" or "anchor of the receipts log at 40"
	Err  error
}

func (f *Fault) Error() string { return f.Part + ": " + f.Err.Error() }

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

func fault(part, format string, args ...any) error { return &Fault{part, fmt.Errorf(format, args...)} }
