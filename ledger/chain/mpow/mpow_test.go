package mpow_test

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
	"github.com/medmarket/medmarket/ledger/pow"
)

func header(number int64) *types.Header {
	return &types.Header{
		Number: big.NewInt(number), Difficulty: new(big.Int), UncleHash: types.EmptyUncleHash, BaseFee: big.NewInt(7),
		Extra: pow.Seal{Difficulty: 64}.Bytes(), WithdrawalsHash: new(common.Hash), BlobGasUsed: new(uint64),
		ExcessBlobGas: new(uint64), ParentBeaconRoot: new(common.Hash), RequestsHash: new(common.Hash),
	}
}

func body() mpow.Body {
	to := common.Address{1}
	return mpow.Body{
		Transactions: []*types.Transaction{
			types.NewTx(&types.DynamicFeeTx{ChainID: big.NewInt(1), GasTipCap: common.Big1, GasFeeCap: common.Big1, To: &to, Value: common.Big1, V: new(big.Int), R: common.Big1, S: common.Big1}),
			types.NewTx(&types.LegacyTx{GasPrice: common.Big1, Data: []byte("x"), V: big.NewInt(27), R: common.Big1, S: common.Big1, Value: new(big.Int)}),
		},
		Withdrawals: []*types.Withdrawal{{Index: 1, Address: to, Amount: 3}},
	}
}

// samples has one message of each kind.
func samples() []mpow.Message {
	return []mpow.Message{
		&mpow.Status{Genesis: common.Hash{1}, Rule: make([]byte, 32), Finality: common.Hash{3}, Head: common.Hash{2}, Work: big.NewInt(4), Justified: 8},
		&mpow.Announce{Header: header(5), Work: new(big.Int).Lsh(big.NewInt(1), 127), Justified: 1 << 63},
		&mpow.GetHeaders{ID: 1, Locator: make([]common.Hash, mpow.MaxLocator)},
		&mpow.Headers{ID: 2, Headers: []*types.Header{header(1), header(2)}},
		&mpow.GetBodies{ID: 3, Hashes: make([]common.Hash, mpow.MaxBodies)},
		&mpow.Bodies{ID: 4, Bodies: []mpow.Body{body(), {}}},
		&mpow.Votes{Votes: votes(mpow.MaxVotes)},
		&mpow.GetLinks{ID: 5, After: 16},
		&mpow.Links{ID: 6, Votes: votes(mpow.MaxLinkVotes)},
	}
}

// votes are the largest that can be encoded.
func votes(n int) []ledger.SignedCheckpointVote {
	out := make([]ledger.SignedCheckpointVote, n)
	for i := range out {
		out[i].Vote.SourceNumber, out[i].Vote.TargetNumber = 1<<63, 1<<64-1
	}
	return out
}

