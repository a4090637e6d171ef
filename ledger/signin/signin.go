// Package signin reads and writes the message of EIP-4361, Sign-In with Ethereum,
// by which the holder of a key asks one server for a session.
//
// It promises that what [Parse] accepts is what [Message.String] writes, byte for
// byte, so that nobody is shown another message than the one that is read, and that
// [Message.Check] refuses what is for another server or chain, or not good now.
//
// It assumes that the server gave the nonce and takes it once, and checks who signed
// with [Digest].
//
// It does not protect against a wallet that signs without showing the domain.
// Signatures of contract wallets (EIP-1271) are not read: who signs is a key.
package signin

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/sha3"

	"github.com/medmarket/medmarket/ledger"
)

// Errors of Parse and Check.
var (
	ErrMalformed = errors.New("not a message of EIP-4361")
	ErrNotForUs  = errors.New("signed in for another server or chain")
	ErrTime      = errors.New("not good at this time")
)

// MaxLength bounds a message, in bytes.
const MaxLength = 4096

// Message is a sign-in request. Optional fields are empty. Times are RFC 3339, kept
// as they were written: they are what was signed.
type Message struct {
	Scheme    string // optional, of the origin
	Domain    string // authority (RFC 3986) that asks for it
	Address   ledger.Address
	Statement string // optional, one line
	URI       string // what the session is for
	ChainID   uint64
	Nonce     string // at least 8 letters and digits
	IssuedAt  string
	Expires   string // optional
	NotBefore string // optional
	RequestID string // optional
	Resources []string
	resources bool // the line is there, even with none
}

const asks = " wants you to sign in with your Ethereum account:"

// String writes the message that is signed.
func (m Message) String() string {
	var b strings.Builder
	if m.Scheme != "" {
		b.WriteString(m.Scheme + "://")
	}
	b.WriteString(m.Domain + asks + "\n" + m.Address.Checksummed() + "\n\n")
	if m.Statement != "" {
		b.WriteString(m.Statement + "\n")
	}
	b.WriteString("\nURI: " + m.URI + "\nVersion: 1\nChain ID: " + strconv.FormatUint(m.ChainID, 10) +
		"\nNonce: " + m.Nonce + "\nIssued At: " + m.IssuedAt)
	for _, o := range []struct{ name, value string }{
		{"Expiration Time", m.Expires}, {"Not Before", m.NotBefore}, {"Request ID", m.RequestID},
	} {
		if o.value != "" {
			b.WriteString("\n" + o.name + ": " + o.value)
		}
	}
	if m.resources || len(m.Resources) > 0 {
		b.WriteString("\nResources:")
	}
	for _, r := range m.Resources {
		b.WriteString("\n- " + r)
	}
	return b.String()
}

var (
	domains    = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:_~%]{1,255}$`)
	schemes    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.\-]{0,31}$`)
	nonces     = regexp.MustCompile(`^[A-Za-z0-9]{8,128}$`)
	statements = regexp.MustCompile(`^[A-Za-z0-9 \-._~:/?#\[\]@!$&'()*+,;=]+$`)
	requests   = regexp.MustCompile(`^[A-Za-z0-9\-._~!$&'()*+,;=:@%]+$`)
)

// Parse reads a message. Errors: ErrMalformed, of which the text names the field.
func Parse(s string) (Message, error) {
	var m Message
	if len(s) > MaxLength {
		return m, fmt.Errorf("%w: more than %d bytes", ErrMalformed, MaxLength)
	}
	head, rest, ok := strings.Cut(s, asks+"\n")
	if !ok {
		return m, fmt.Errorf("%w: first line", ErrMalformed)
	}
	if scheme, domain, found := strings.Cut(head, "://"); found {
		m.Scheme, m.Domain = scheme, domain
	} else {
		m.Domain = head
	}
	address, rest, ok := strings.Cut(rest, "\n\n")
	a, err := ledger.ReadAddress(address)
	if !ok || err != nil {
		return m, fmt.Errorf("%w: address", ErrMalformed)
	}
	m.Address = a
	if m.Statement, rest, ok = strings.Cut(rest, "\nURI: "); !ok {
		return m, fmt.Errorf("%w: URI", ErrMalformed)
	}
	m.Statement = strings.TrimSuffix(m.Statement, "\n")
	if err := m.fields(strings.Split(rest, "\n")); err != nil {
		return m, err
	}
	if m.String() != s { // another order, spelling or field
		return m, fmt.Errorf("%w: not in its one form", ErrMalformed)
	}
	return m, m.valid()
}

