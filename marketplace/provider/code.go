package provider

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"github.com/medmarket/medmarket/ledger"
)

// Code is a one-time code by which a patient binds her key to her number: 27
// symbols of Crockford's base32 (https://www.crockford.com/base32.html), 135
// random bits, and a check symbol. It is a secret: it prints as "redacted", and
// [Code.Reveal] writes it in seven groups of four.
type Code struct{ symbols string }

const (
	alphabet   = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	codeLength = 28
	codeGroup  = 4
	codeName   = 12 // symbols that tell one code from another; the other 15 are what is tried
)

// NewCode draws a code.
func NewCode() Code {
	var b [codeLength - 1]byte
	rand.Read(b[:]) // never fails; it would end the program
	symbols := make([]byte, 0, codeLength)
	for _, v := range b {
		symbols = append(symbols, alphabet[v%32])
	}
	return Code{string(append(symbols, alphabet[checkSymbol(symbols)]))}
}

// ParseCode reads a code as people write it: in either case, with or without
// hyphens and spaces, O for 0 and I or L for 1. ErrCode if a symbol is wrong: its
// check symbol shows it.
func ParseCode(s string) (Code, error) {
	if len(s) > 4*codeLength {
		return Code{}, ErrCode
	}
	s = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != codeLength || strings.Trim(s, alphabet) != "" {
		return Code{}, ErrCode
	}
	if alphabet[checkSymbol([]byte(s[:codeLength-1]))] != s[codeLength-1] {
		return Code{}, ErrCode
	}
	return Code{s}, nil
}

// checkSymbol is the sum of a^(n-i) times symbol i over GF(32), a being a root of
// x^5 + x^2 + 1, which is primitive: the weights of 27 symbols differ, so that one
// wrong symbol is always found, and so are two that changed places.
func checkSymbol(symbols []byte) (sum int) {
	for _, c := range symbols {
		sum = double(sum ^ strings.IndexByte(alphabet, c))
	}
	return sum
}

// double multiplies by x in GF(32).
func double(v int) int {
	if v <<= 1; v&32 != 0 {
		v ^= 0b100101
	}
	return v
}

// Reveal writes the code for the one whom it is for.
func (c Code) Reveal() string {
	var groups []string
	for i := 0; i < len(c.symbols); i += codeGroup {
		groups = append(groups, c.symbols[i:i+codeGroup])
	}
	return strings.Join(groups, "-")
}

// String does not reveal the code.
func (Code) String() string { return "redacted" }

// GoString is String.
func (c Code) GoString() string { return c.String() }

// CodeMarks are what a hospital keeps of a code, keyed hashes: who has the key and
// not the code cannot find it out, nor who has neither that it is there.
type CodeMarks struct {
	Name   ledger.Hash // of the part that tells codes apart
	Secret ledger.Hash // of the whole
}

// Marks are those of c under key.
func (c Code) Marks(key ledger.Hash) (m CodeMarks) {
	m.Name = codeMark(key, "name", c.symbols[:min(codeName, len(c.symbols))])
	m.Secret = codeMark(key, "whole", c.symbols)
	return m
}

func codeMark(key ledger.Hash, what, symbols string) ledger.Hash {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(what + " " + symbols))
	return ledger.Hash(mac.Sum(nil))
}

// Is reports whether m and n are of one code, in a time that does not tell how
// much of them agrees.
func (m CodeMarks) Is(n CodeMarks) bool { return hmac.Equal(m.Secret[:], n.Secret[:]) }
