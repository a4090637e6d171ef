package ledger_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"github.com/medmarket/medmarket/ledger"
)

// keyOf is the same key for the same number, 1 to 255.
func keyOf(t testing.TB, n byte) *ledger.Key {
	t.Helper()
	k, err := ledger.KeyFromBytes(append(make([]byte, 31), n))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestKey uses the key of the example in EIP-155. That signatures are those of
// go-ethereum is tested in ledger/eth.
func TestKey(t *testing.T) {
	k, err := ledger.KeyFromBytes(bytes.Repeat([]byte{0x46}, 32))
	if err != nil {
		t.Fatal(err)
	}
	if want := "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f"; k.Address().String() != want {
		t.Errorf("address %s, want %s", k.Address(), want)
	}
	if !bytes.Equal(k.Secret(), bytes.Repeat([]byte{0x46}, 32)) {
		t.Errorf("secret %x", k.Secret())
	}
	order := secp256k1.Params().N.Bytes()
	for _, b := range [][]byte{nil, make([]byte, 32), order, bytes.Repeat([]byte{0xff}, 32), make([]byte, 31), append(make([]byte, 32), 1)} {
		if _, err := ledger.KeyFromBytes(b); !errors.Is(err, ledger.ErrMalformed) {
			t.Errorf("key %x: %v, want ErrMalformed", b, err)
		}
	}
}

func TestNewKey(t *testing.T) {
	a, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	b, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if a.Address() == b.Address() || bytes.Equal(a.Secret(), b.Secret()) {
		t.Error("the same key twice")
	}
	digest := ledger.HashBytes([]byte("x"))
	if by, err := ledger.Recover(digest, a.Sign(digest)); err != nil || by != a.Address() {
		t.Errorf("recovered %s (%v), want %s", by, err, a.Address())
	}
}

// TestKeyStaysSecret prints a key in every way there is.
func TestKeyStaysSecret(t *testing.T) {
	k, err := ledger.KeyFromBytes(bytes.Repeat([]byte{0xA7, 0x31, 0x5C, 0x9E}, 8))
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		Key  *ledger.Key
		name string
		key  *ledger.Key
		copy ledger.Key
	}
	h := holder{Key: k, name: "hospital", key: k, copy: *k}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%T", "%p", "%t"} {
		for _, v := range []any{k, *k, h, &h, []*ledger.Key{k}, map[string]*ledger.Key{"k": k}, fmt.Errorf("with %v", k)} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, v := range []any{k, *k, h} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("a key", "key", k, "holder", h)
	}
	printed := strings.ToLower(out.String())
	// Whole words of the secret in hex, decimal, octal and binary: 32 bits do not
	// turn up by chance in an address or a pointer.
	for _, secret := range []string{"a7315c9e", "9e5c31a7", "2805030046", "167 49 92 158", "24714256236", "10100111001100010101110010011110"} {
		if strings.Contains(printed, secret) {
			t.Errorf("the secret is printed as %s:\n%s", secret, printed)
		}
	}
	if !strings.Contains(printed, "key of "+k.Address().String()) {
		t.Error("the key does not print as its address")
	}
}

func TestRecoverRefuses(t *testing.T) {
	k := keyOf(t, 9)
	digest := ledger.HashBytes([]byte("digest"))
	good := k.Sign(digest)
	change := func(f func(*ledger.Signature)) ledger.Signature {
		s := good
		f(&s)
		return s
	}
	bad := map[string]ledger.Signature{
		"nothing":   {},
		"high s":    malleated(good),
		"zero r":    change(func(s *ledger.Signature) { clear(s[:32]) }),
		"zero s":    change(func(s *ledger.Signature) { clear(s[32:64]) }),
		"r of n":    change(func(s *ledger.Signature) { copy(s[:32], secp256k1.Params().N.Bytes()) }),
		"r too big": change(func(s *ledger.Signature) { copy(s[:32], bytes.Repeat([]byte{0xff}, 32)) }),
		"s of n":    change(func(s *ledger.Signature) { copy(s[32:64], secp256k1.Params().N.Bytes()) }),
	}
	for v := range 256 {
		if v != 27 && v != 28 {
			bad[fmt.Sprint("v of ", v)] = change(func(s *ledger.Signature) { s[64] = byte(v) })
		}
	}
	for name, s := range bad {
		if by, err := ledger.Recover(digest, s); !errors.Is(err, ledger.ErrBadSignature) || !by.IsZero() {
			t.Errorf("%s: recovered %s (%v), want ErrBadSignature", name, by, err)
		}
	}
	if by, err := ledger.Recover(digest, good); err != nil || by != k.Address() {
		t.Errorf("recovered %s (%v), want %s", by, err, k.Address())
	}
	if by, err := ledger.Recover(ledger.HashBytes([]byte("other")), good); err == nil && by == k.Address() {
		t.Error("the signature passes for another digest")
	}
	other := change(func(s *ledger.Signature) { s[64] ^= 27 ^ 28 })
	if by, err := ledger.Recover(digest, other); err == nil && by == k.Address() {
		t.Error("the signature passes with the other v")
	}
}

// TestHighSIsOtherwiseGood: the signature that TestRecoverRefuses calls "high s" is
// one the curve accepts, of the same key.
func TestHighSIsOtherwiseGood(t *testing.T) {
	k := keyOf(t, 9)
	digest := ledger.HashBytes([]byte("digest"))
	s := malleated(k.Sign(digest))
	public, _, err := ecdsa.RecoverCompact(append([]byte{s[64]}, s[:64]...), digest[:])
	if err != nil {
		t.Fatal(err)
	}
	if want := secp256k1.PrivKeyFromBytes(k.Secret()).PubKey(); !public.IsEqual(want) {
		t.Error("it recovers another key")
	}
}

// malleated is the other signature of the same digest by the same key: n - s, v flipped.
func malleated(s ledger.Signature) ledger.Signature {
	high := new(big.Int).Sub(secp256k1.Params().N, new(big.Int).SetBytes(s[32:64]))
	high.FillBytes(s[32:64])
	s[64] ^= 27 ^ 28
	return s
}

// TestSignIsLow: signatures are deterministic and pass their own check.
func TestSignIsLow(t *testing.T) {
	k := keyOf(t, 3)
	half := new(big.Int).Rsh(secp256k1.Params().N, 1)
	for i := range 200 {
		digest := ledger.HashBytes([]byte{byte(i)})
		s := k.Sign(digest)
		if s != k.Sign(digest) {
			t.Fatal("two signatures of one digest")
		}
		if new(big.Int).SetBytes(s[32:64]).Cmp(half) > 0 {
			t.Fatalf("high s: %x", s)
		}
		if by, err := ledger.Recover(digest, s); err != nil || by != k.Address() {
			t.Fatalf("recovered %s (%v)", by, err)
		}
	}
}

func TestParseSignature(t *testing.T) {
	good := keyOf(t, 3).Sign(ledger.Hash{})
	if s, err := ledger.ParseSignature(good[:]); err != nil || s != good {
		t.Errorf("%x (%v), want %x", s, err, good)
	}
	for _, n := range []int{0, 64, 66} {
		if _, err := ledger.ParseSignature(make([]byte, n)); !errors.Is(err, ledger.ErrBadSignature) {
			t.Errorf("%d bytes: %v, want ErrBadSignature", n, err)
		}
	}
	if text, err := good.MarshalText(); err != nil || string(text) != "0x"+hex.EncodeToString(good[:]) {
		t.Errorf("text %s (%v)", text, err)
	}
}
