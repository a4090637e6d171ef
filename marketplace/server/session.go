package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Bounds of sessions.
const (
	sessionLife   = 15 * time.Minute
	nonceLife     = 5 * time.Minute
	maxSessions   = 100_000 // at once, and nonces used, of keys that somebody answers for; who comes then is turned away
	maxStrangers  = 20_000  // and of all others, whom nobody needs to let in
	maxOfKey      = 8       // sessions of one key; one more ends the oldest
	maxKeyNonces  = 64      // that one key uses within their life
	sessionsPath  = "/v1/sessions"
	mdToken       = "authorization"
	tokenPrefix   = "Bearer "
	tokenLength   = 32
	nonceMACBytes = 16
)

var errSignIn = errors.New("sign-in")

// sessions are the tokens that stand for a key, kept as hashes, in memory: none
// survives the process, so that a nonce of an earlier one is good no more.
type sessions struct {
	takes signin.Expected
	by    byInstitution
	now   func() time.Time
	known func(context.Context, ledger.Address) (bool, error) // whether a key is registered, or a patient's or who speaks for one
	key   [32]byte                                            // of nonces

	mu     sync.Mutex
	open   map[ledger.Hash]session
	of     map[ledger.Address][]ledger.Hash // oldest first
	used   map[string]session               // by nonce, until it would expire
	usedBy map[ledger.Address]int
	room   map[bool]*room // of strangers, and of the others
	swept  time.Time
}

// room is what there is left.
type room struct{ sessions, nonces int }

type session struct {
	key      ledger.Address
	until    time.Time
	stranger bool
	vouched  signin.Vouched // nil: the key opened it itself
}

// newSessions takes the origin of the party's REST server (RFC 6454: scheme and
// authority), which a message must be signed for.
func newSessions(origin string, chainID uint64, now func() time.Time, known func(context.Context, ledger.Address) (bool, error)) (*sessions, error) {
	u, err := url.Parse(origin)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || origin != u.Scheme+"://"+u.Host {
		return nil, fmt.Errorf("server: Origin %q is not a scheme and a host", origin)
	}
	s := &sessions{
		now: now, known: known, open: map[ledger.Hash]session{}, of: map[ledger.Address][]ledger.Hash{},
		used: map[string]session{}, usedBy: map[ledger.Address]int{},
		room: map[bool]*room{false: {maxSessions, maxSessions}, true: {maxStrangers, maxStrangers}},
		takes: signin.Expected{
			Domain: u.Host, URI: origin + sessionsPath, ChainID: chainID, MaxAge: nonceLife, MaxLife: sessionLife, Ahead: maxAhead,
		},
	}
	rand.Read(s.key[:]) // never fails; it would end the program
	return s, nil
}

// nonce makes a nonce that needs no memory until it is used: its end, randomness,
// and a code that shows that it is ours.
func (s *sessions) nonce() string {
	b := make([]byte, 24, 24+nonceMACBytes)
	binary.BigEndian.PutUint64(b, uint64(s.now().Add(nonceLife).Unix()))
	rand.Read(b[8:])
	return hex.EncodeToString(append(b, s.mac(b)...))
}

func (s *sessions) mac(b []byte) []byte {
	h := hmac.New(sha256.New, s.key[:])
	h.Write(b)
	return h.Sum(nil)[:nonceMACBytes]
}

// fresh reports whether a nonce is ours, and until when it is good.
func (s *sessions) fresh(nonce string) (until time.Time, ok bool) {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 24+nonceMACBytes || hex.EncodeToString(b) != nonce || !hmac.Equal(s.mac(b[:24]), b[24:]) {
		return until, false
	}
	until = time.Unix(int64(binary.BigEndian.Uint64(b)), 0)
	return until, s.now().Before(until)
}

// signIn opens a session for who signed the message and returns its token.
func (s *sessions) signIn(ctx context.Context, message string, sig ledger.Signature) (token string, until time.Time, err error) {
	m, err := signin.Parse(message)
	if err != nil {
		return "", until, fmt.Errorf("%w: %w", errSignIn, err)
	}
	now := s.now()
	if until, err = m.Check(s.takes, now); err != nil {
		return "", until, fmt.Errorf("%w: %w", errSignIn, err)
	}
	signer, err := ledger.Recover(signin.Digest(message), sig)
	if err != nil || signer != m.Address {
		return "", until, fmt.Errorf("%w: not signed by %s", errSignIn, m.Address)
	}
	nonceUntil, ours := s.fresh(m.Nonce)
	if !ours {
		return "", until, fmt.Errorf("%w: the nonce is not of this server, or too old", errSignIn)
	}
	known, err := s.known(ctx, signer)
	if err != nil {
		return "", until, err
	}
	token, err = s.begin(session{key: signer, until: until, stranger: !known}, m.Nonce, nonceUntil, now)
	return token, until, err
}

// begin opens a session under a new token.
func (s *sessions) begin(open session, nonce string, nonceUntil, now time.Time) (token string, err error) {
	var secret [tokenLength]byte
	rand.Read(secret[:])
	// By the monotonic clock, if now has it: who sets the machine's clock back makes no session longer.
	open.until = now.Add(open.until.Sub(now))
	if err := s.add(ledger.HashBytes(secret[:]), open, nonce, nonceUntil, now); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(secret[:]), nil
}

