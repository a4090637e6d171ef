package eth

import (
	"context"
	"fmt"
	"math"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// Register records a participant, replacing what was recorded of its address;
// the key must be an operator's.
func (t *Transactor) Register(ctx context.Context, p ledger.Participant) error {
	if p.Roles > math.MaxUint32 {
		return fmt.Errorf("registering %s: roles: %w", p.Address, ErrRange)
	}
	input := t.registry.PackRegister(common.Address(p.Address), uint32(p.Roles), p.Organisation)
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("registering %s: %w", p.Address, err)
	}
	return nil
}

// Remove takes all roles from an account; the key must be an operator's.
func (t *Transactor) Remove(ctx context.Context, account ledger.Address) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, t.registry.PackRemove(common.Address(account))); err != nil {
		return fmt.Errorf("removing %s: %w", account, err)
	}
	return nil
}

// Rotate moves the key's roles, and its seat among the signers, to a new account,
// which was never registered before. The key is retired for good. Acceptance is the
// new account's signature of the digest of the [ledger.KeyRotation].
func (t *Transactor) Rotate(ctx context.Context, next ledger.Address, acceptance ledger.Signature) error {
	input := t.registry.PackRotate(common.Address(next), acceptance[:])
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("moving to %s: %w", next, err)
	}
	return nil
}

// RotateSigned is Rotate for another's account: sig is its signature of the digest
// of r, acceptance the new account's.
func (t *Transactor) RotateSigned(ctx context.Context, r ledger.KeyRotation, sig, acceptance ledger.Signature) error {
	input := t.registry.PackRotateSigned(common.Address(r.Account), common.Address(r.Next), sig[:], acceptance[:])
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("moving %s to %s: %w", r.Account, r.Next, err)
	}
	return nil
}

// Replace gives the roles of an account whose key is lost to a new one, which signed
// r; the key must be an operator's. Signers are not replaced but voted out and in.
func (t *Transactor) Replace(ctx context.Context, r ledger.KeyRotation, acceptance ledger.Signature) error {
	input := t.registry.PackReplace(common.Address(r.Account), common.Address(r.Next), acceptance[:])
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("replacing %s by %s: %w", r.Account, r.Next, err)
	}
	return nil
}

// Current returns the account that the holder of the given one uses now.
func (c *Client) Current(ctx context.Context, account ledger.Address) (ledger.Address, error) {
	current, err := callFinal(ctx, c, c.cfg.Addresses.Registry,
		c.registry.PackCurrentOf(common.Address(account)), c.registry.UnpackCurrentOf)
	if err != nil {
		return ledger.Address{}, fmt.Errorf("reading what became of %s: %w", account, err)
	}
	return ledger.Address(current), nil
}

// SetApprovals sets how many members of an organisation's committee must approve a
// grant, or its resumption; the key must be an operator's.
func (t *Transactor) SetApprovals(ctx context.Context, organisation ledger.Hash, approvals uint8) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, t.registry.PackSetApprovals(organisation, approvals)); err != nil {
		return fmt.Errorf("setting the approvals of %s: %w", organisation, err)
	}
	return nil
}

// Approvals returns how many members of an organisation's committee must approve.
func (c *Client) Approvals(ctx context.Context, organisation ledger.Hash) (uint8, error) {
	approvals, err := callFinal(ctx, c, c.cfg.Addresses.Registry, c.registry.PackApprovalsOf(organisation), c.registry.UnpackApprovalsOf)
	if err != nil {
		return 0, fmt.Errorf("reading the approvals of %s: %w", organisation, err)
	}
	return approvals, nil
}

// ReadSigners returns the signers that a registry names in the block with a given
// hash: none if it was not there yet. A node can use it before there is a [Client],
// as ReadSigners of its configuration (package chain).
func ReadSigners(ctx context.Context, client *ethclient.Client, registry common.Address, block common.Hash) ([]common.Address, error) {
	binding := contracts.NewRegistry()
	output, err := client.CallContractAtHash(ctx, ethereum.CallMsg{To: &registry, Data: binding.PackSigners()}, block)
	if err == nil && len(output) == 0 {
		return nil, nil
	}
	var signers []common.Address
	if err == nil {
		signers, err = binding.UnpackSigners(output)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the signers in block %s: %w", block, explain(err))
	}
	return signers, nil
}

// Signers returns whose votes make checkpoints final, as of the block with the
// given hash: none if the registry was not there yet.
func (c *Client) Signers(ctx context.Context, block ledger.Hash) ([]ledger.Address, error) {
	signers, err := ReadSigners(ctx, c.cfg.Client, common.Address(c.cfg.Addresses.Registry), common.Hash(block))
	if err != nil {
		return nil, err
	}
	out := make([]ledger.Address, len(signers))
	for i, s := range signers {
		out[i] = ledger.Address(s)
	}
	return out, nil
}

// SignersNow returns the signers in the newest block, which may not be final.
func (c *Client) SignersNow(ctx context.Context) ([]ledger.Address, error) {
	head, err := c.cfg.Client.HeaderByNumber(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the node for its head: %w", err)
	}
	return c.Signers(ctx, ledger.Hash(head.Hash()))
}

// VoteSigner votes, with a signer's key, for an account to become a signer or to be
// one no longer. It does so when floor(2n/3)+1 of the n signers have voted for it;
// a vote for things as they are takes an earlier one back.
func (t *Transactor) VoteSigner(ctx context.Context, account ledger.Address, member bool) error {
	input := t.registry.PackVoteSigner(common.Address(account), member)
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("voting on signer %s: %w", account, err)
	}
	return nil
}

// RemoveOffender removes the signer whom e convicts, for good. Any key may bring it.
func (t *Transactor) RemoveOffender(ctx context.Context, e ledger.CheckpointEvidence) error {
	input := t.registry.PackRemoveOffender(packVote(e.First.Vote), e.First.Signature[:], packVote(e.Second.Vote), e.Second.Signature[:])
	if _, err := t.send(ctx, t.cfg.Addresses.Registry, input); err != nil {
		return fmt.Errorf("removing a signer who voted twice: %w", err)
	}
	return nil
}

func packVote(v ledger.CheckpointVote) contracts.SignersCheckpointVote {
	return contracts.SignersCheckpointVote{
		SourceNumber: v.SourceNumber, SourceHash: v.SourceHash, TargetNumber: v.TargetNumber, TargetHash: v.TargetHash,
	}
}
