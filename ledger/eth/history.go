package eth

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// logsAtOnce is how many blocks one request for events is about.
const logsAtOnce = 20_000

// logs calls see with each event of a contract up to a block, in order.
func (c *Client) logs(ctx context.Context, address ledger.Address, last uint64, topics [][]common.Hash, see func(*types.Log) error) error {
	for first := uint64(0); first <= last; first += logsAtOnce {
		found, err := c.cfg.Client.FilterLogs(ctx, ethereum.FilterQuery{
			Addresses: []common.Address{common.Address(address)}, Topics: topics,
			FromBlock: new(big.Int).SetUint64(first), ToBlock: new(big.Int).SetUint64(min(last, first+logsAtOnce-1)),
		})
		if err != nil {
			return fmt.Errorf("asking the node for events from block %d: %w", first, err)
		}
		for i := range found {
			if err := see(&found[i]); err != nil {
				return fmt.Errorf("event in block %d: %w", found[i].BlockNumber, err)
			}
		}
	}
	return nil
}

// AnchorHistory returns every root of a log that was anchored, up to the last final block, in rising order of sizes.
func (c *Client) AnchorHistory(ctx context.Context, log ledger.Hash) (all []ledger.Anchored, err error) {
	final, err := c.FinalBlock(ctx)
	if err != nil {
		return nil, err
	}
	topics := [][]common.Hash{{c.anchors.GetABI().Events[contracts.AnchorsAnchoredEventName].ID}, {common.Hash(log)}}
	err = c.logs(ctx, c.cfg.Addresses.Anchors, final, topics, func(l *types.Log) error {
		e, err := c.anchors.UnpackAnchoredEvent(l)
		if err == nil {
			all = append(all, ledger.Anchored{Size: e.Size, Root: e.Root, Block: l.BlockNumber})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the anchors of log %s: %w", log, err)
	}
	return all, nil
}

// CreditBalance is what the chain holds between a researcher and a marketplace after a block.
func (c *Client) CreditBalance(ctx context.Context, researcher, marketplace ledger.Address, block uint64) (b ledger.CreditBalance, err error) {
	budget := c.cfg.Addresses.WorkBudget
	free, err := call(ctx, c, budget, block, c.budget.PackCredit(common.Address(researcher)), c.budget.UnpackCredit)
	if err == nil {
		b.Free, err = toInt64(free)
	}
	if err != nil {
		return b, fmt.Errorf("reading the credit of %s after block %d: %w", researcher, block, err)
	}
	a, err := call(ctx, c, budget, block, c.budget.PackAccountOf(common.Address(researcher), common.Address(marketplace)), c.budget.UnpackAccountOf)
	if err == nil {
		b.Escrowed, err = toInt64(a.Escrowed)
	}
	if err == nil {
		b.Burnt, err = toInt64(new(big.Int).SetUint64(a.Settled))
	}
	if err != nil {
		return b, fmt.Errorf("reading the escrow of %s after block %d: %w", researcher, block, err)
	}
	return b, nil
}

// BlockTime is when a block was sealed, Unix seconds.
func (c *Client) BlockTime(ctx context.Context, block uint64) (int64, error) {
	header, err := c.cfg.Client.HeaderByNumber(ctx, new(big.Int).SetUint64(block))
	if err != nil {
		return 0, fmt.Errorf("asking the node for block %d: %w", block, err)
	}
	return int64(header.Time), nil
}

// CreditHistory returns what happened to a researcher's credit up to a block, which should be final, in order. What was
// claimed for an account that she had moved from is hers as well.
func (c *Client) CreditHistory(ctx context.Context, researcher ledger.Address, last uint64) ([]ledger.CreditEvent, error) {
	h := creditHistory{client: c, of: common.Address(researcher)}
	for _, read := range []func(context.Context, uint64) error{h.readMoves, h.readClaims, h.readEscrow, h.readInherited} {
		if err := read(ctx, last); err != nil {
			return nil, fmt.Errorf("reading the history of the credit of %s: %w", researcher, err)
		}
	}
	slices.SortFunc(h.events, func(a, b ledger.CreditEvent) int {
		return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.Position, b.Position))
	})
	return h.events, h.date(ctx)
}

type creditHistory struct {
	client *Client
	of     common.Address
	moves  []*contracts.RegistryRotated // of all accounts, in order
	events []ledger.CreditEvent
}