func (s *sessions) add(id ledger.Hash, open session, nonce string, nonceUntil, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	if _, used := s.used[nonce]; used {
		return errReplayed
	}
	room := s.room[open.stranger]
	if room.sessions == 0 || room.nonces == 0 || s.usedBy[open.key] >= maxKeyNonces {
		return errBusy
	}
	s.used[nonce] = session{key: open.key, until: nonceUntil, stranger: open.stranger}
	s.usedBy[open.key]++
	room.nonces--
	if mine := s.of[open.key]; len(mine) >= maxOfKey {
		s.close(mine[0])
		s.of[open.key] = mine[1:]
	}
	s.open[id] = open
	room.sessions--
	s.of[open.key] = append(s.of[open.key], id)
	return nil
}

// close ends one session that is open.
func (s *sessions) close(id ledger.Hash) {
	s.room[s.open[id].stranger].sessions++
	delete(s.open, id)
}

// sweep forgets what has expired, once a minute.
func (s *sessions) sweep(now time.Time) {
	if since := now.Sub(s.swept); since >= 0 && since < time.Minute {
		return
	}
	s.swept = now
	for n, use := range s.used {
		if now.Before(use.until) {
			continue
		}
		delete(s.used, n)
		s.room[use.stranger].nonces++
		if s.usedBy[use.key]--; s.usedBy[use.key] == 0 {
			delete(s.usedBy, use.key)
		}
	}
	for key, ids := range s.of {
		var left []ledger.Hash
		for _, id := range ids {
			if now.Before(s.open[id].until) {
				left = append(left, id)
			} else {
				s.close(id)
			}
		}
		if s.of[key] = left; len(left) == 0 {
			delete(s.of, key)
		}
	}
}

// holder returns whose session a token is. The token is looked up by its hash,
// whose place tells nothing of how much of a guess is right.
func (s *sessions) holder(token string) (verified, error) {
	secret, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(secret) != tokenLength {
		return verified{}, fmt.Errorf("%w: the session has ended, or there never was one", errSignIn)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	open, ok := s.open[ledger.HashBytes(secret)]
	if !ok || !s.now().Before(open.until) {
		return verified{}, fmt.Errorf("%w: the session has ended, or there never was one", errSignIn)
	}
	return verified{open.key, true, open.vouched}, nil
}

// roles are those of the key whose session a token is.
func (s *sessions) roles(ctx context.Context, token string) ([]pb.Role, error) {
	who, err := s.holder(token)
	if err != nil {
		return nil, err
	}
	p, err := s.by.participant(ctx, who.key)
	return rolesTo(p.Roles), err
}

// end ends all sessions of a key.
func (s *sessions) end(key ledger.Address) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.of[key] {
		s.close(id)
	}
	delete(s.of, key)
}

// tokenIn is the token that a request carries, false if it has none. A request that
// says two, or something else, has one that is wrong.
func tokenIn(values []string) (token string, carried bool) {
	if len(values) == 0 {
		return "", false
	}
	token, bearer := strings.CutPrefix(values[0], tokenPrefix)
	if len(values) > 1 || !bearer {
		return "", true
	}
	return token, true
}

// sessionService offers sessions.
type sessionService struct {
	pb.UnimplementedSessionServiceServer
	sessions *sessions
}

func (s *sessionService) CreateNonce(context.Context, *pb.CreateNonceRequest) (*pb.CreateNonceResponse, error) {
	takes := s.sessions.takes
	out := &pb.CreateNonceResponse{Nonce: s.sessions.nonce(), Domain: takes.Domain, Uri: takes.URI, ChainId: takes.ChainID}
	for _, c := range s.sessions.by.clients() {
		out.Institutions = append(out.Institutions, &pb.Institution{Issuer: c.Issuer, ClientId: c.ID})
	}
	return out, nil
}

func (s *sessionService) OpenSession(ctx context.Context, r *pb.OpenSessionRequest) (*pb.OpenSessionResponse, error) {
	token, until, err := s.sessions.signIn(ctx, r.GetMessage(), ledger.Signature(r.GetSignature()))
	if err != nil {
		return nil, err
	}
	roles, err := s.sessions.roles(ctx, token)
	return &pb.OpenSessionResponse{Token: token, ExpiresAt: until.Unix(), Roles: roles}, err
}

func (s *sessionService) OpenInstitutionSession(ctx context.Context, r *pb.OpenInstitutionSessionRequest) (*pb.OpenInstitutionSessionResponse, error) {
	var link *ledger.SignedDocument
	if r.GetLink() != nil {
		d := documentFrom(r.GetLink())
		link = &d
	}
	token, until, err := s.sessions.signInBy(ctx, r.GetIdToken(), link)
	if err != nil {
		return nil, err
	}
	roles, err := s.sessions.roles(ctx, token)
	return &pb.OpenInstitutionSessionResponse{Token: token, ExpiresAt: until.Unix(), Roles: roles}, err
}

func (s *sessionService) CloseSessions(ctx context.Context, _ *pb.CloseSessionsRequest) (*pb.CloseSessionsResponse, error) {
	s.sessions.end(callerFrom(ctx).Address)
	return &pb.CloseSessionsResponse{}, nil
}
