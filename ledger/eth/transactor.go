package eth

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/medmarket/medmarket/ledger"
)

// ErrReverted says that a transaction came into a block and failed there, for a
// reason that cannot be told any more.
var ErrReverted = errors.New("transaction failed in its block")

// ErrNoCoins says that a key has not enough coins to pay for its transaction. Sealing
// earns some.
var ErrNoCoins = errors.New("not enough coins to pay for the transaction")

// sender signs and sends transactions of one key, one after another, and waits
// for each without holding up the next.
type sender struct {
	client  *ethclient.Client
	chainID *big.Int
	key     *ecdsa.PrivateKey
	from    common.Address
	poll    time.Duration

	mu       sync.Mutex // held from the choice of a nonce until it is in the pool
	inFlight int        // sent and still waited for
	next     uint64     // nonce after the last one sent; counts while inFlight > 0
}

func newSender(client *ethclient.Client, chainID uint64, key *ledger.Key, poll time.Duration) (*sender, error) {
	private, err := crypto.ToECDSA(key.Secret())
	if err != nil {
		return nil, fmt.Errorf("%w: Key: %w", ErrConfig, err)
	}
	return &sender{
		client: client, chainID: new(big.Int).SetUint64(chainID),
		key: private, from: common.Address(key.Address()), poll: poll,
	}, nil
}

// send has the transaction executed and returns its receipt; to is nil to make a
// contract. It waits for a block as long as ctx lets it, without a limit of its
// own: how soon a block comes is up to the miners. When ctx ends first, the
// transaction may still come into a block.
func (s *sender) send(ctx context.Context, to *common.Address, input []byte) (*types.Receipt, error) {
	return s.pay(ctx, to, input, new(big.Int))
}

// pay is send with so many wei.
func (s *sender) pay(ctx context.Context, to *common.Address, input []byte, value *big.Int) (*types.Receipt, error) {
	tx, err := s.submit(ctx, to, input, value)
	if err != nil {
		return nil, err
	}
	defer s.settled()
	receipt, err := s.receipt(ctx, tx.Hash())
	if err != nil {
		return nil, fmt.Errorf("waiting for transaction %s: %w", tx.Hash(), err)
	}
	if receipt.Status != types.ReceiptStatusSuccessful {
		return nil, s.reason(ctx, to, input, receipt)
	}
	return receipt, nil
}

// settled says that one that was sent is not waited for any more.
func (s *sender) settled() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
}

func (s *sender) submit(ctx context.Context, to *common.Address, input []byte, value *big.Int) (*types.Transaction, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The estimate executes the call: what a contract refuses is not sent.
	gas, err := s.client.EstimateGas(ctx, ethereum.CallMsg{From: s.from, To: to, Data: input, Value: value})
	if err != nil {
		return nil, explain(err)
	}
	head, err := s.client.HeaderByNumber(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the node for its head: %w", err)
	}
	nonce, err := s.nonce(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the node for the next nonce: %w", err)
	}
	// Nodes have a least tip of their own, below which they do not seal a transaction.
	tip, err := s.client.SuggestGasTipCap(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the node for a tip: %w", err)
	}
	tx, err := types.SignNewTx(s.key, types.LatestSignerForChainID(s.chainID), &types.DynamicFeeTx{
		ChainID: s.chainID, Nonce: nonce, To: to, Data: input, Value: value,
		Gas:       gas + gas/4 + 20_000, // the state may have changed by then
		GasTipCap: tip,
		// 16 times the base fee is some 24 full blocks of head-room.
		GasFeeCap: new(big.Int).Add(new(big.Int).Lsh(head.BaseFee, 4), tip),
	})
	if err != nil {
		return nil, fmt.Errorf("signing a transaction: %w", err)
	}
	if err := s.client.SendTransaction(ctx, tx); err != nil {
		if strings.Contains(err.Error(), core.ErrInsufficientFunds.Error()) { // over JSON-RPC only the text comes
			err = fmt.Errorf("%w: %w", ErrNoCoins, err)
		}
		return nil, fmt.Errorf("sending a transaction: %w", err)
	}
	s.inFlight++
	s.next = nonce + 1
	return tx, nil
}

// nonce is the next free one. Nodes may be late to count what is in their pool or
// in the newest block, hence the greatest of all counts.
func (s *sender) nonce(ctx context.Context) (uint64, error) {
	pending, err := s.client.PendingNonceAt(ctx, s.from)
	if err != nil {
		return 0, err
	}
	mined, err := s.client.NonceAt(ctx, s.from, nil)
	if err != nil {
		return 0, err
	}
	if s.inFlight > 0 {
		return max(pending, mined, s.next), nil
	}
	return max(pending, mined), nil
}

// receipt asks for the receipt once a poll until there is one, of a block that the
// node's head has reached, or ctx ends. go-ethereum shows a receipt before it moves
// its head; a caller who reads next must not read the state of before.
func (s *sender) receipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	ticker := time.NewTicker(s.poll)
	defer ticker.Stop()
	for {
		receipt, reached, err := s.askReceipt(ctx, hash)
		switch {
		case err == nil && reached:
			return receipt, nil
		case err == nil: // ask again: the block may yet lose against another
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !errors.Is(err, ethereum.NotFound) && err.Error() != indexing:
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
	}
}

// askReceipt also reports whether the node's head has reached the receipt's block.
func (s *sender) askReceipt(ctx context.Context, hash common.Hash) (*types.Receipt, bool, error) {
	receipt, err := s.client.TransactionReceipt(ctx, hash)
	if err != nil {
		return nil, false, err
	}
	head, err := s.client.BlockNumber(ctx)
	if err != nil {
		return nil, false, err
	}
	return receipt, receipt.BlockNumber.IsUint64() && head >= receipt.BlockNumber.Uint64(), nil
}

// indexing is what go-ethereum says of any receipt while it starts.
const indexing = "transaction indexing is in progress"

// reason repeats a failed call on the state its block began with. Another
// transaction of that block may be to blame: then there is no telling.
func (s *sender) reason(ctx context.Context, to *common.Address, input []byte, receipt *types.Receipt) error {
	before := new(big.Int).Sub(receipt.BlockNumber, common.Big1)
	for _, block := range []*big.Int{before, receipt.BlockNumber} {
		_, err := s.client.CallContract(ctx, ethereum.CallMsg{From: s.from, To: to, Data: input}, block)
		var refused *RefusedError
		if errors.As(explain(err), &refused) {
			return fmt.Errorf("transaction %s in block %s: %w", receipt.TxHash, receipt.BlockNumber, refused)
		}
	}
	return fmt.Errorf("transaction %s in block %s: %w", receipt.TxHash, receipt.BlockNumber, ErrReverted)
}