// readMoves reads who has moved to another account.
func (h *creditHistory) readMoves(ctx context.Context, last uint64) error {
	c := h.client
	topics := [][]common.Hash{{c.registry.GetABI().Events[contracts.RegistryRotatedEventName].ID}}
	return c.logs(ctx, c.cfg.Addresses.Registry, last, topics, func(l *types.Log) error {
		e, err := c.registry.UnpackRotatedEvent(l)
		if err == nil {
			h.moves = append(h.moves, e)
		}
		return err
	})
}

// earlier are the accounts from which one comes to h.of by moves, itself included.
func (h *creditHistory) earlier() []common.Address {
	all := []common.Address{h.of}
	for _, m := range slices.Backward(h.moves) { // nobody moves to an account that was in use before
		if slices.Contains(all, m.Next) {
			all = append(all, m.Account)
		}
	}
	return all
}

// current is the account that the holder of an account used when the event came.
func (h *creditHistory) current(account common.Address, l *types.Log) common.Address {
	for _, m := range h.moves {
		before := m.Raw.BlockNumber < l.BlockNumber || m.Raw.BlockNumber == l.BlockNumber && m.Raw.Index < l.Index
		if before && m.Account == account {
			account = m.Next
		}
	}
	return account
}

func (h *creditHistory) readClaims(ctx context.Context, last uint64) error {
	c := h.client
	var sealers []common.Hash
	for _, a := range h.earlier() {
		sealers = append(sealers, common.BytesToHash(a[:]))
	}
	topics := [][]common.Hash{{c.budget.GetABI().Events[contracts.WorkBudgetWorkCreditedEventName].ID}, nil, nil, sealers}
	return c.logs(ctx, c.cfg.Addresses.WorkBudget, last, topics, func(l *types.Log) error {
		e, err := c.budget.UnpackWorkCreditedEvent(l)
		if err != nil || h.current(e.Researcher, l) != h.of {
			return err
		}
		return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditClaimed, Sealed: e.Number.Uint64()})
	})
}

func (h *creditHistory) readEscrow(ctx context.Context, last uint64) error {
	c := h.client
	events := c.budget.GetABI().Events
	escrowed, settled, released := events[contracts.WorkBudgetEscrowedEventName].ID, events[contracts.WorkBudgetSettledEventName].ID,
		events[contracts.WorkBudgetReleasedEventName].ID
	topics := [][]common.Hash{{escrowed, settled, released}, {common.BytesToHash(h.of[:])}}
	return c.logs(ctx, c.cfg.Addresses.WorkBudget, last, topics, func(l *types.Log) error {
		switch l.Topics[0] {
		case escrowed:
			e, err := c.budget.UnpackEscrowedEvent(l)
			if err != nil {
				return err
			}
			return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditEscrowed, Marketplace: ledger.Address(e.Marketplace)})
		case settled:
			e, err := c.budget.UnpackSettledEvent(l)
			if err != nil {
				return err
			}
			return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditSettled, Marketplace: ledger.Address(e.Marketplace)})
		default:
			e, err := c.budget.UnpackReleasedEvent(l)
			if err != nil {
				return err
			}
			return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditReturned, Marketplace: ledger.Address(e.Marketplace)})
		}
	})
}

func (h *creditHistory) readInherited(ctx context.Context, last uint64) error {
	c, her := h.client, []common.Hash{common.BytesToHash(h.of[:])}
	id := []common.Hash{c.budget.GetABI().Events[contracts.WorkBudgetInheritedEventName].ID}
	for _, topics := range [][][]common.Hash{{id, her}, {id, nil, her}} {
		err := c.logs(ctx, c.cfg.Addresses.WorkBudget, last, topics, func(l *types.Log) error {
			e, err := c.budget.UnpackInheritedEvent(l)
			if err != nil {
				return err
			}
			if e.From == h.of {
				return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditMoved, Account: ledger.Address(e.To)})
			}
			return h.add(l, e.Work, ledger.CreditEvent{Kind: ledger.CreditInherited, Account: ledger.Address(e.From)})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *creditHistory) add(l *types.Log, work *big.Int, e ledger.CreditEvent) (err error) {
	e.Work, err = toInt64(work)
	e.Block, e.Position, e.Transaction = l.BlockNumber, uint64(l.Index), ledger.Hash(l.TxHash)
	h.events = append(h.events, e)
	return err
}

// date adds when the blocks were sealed.
func (h *creditHistory) date(ctx context.Context) error {
	times := map[uint64]int64{}
	for i, e := range h.events {
		if _, known := times[e.Block]; !known {
			at, err := h.client.BlockTime(ctx, e.Block)
			if err != nil {
				return err
			}
			times[e.Block] = at
		}
		h.events[i].Time = times[e.Block]
	}
	return nil
}
