package marketplace

import (
	"context"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
)

// Review is a study before its committee. The hash of its first document names it for ever; another document may take
// its place.
type Review struct {
	Study        ledger.Hash // first document
	Grant        ledger.Hash // present document
	Organisation ledger.Hash // whose committee it is addressed to
	State        review.State
	Steps        uint64 // taken so far
	Recorded     uint64 // of Steps, those that are final on the chain
	CreatedAt    int64  // Unix seconds
}

// File is a document that belongs to a study, such as its protocol.
type File struct {
	review.Attachment
	Content []byte
}

// ReviewStore keeps what happens to studies before their committees. Its methods are transactions as those of [Store].
type ReviewStore interface {
	// Submit files a study with its first step, number 1, which leaves it Submitted. What was filed before, as the first
	// document of a study or in the place of one, is left as it is.
	Submit(ctx context.Context, s Study, organisation ledger.Hash, first review.Entry) error
	// Review returns a study by the hash of any of its documents; ErrUnknownGrant.
	Review(ctx context.Context, grant ledger.Hash) (Review, error)
	// Reviews lists all, oldest first.
	Reviews(ctx context.Context) ([]Review, error)
	// TakeStep adds a step of a study and leaves it in the state next; s, unless nil, takes the place of its document.
	// Errors: ErrUnknownGrant for no such study, ErrStaleStep unless the step's number is the next one, ErrGrantExists for
	// a document that was filed before.
	TakeStep(ctx context.Context, study ledger.Hash, e review.Entry, next review.State, s *Study) error
	// Steps lists the steps of a study in their order; none of one that is not there.
	Steps(ctx context.Context, study ledger.Hash) ([]review.Entry, error)
	// SaveFile keeps a file of a study by somebody in a role; one that is there is left as it is. Errors: ErrUnknownGrant,
	// ErrTooManyFiles if there are review.MaxFiles by that role.
	SaveFile(ctx context.Context, study ledger.Hash, by review.Role, f File) error
	// File returns a file; ErrUnknownFile.
	File(ctx context.Context, study, hash ledger.Hash) (File, error)
	// Files lists the files of a study without their content, in the order in which they were saved.
	Files(ctx context.Context, study ledger.Hash) ([]review.Attachment, error)
	// Unrecorded lists studies of whose steps not all are recorded.
	Unrecorded(ctx context.Context) ([]Review, error)
	// SaveRecorded says how many steps of a study are final on the chain; it never falls.
	SaveRecorded(ctx context.Context, study ledger.Hash, steps uint64) error
	// SaveAcceptance keeps a researcher's acceptance of a dataset's terms in the place of the one before.
	SaveAcceptance(ctx context.Context, dataset string, researcher ledger.Address, signed ledger.SignedDocument) error
	// Acceptance returns it; nil if there is none.
	Acceptance(ctx context.Context, dataset string, researcher ledger.Address) (*ledger.SignedDocument, error)
}

// Reviewed is a study as somebody who has to do with it sees it.
type Reviewed struct {
	Review
	Document Study        // the present one
	Content  policy.Grant // what it says
	Status   ledger.GrantStatus
	ReviewBy int64       // continuing review as it stands on the chain, Unix seconds; 0: none
	Role     review.Role // of who asked
	// Suspensions are how often the grant was suspended, as it stands on the chain.
	Suspensions uint64
	// Waiting says that something is for who asked to do.
	Waiting bool
}