func encode(tb testing.TB, m mpow.Message) []byte {
	tb.Helper()
	payload, err := rlp.EncodeToBytes(m)
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

// Every message that may be sent arrives as it was sent.
func TestMessagesArrive(t *testing.T) {
	here, there := p2p.MsgPipe()
	defer here.Close()
	for code, m := range samples() {
		if m.Code() != uint64(code) {
			t.Errorf("%T has code %d, want %d", m, m.Code(), code)
		}
		sent := make(chan error, 1)
		go func() { sent <- mpow.Write(here, m) }()
		msg, err := there.ReadMsg()
		if err != nil {
			t.Fatal(err)
		}
		got, err := mpow.Read(msg)
		if err != nil {
			t.Errorf("%T: %v", m, err)
			continue
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		if !bytes.Equal(encode(t, got), encode(t, m)) {
			t.Errorf("%T came as %+v, want %+v", m, got, m)
		}
	}
	if len(samples()) != int(mpow.Codes) {
		t.Errorf("%d samples for %d codes", len(samples()), mpow.Codes)
	}
}

// The largest honest headers fit.
func TestFullAnswersFit(t *testing.T) {
	m := &mpow.Headers{ID: 1 << 63}
	for range mpow.MaxHeaders {
		m.Headers = append(m.Headers, header(1<<62))
	}
	if _, err := mpow.Decode(mpow.HeadersCode, encode(t, m)); err != nil {
		t.Error(err)
	}
}

func TestMessagesOutOfBounds(t *testing.T) {
	tooMuch := new(big.Int).Lsh(big.NewInt(1), 128)
	blob := body()
	blob.Transactions[0] = types.NewTx(&types.BlobTx{Sidecar: &types.BlobTxSidecar{}})
	for name, m := range map[string]mpow.Message{
		"rule too short":    &mpow.Status{Rule: make([]byte, 31), Work: new(big.Int)},
		"status work":       &mpow.Status{Rule: make([]byte, 32), Work: tooMuch},
		"announced work":    &mpow.Announce{Header: header(1), Work: tooMuch},
		"no locator":        &mpow.GetHeaders{},
		"long locator":      &mpow.GetHeaders{Locator: make([]common.Hash, mpow.MaxLocator+1)},
		"many headers":      &mpow.Headers{Headers: manyHeaders(mpow.MaxHeaders + 1)},
		"ask for no bodies": &mpow.GetBodies{},
		"ask for many":      &mpow.GetBodies{Hashes: make([]common.Hash, mpow.MaxBodies+1)},
		"many bodies":       &mpow.Bodies{Bodies: make([]mpow.Body, mpow.MaxBodies+1)},
		"no votes":          &mpow.Votes{},
		"many votes":        &mpow.Votes{Votes: votes(mpow.MaxVotes + 1)},
		"many link votes":   &mpow.Links{Votes: votes(mpow.MaxLinkVotes + 1)},
		"blobs in a body":   &mpow.Bodies{Bodies: []mpow.Body{blob}},
	} {
		if got, err := mpow.Decode(m.Code(), encode(t, m)); !errors.Is(err, mpow.ErrMessage) {
			t.Errorf("%s: %+v, %v; want ErrMessage", name, got, err)
		}
	}
	if _, err := mpow.Decode(mpow.Codes, []byte{0xc0}); !errors.Is(err, mpow.ErrMessage) {
		t.Errorf("unknown code: %v", err)
	}
	trailing := append(encode(t, samples()[0]), 0)
	if _, err := mpow.Decode(mpow.StatusCode, trailing); !errors.Is(err, mpow.ErrMessage) {
		t.Errorf("trailing byte: %v", err)
	}
}

func manyHeaders(n int) []*types.Header {
	out := make([]*types.Header, n)
	for i := range out {
		out[i] = &types.Header{Number: new(big.Int), Difficulty: new(big.Int)}
	}
	return out
}

// A size over the bound is refused before anything is read.
func TestLargeMessagesAreNotRead(t *testing.T) {
	for code := range mpow.Codes {
		_, err := mpow.Read(p2p.Msg{Code: code, Size: 16 << 20, Payload: unreadable{t}})
		if !errors.Is(err, mpow.ErrMessage) {
			t.Errorf("code %d: %v", code, err)
		}
	}
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the payload was read")
	return 0, errors.New("unreadable")
}

// FuzzDecode runs every decoder: whatever passes encodes to something that passes
// and is the same, and what the receiver calls first on a header or a vote does not panic.
func FuzzDecode(f *testing.F) {
	for _, m := range samples() {
		f.Add(m.Code(), encode(f, m))
	}
	domain := ledger.Domain{ChainID: 1, Genesis: ledger.Hash{1}}
	key, err := ledger.NewKey()
	if err != nil {
		f.Fatal(err)
	}
	vote := ledger.NewSignedCheckpointVote(key, domain, ledger.CheckpointVote{TargetNumber: 8})
	f.Add(mpow.VotesCode, encode(f, &mpow.Votes{Votes: []ledger.SignedCheckpointVote{vote}}))
	f.Fuzz(func(t *testing.T, code uint64, payload []byte) {
		m, err := mpow.Decode(code, payload)
		if err != nil {
			if !errors.Is(err, mpow.ErrMessage) {
				t.Errorf("error %v is not ErrMessage", err)
			}
			return
		}
		again, err := mpow.Decode(code, encode(t, m))
		if err != nil {
			t.Fatalf("decoding what was encoded: %v", err)
		}
		if !bytes.Equal(encode(t, again), encode(t, m)) {
			t.Error("two encodings differ")
		}
		rule := pow.Rule{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: 1}
		switch m := m.(type) {
		case *mpow.Announce:
			_ = pow.VerifyUnlinked(rule, m.Header, 0)
		case *mpow.Headers:
			for _, h := range m.Headers {
				_ = pow.VerifySeal(rule, header(1), h, 0)
			}
		case *mpow.Votes:
			recovered(t, domain, m.Votes)
		case *mpow.Links:
			recovered(t, domain, m.Votes)
		}
	})
}

// recovered finds out who signed votes: a key, or an error that says why not.
func recovered(t *testing.T, domain ledger.Domain, votes []ledger.SignedCheckpointVote) {
	for _, v := range votes[:min(len(votes), 4)] {
		if who, err := v.Signer(domain); err == nil == who.IsZero() {
			t.Errorf("vote %+v is signed by %s, %v", v, who, err)
		}
	}
}
