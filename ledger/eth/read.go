package eth

import (
	"context"
	"fmt"
	"math"
	"math/big"

	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// Participant returns who is registered under address; no roles if nobody is.
func (c *Client) Participant(ctx context.Context, address ledger.Address) (ledger.Participant, error) {
	p, err := c.registered(ctx, address)
	if err != nil {
		return ledger.Participant{}, err
	}
	if p.Roles == 0 {
		return ledger.Participant{Address: address}, nil
	}
	return ledger.Participant{Address: address, Roles: ledger.Role(p.Roles), Organisation: p.Organisation}, nil
}

// EverRegistered returns whether an account was registered at any time; one that was removed or has moved was.
func (c *Client) EverRegistered(ctx context.Context, address ledger.Address) (bool, error) {
	p, err := c.registered(ctx, address)
	return p.Organisation != [32]byte{}, err
}

func (c *Client) registered(ctx context.Context, address ledger.Address) (p contracts.RegistryParticipant, err error) {
	p, err = callFinal(ctx, c, c.cfg.Addresses.Registry,
		c.registry.PackParticipant(common.Address(address)), c.registry.UnpackParticipant)
	if err != nil {
		err = fmt.Errorf("reading participant %s: %w", address, err)
	}
	return p, err
}

// Credit returns the work that a researcher has claimed and not escrowed, in
// expected hashes.
func (c *Client) Credit(ctx context.Context, researcher ledger.Address) (work int64, err error) {
	credit, err := callFinal(ctx, c, c.cfg.Addresses.WorkBudget,
		c.budget.PackCredit(common.Address(researcher)), c.budget.UnpackCredit)
	if err == nil {
		work, err = toInt64(credit)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the credit of %s: %w", researcher, err)
	}
	return work, nil
}

// Grant returns what the chain holds of a grant that as many members of a committee
// approved as must, the given one among them; false if it holds nothing. A grant
// that is suspended, or over, is returned, and says so.
func (c *Client) Grant(ctx context.Context, document ledger.Hash, committee ledger.Address) (ledger.GrantRecord, bool, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return c.grantAt(ctx, document, committee, block)
}

// GrantNow is Grant as of the newest block, which may not be final.
func (c *Client) GrantNow(ctx context.Context, document ledger.Hash, committee ledger.Address) (ledger.GrantRecord, bool, error) {
	newest, err := c.Head(ctx)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return c.grantAt(ctx, document, committee, newest)
}

// GrantOf is Grant for the organisation of a committee, whoever of it approved. The
// field Committee is empty.
func (c *Client) GrantOf(ctx context.Context, document, organisation ledger.Hash) (ledger.GrantRecord, bool, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	g, err := c.grantOfAt(ctx, document, organisation, block)
	if err != nil {
		return ledger.GrantRecord{}, false, err
	}
	return c.approved(ctx, document, ledger.Address{}, g, block)
}

func (c *Client) grantOfAt(ctx context.Context, document, organisation ledger.Hash, block uint64) (contracts.GrantsGrant, error) {
	g, err := call(ctx, c, c.cfg.Addresses.Grants, block, c.grants.PackGet(document, organisation), c.grants.UnpackGet)
	if err != nil {
		return g, fmt.Errorf("reading grant %s: %w", document, err)
	}
	return g, nil
}

// GrantSignatures returns how many members of an organisation's committee have signed a
// grant, its approval or, while it is suspended, its resumption; and how many must.
func (c *Client) GrantSignatures(ctx context.Context, document, organisation ledger.Hash) (signed, needed int, err error) {
	g, err := callFinal(ctx, c, c.cfg.Addresses.Grants, c.grants.PackGet(document, organisation), c.grants.UnpackGet)
	if err != nil {
		return 0, 0, fmt.Errorf("reading grant %s: %w", document, err)
	}
	approvals, err := c.Approvals(ctx, organisation)
	return int(g.Signatures), int(approvals), err
}

// Values of Grants.Status.
const (
	statusNone = iota
	statusPending
	statusActive
	statusSuspended
	statusRevoked
	statusSuperseded
	statusClosed
)

var grantStatus = map[uint8]ledger.GrantStatus{
	statusActive: ledger.GrantActive, statusSuspended: ledger.GrantSuspended, statusRevoked: ledger.GrantRevoked,
	statusSuperseded: ledger.GrantSuperseded, statusClosed: ledger.GrantClosed,
}

func (c *Client) grantAt(ctx context.Context, document ledger.Hash, committee ledger.Address, block uint64) (ledger.GrantRecord, bool, error) {
	g, err := call(ctx, c, c.cfg.Addresses.Grants, block,
		c.grants.PackApprovedBy(document, common.Address(committee)), c.grants.UnpackApprovedBy)
	if err != nil {
		return ledger.GrantRecord{}, false, fmt.Errorf("reading grant %s: %w", document, err)
	}
	return c.approved(ctx, document, committee, g, block)
}

// approved is the record of a grant at a block, false if it is none or is not approved yet.
func (c *Client) approved(ctx context.Context, document ledger.Hash, committee ledger.Address, g contracts.GrantsGrant, block uint64) (ledger.GrantRecord, bool, error) {
	if g.Status == statusNone || g.Status == statusPending {
		return ledger.GrantRecord{}, false, nil
	}
	if _, known := grantStatus[g.Status]; !known { // a contract newer than this program: deny
		return ledger.GrantRecord{}, false, fmt.Errorf("reading grant %s: status %d: %w", document, g.Status, ErrRange)
	}
	record, err := grantRecord(document, committee, g)
	if err != nil || record.Study == document {
		return record, err == nil, err
	}
	first, err := c.grantOfAt(ctx, record.Study, g.Organisation, block)
	if err == nil && (first.Status == statusNone || first.NotBefore > math.MaxInt64) {
		err = fmt.Errorf("first grant of the study of %s: %w", document, ErrRange)
	}
	record.Since = int64(first.NotBefore)
	return record, err == nil, err
}

func grantRecord(document ledger.Hash, committee ledger.Address, g contracts.GrantsGrant) (ledger.GrantRecord, error) {
	if g.NotBefore > math.MaxInt64 || g.Expiry > math.MaxInt64 || g.ReviewBy > math.MaxInt64 {
		return ledger.GrantRecord{}, fmt.Errorf("period of grant %s: %w", document, ErrRange)
	}
	datasets := make([]ledger.Hash, len(g.Datasets))
	for i, d := range g.Datasets {
		datasets[i] = d
	}
	study := ledger.Hash(g.Study)
	if study.IsZero() {
		study = document
	}
	return ledger.GrantRecord{
		Document: document, Revision: g.Revision, Committee: committee, Organisation: g.Organisation,
		Datasets: datasets, Ceilings: g.NanoRhoCeilings,
		NotBefore: int64(g.NotBefore), Expiry: int64(g.Expiry),
		Status: grantStatus[g.Status], Suspensions: uint64(g.Suspensions),
		ReviewBy: int64(g.ReviewBy), Amends: g.Amends, Study: study, Since: int64(g.NotBefore),
	}, nil
}

// StepsHead returns the head of the steps of a study's review that a marketplace has recorded
// ([ledger.StepsHead]); zero if there are none.
func (c *Client) StepsHead(ctx context.Context, marketplace ledger.Address, study ledger.Hash) (ledger.Hash, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return ledger.Hash{}, err
	}
	return c.stepsAt(ctx, marketplace, study, block)
}

func (c *Client) stepsAt(ctx context.Context, marketplace ledger.Address, study ledger.Hash, block uint64) (ledger.Hash, error) {
	head, err := call(ctx, c, c.cfg.Addresses.Grants, block,
		c.grants.PackStepsOf(common.Address(marketplace), study), c.grants.UnpackStepsOf)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("reading the recorded steps of %s: %w", study, err)
	}
	return head, nil
}

// AnchorRoot returns the root anchored for a log at a size; zero if none is.
func (c *Client) AnchorRoot(ctx context.Context, log ledger.Hash, size uint64) (ledger.Hash, error) {
	root, err := callFinal(ctx, c, c.cfg.Addresses.Anchors, c.anchors.PackRoots(log, size), c.anchors.UnpackRoots)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("reading the anchor of log %s at %d: %w", log, size, err)
	}
	return root, nil
}

func toInt64(v *big.Int) (int64, error) {
	if !v.IsInt64() {
		return 0, fmt.Errorf("%w: %s", ErrRange, v)
	}
	return v.Int64(), nil
}