// fields reads what follows "URI: ".
func (m *Message) fields(lines []string) error {
	m.URI = lines[0]
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case m.resources && strings.HasPrefix(line, "- "):
			m.Resources = append(m.Resources, line[2:])
		case line == "Resources:":
			m.resources = true
		case name == "Version":
		case name == "Chain ID":
			id, err := strconv.ParseUint(value, 10, 64)
			if err != nil {
				return fmt.Errorf("%w: chain id", ErrMalformed)
			}
			m.ChainID = id
		case name == "Nonce":
			m.Nonce = value
		case name == "Issued At":
			m.IssuedAt = value
		case name == "Expiration Time":
			m.Expires = value
		case name == "Not Before":
			m.NotBefore = value
		case name == "Request ID":
			m.RequestID = value
		default:
			return fmt.Errorf("%w: an unknown line", ErrMalformed)
		}
	}
	return nil
}

// valid checks the form of each field.
func (m Message) valid() error {
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"scheme", m.Scheme == "" || schemes.MatchString(m.Scheme)},
		{"domain", domains.MatchString(m.Domain)},
		{"statement", m.Statement == "" || statements.MatchString(m.Statement)},
		{"URI", isURI(m.URI)},
		{"nonce", nonces.MatchString(m.Nonce)},
		{"issued at", isTime(m.IssuedAt)},
		{"expiration time", m.Expires == "" || isTime(m.Expires)},
		{"not before", m.NotBefore == "" || isTime(m.NotBefore)},
		{"request id", m.RequestID == "" || requests.MatchString(m.RequestID)},
	} {
		if !f.ok {
			return fmt.Errorf("%w: %s", ErrMalformed, f.name)
		}
	}
	for _, r := range m.Resources {
		if !isURI(r) {
			return fmt.Errorf("%w: resources", ErrMalformed)
		}
	}
	return nil
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && !strings.ContainsAny(s, " \n\r\t")
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// Expected is what a server takes.
type Expected struct {
	Domain  string
	URI     string
	ChainID uint64
	MaxAge  time.Duration // since it was issued
	MaxLife time.Duration // between issue and expiration, which must be there
	Ahead   time.Duration // by which the signer's clock may be ahead
}

// Check reports whether m is for this server and good at now, and until when.
// Errors: ErrNotForUs, ErrTime.
func (m Message) Check(e Expected, now time.Time) (until time.Time, err error) {
	if m.Domain != e.Domain || m.URI != e.URI || m.ChainID != e.ChainID {
		return until, ErrNotForUs
	}
	issued, err := time.Parse(time.RFC3339, m.IssuedAt)
	if err != nil {
		return until, fmt.Errorf("%w: issued at", ErrTime)
	}
	if until, err = time.Parse(time.RFC3339, m.Expires); err != nil {
		return until, fmt.Errorf("%w: an expiration time is needed", ErrTime)
	}
	early := false
	if m.NotBefore != "" {
		begins, err := time.Parse(time.RFC3339, m.NotBefore)
		early = err != nil || now.Before(begins)
	}
	switch {
	case issued.Sub(now) > e.Ahead || early:
		return until, fmt.Errorf("%w: from a time to come", ErrTime)
	case now.Sub(issued) > e.MaxAge || !now.Before(until):
		return until, fmt.Errorf("%w: too old", ErrTime)
	case until.Sub(issued) > e.MaxLife:
		return until, fmt.Errorf("%w: longer than %s", ErrTime, e.MaxLife)
	}
	return until, nil
}

// Digest is what personal_sign (EIP-191, version 0x45) signs of a message.
func Digest(message string) (d ledger.Hash) {
	h := sha3.NewLegacyKeccak256()
	h.Write([]byte("\x19Ethereum Signed Message:\n" + strconv.Itoa(len(message)) + message))
	copy(d[:], h.Sum(nil))
	return d
}
