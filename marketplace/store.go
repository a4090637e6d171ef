package marketplace

import (
	"context"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Study is a grant as the marketplace keeps it: the researcher's request and,
// once approved, the committee's signature. The chain says whether it is live.
type Study struct {
	Request   ledger.SignedDocument // a DataGrant, signed by the researcher
	Approval  *ledger.Signature     // over the GrantTerms; nil while pending
	CreatedAt int64                 // Unix seconds
}

// Reservation is what an ask takes before it goes to a hospital.
type Reservation struct {
	Ask        ledger.Ask
	AskHash    ledger.Hash // names the ask and who signed it
	Researcher ledger.Address
	Takings    []Taking // for each hospital, in the order of the ask
	// Study is the grant document whose allocations are taken from: the first of the study, if the ask's is an amendment.
	// Zero: the ask's own.
	Study  ledger.Hash
	Escrow int64 // expected hashes the researcher ever escrowed here, final on chain
	// Burnt is what a researcher without an account has drawn and settled in a store that was lost; default: nothing.
	Burnt     int64
	Voucher   ledger.Voucher
	Signature ledger.Signature // of the voucher
	At        int64            // Unix seconds
}

// Taking is what an ask takes for one hospital.
type Taking struct {
	Dataset    string
	NanoRho    int64 // against the grant's allocation at the dataset
	Allocation int64 // nano-rho that the grant allows at the dataset
	Work       int64 // price, expected hashes
}

// Work is the price in all, expected hashes.
func (r Reservation) Work() (total int64) {
	for _, t := range r.Takings {
		total += t.Work
	}
	return total
}

// Kept is what there is of a reserved ask at one hospital.
type Kept struct {
	Work    int64                 // price taken for it, expected hashes
	Release *ledger.SignedRelease // nil: none was kept
}

// Entry is an ask on record. Receipt is nil until it is complete; its
// Inclusion and Anchor are left empty (they are made when it is shown).
type Entry struct {
	AskHash ledger.Hash
	Work    int64 // price taken in all, expected hashes
	Receipt *ledger.Receipt
	Index   uint64 // of its leaf
}

// Page asks for a part of the register of complete asks.
type Page struct {
	Grant  ledger.Hash // of this study only; zero: of all
	Before uint64      // Index of the last entry of the page before; 0: from the newest on
	Limit  int         // entries at most, 1 to MaxPage
}

// MaxPage is the most entries on a [Page].
const MaxPage = 100

// Account is a researcher's standing with this marketplace, in expected hashes.
type Account struct {
	Drawn   int64 // by reserved and complete asks
	Settled int64 // burnt on the chain
}

// Drawing is what one ask has drawn of a researcher's escrow.
type Drawing struct {
	Ask      ledger.Ask
	Work     int64 // expected hashes; of those who answered, once it is complete
	At       int64 // of the reservation, Unix seconds
	Complete bool  // it has its receipt
}

// SignedVoucher is a voucher ready to settle.
type SignedVoucher struct {
	Voucher   ledger.Voucher
	Signature ledger.Signature
}

// Anchor is a root of the receipts log on the chain.
type Anchor = provider.Anchor

// Origin is where a store is from.
type Origin struct {
	Copied bool   // it is a copy that a backup made, not held against the chain since
	Ever   bool   // it was brought back from a backup at some time
	Size   uint64 // of its log, leaves
}

// Store keeps the marketplace's state. Each method is one serialised
// transaction, durable when it returns nil, that changed nothing when it
// returns an error. Safe for concurrent use.
type Store interface {
	// What happens to studies before their committees.
	ReviewStore
	// Study returns a study by the hash of its grant document; ErrUnknownGrant.
	Study(ctx context.Context, grant ledger.Hash) (Study, error)
	// Studies lists all studies, oldest first.
	Studies(ctx context.Context) ([]Study, error)
	// SaveApproval sets the approval of a study; ErrUnknownGrant.
	SaveApproval(ctx context.Context, grant ledger.Hash, sig ledger.Signature) error
	// Reserve takes the ask's cost and price if they fit: ErrGrantBudget,
	// ErrNoCredit, ErrVoucher (unless Voucher.Cumulative is Drawn plus Work()).
	// A request id on record changes nothing and returns its entry;
	// ErrRequestReused if it was for another ask.
	Reserve(ctx context.Context, r Reservation) (Entry, error)
	// Kept returns what there is of a reserved ask at each hospital, in the order of the ask; ErrUnknownReceipt.
	Kept(ctx context.Context, request ledger.Hash) ([]Kept, error)
	// Keep keeps the release of the hospital at a place of a reserved ask. If there is one already, that one stays.
	Keep(ctx context.Context, request ledger.Hash, place int, r ledger.SignedRelease) error
	// Cancel gives a reservation back; it does nothing to a complete ask.
	Cancel(ctx context.Context, request ledger.Hash) error
	// Complete stores the receipt of a reserved ask with its leaf and returns
	// the entry. If it is complete already, that entry is returned unchanged. What
	// was taken in work beyond the statement's is given back, and so is the cost at those who refused.
	Complete(ctx context.Context, request ledger.Hash, r ledger.Receipt, leaf ledger.Hash) (Entry, error)
	// Entry returns an ask on record, false if there is none.
	Entry(ctx context.Context, request ledger.Hash) (Entry, bool, error)
	// Answered returns the complete ask of least Index for a [Question] whose
	// answer stands on log index asOf at least, false if there is none. Once
	// there is one, it is the same for ever.
	Answered(ctx context.Context, question ledger.Hash, asOf uint64) (Entry, bool, error)
	// Answers lists complete asks for the register, newest first: those with Index below
	// p.Before. What completes meanwhile moves no page. ErrMalformed for a limit
	// out of range; an unknown grant has none. The list ends with a page that is
	// not full, or with Index 0.
	Answers(ctx context.Context, p Page) ([]Entry, error)
	// Taken returns the nano-rho that asks have taken of a study's allocations ([Reservation].Study), by dataset; nothing for
	// a study that none was taken of.
	Taken(ctx context.Context, study ledger.Hash) (map[string]int64, error)
	// Origin says where the store is from.
	Origin(ctx context.Context) (Origin, error)
	// Restore has accounts drawn and settled so far at least, and the log so long; the leaves that it lacks are random. The store
	// is no copy any more.
	Restore(ctx context.Context, burnt map[ledger.Address]int64, size uint64) error
	// Researchers lists those who have an account.
	Researchers(ctx context.Context) ([]ledger.Address, error)
	// Account returns a researcher's standing.
	Account(ctx context.Context, researcher ledger.Address) (Account, error)
	// Drawings lists what of a researcher's escrow is drawn, in the order of request ids, those above after: MaxPage at most.
	// Together they are what Account says is Drawn, but for what Restore counts.
	Drawings(ctx context.Context, researcher ledger.Address, after ledger.Hash) ([]Drawing, error)
	// Unsettled returns, for each researcher, the greatest voucher of a
	// complete ask that is above Settled and not above Drawn.
	Unsettled(ctx context.Context) ([]SignedVoucher, error)
	// SaveSettled records what the chain has burnt; it never falls.
	SaveSettled(ctx context.Context, researcher ledger.Address, cumulative int64) error
	// The receipts log.
	provider.LogStore
}
