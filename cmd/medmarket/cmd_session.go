package main

import (
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type sessionCommand struct {
	Open  sessionOpenCommand  `cmd:"" help:"Open a session and write its token: it reads, and brings documents that are signed themselves."`
	Link  sessionLinkCommand  `cmd:"" help:"Sign that whom an institution signs in as you may open sessions of your key, where the key is not."`
	Close sessionCloseCommand `cmd:"" help:"End all sessions of your key."`
}

// side is which of the two parties a session is with.
type side struct {
	Hospital bool `help:"With the hospital instead of the marketplace."`
}

// of is how to reach it, the origin that it is known by, and its address.
func (c *side) of(p *person) (conn grpc.ClientConnInterface, origin string, party ledger.Address) {
	if c.Hospital {
		return p.clinic, p.net.HospitalOrigin, p.net.Trust.Providers[0]
	}
	return p.market, p.net.MarketplaceOrigin, p.net.Trust.Marketplaces[0]
}

type sessionOpenCommand struct {
	outcome
	keyless
	side
	browserFlags
	OIDC string        `help:"Sign in at an institution, in the browser, instead of by your key alone: the URL of its OpenID provider. Your key signs that it is you, unless --link does, or the operator registered you." name:"oidc" placeholder:"URL"`
	Link string        `help:"File made by 'medmarket session link', with --oidc." type:"existingfile"`
	For  time.Duration `help:"How long, 15 minutes at most." default:"15m"`
	Out  string        `arg:"" help:"File to write the token to, readable by its owner only." type:"path"`
}

func (c *sessionOpenCommand) Run(e *env) error {
	switch {
	case c.OIDC == "" && (c.Key == "" || c.Link != ""):
		return &exitError{exitUsage, errors.New("name your key by --key, or an institution by --oidc")}
	case c.OIDC != "" && c.For != 15*time.Minute:
		return &exitError{exitUsage, errors.New("--for is of sessions that a key opens")}
	}
	n, err := c.network(c.Network)
	if err != nil {
		return err
	}
	key, err := keyOrNew(c.Key)
	if err != nil {
		return err
	}
	return n.as(key, func(p *person) error {
		open := c.byKey
		if c.OIDC != "" {
			open = c.byInstitution
		}
		token, until, err := open(e, p)
		if err != nil {
			return err
		}
		if err := writeFile(c.Out, []byte(token+"\n"), 0o600); err != nil {
			return err
		}
		return c.say(e, map[string]any{"file": c.Out, "until": until}, "%s: good until %s", c.Out, instant(until))
	})
}

func (c *sessionOpenCommand) byKey(e *env, p *person) (token string, until int64, err error) {
	conn, origin, _ := c.of(p)
	u, err := url.Parse(origin)
	if err != nil {
		return "", 0, err
	}
	sessions := pb.NewSessionServiceClient(conn)
	n, err := sessions.CreateNonce(e.ctx, &pb.CreateNonceRequest{})
	if err != nil {
		return "", 0, err
	}
	if n.GetDomain() != u.Host { // it would have her sign in elsewhere
		return "", 0, &exitError{exitMismatch, errors.New("the server calls itself " + n.GetDomain() + ", and network.json " + u.Host)}
	}
	now := time.Now().UTC().Truncate(time.Second)
	m := signin.Message{
		Domain: u.Host, Address: p.address(), URI: origin + "/v1/sessions", ChainID: p.net.Trust.ChainID, Nonce: n.GetNonce(),
		IssuedAt: now.Format(time.RFC3339), Expires: now.Add(c.For).Format(time.RFC3339),
	}
	sig := p.key.Sign(signin.Digest(m.String()))
	r, err := sessions.OpenSession(e.ctx, &pb.OpenSessionRequest{Message: m.String(), Signature: sig[:]})
	return r.GetToken(), r.GetExpiresAt(), err
}

func (c *sessionOpenCommand) byInstitution(e *env, p *person) (token string, until int64, err error) {
	conn, _, party := c.of(p)
	idToken, who, err := c.signIn(e, conn, c.OIDC)
	if err != nil {
		return "", 0, err
	}
	r := &pb.OpenInstitutionSessionRequest{IdToken: idToken}
	switch {
	case c.Link != "":
		if r.Link, err = readLink(c.Link); err != nil {
			return "", 0, err
		}
	case c.Key != "":
		if r.Link, err = p.sign(ledger.KindSignInLink, signin.Link{Issuer: c.OIDC, Subject: who, Party: party}, 0); err != nil {
			return "", 0, err
		}
	}
	opened, err := pb.NewSessionServiceClient(conn).OpenInstitutionSession(e.ctx, r)
	return opened.GetToken(), opened.GetExpiresAt(), err
}

type sessionLinkCommand struct {
	outcome
	access
	side
	browserFlags
	OIDC string        `help:"URL of the institution's OpenID provider, where you sign in now, in the browser." name:"oidc" required:"" placeholder:"URL"`
	For  time.Duration `help:"How long, 90 days at most." default:"720h"`
	Out  string        `arg:"" help:"File to write the link to. It is of use only to who can sign in there as you." type:"path"`
}

func (c *sessionLinkCommand) Run(e *env) error {
	if c.For <= 0 || c.For > signin.MaxLinkLife {
		return &exitError{exitUsage, errors.New("--for is 90 days (2160h) at most")}
	}
	return c.with(func(p *person) error {
		conn, _, party := c.of(p)
		_, who, err := c.signIn(e, conn, c.OIDC)
		if err != nil {
			return err
		}
		until := time.Now().Add(c.For).Unix()
		link, err := ledger.NewSignedDocument(p.key, p.net.Trust.Domain(), ledger.KindSignInLink,
			signin.Link{Issuer: c.OIDC, Subject: who, Party: party}, 0, until)
		if err != nil {
			return err
		}
		if err := writeJSON(c.Out, linkFile{string(link.Content), link.Expiry, link.Signature}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"file": c.Out, "subject": who, "issuer": c.OIDC, "until": until},
			"%s: %q at %s may open sessions of %s until %s", c.Out, who, c.OIDC, p.address(), instant(until))
	})
}

// linkFile is a signed link as a file.
type linkFile struct {
	Link      string           `json:"link"`   // canonical JSON
	Expiry    int64            `json:"expiry"` // Unix seconds
	Signature ledger.Signature `json:"signature"`
}

func readLink(file string) (*pb.SignedDocument, error) {
	var l linkFile
	if err := readDocument(file, &l); err != nil {
		return nil, err
	}
	return &pb.SignedDocument{Content: []byte(l.Link), Expiry: l.Expiry, Signature: l.Signature[:]}, nil
}

// readSecret reads a secret of one line.
func readSecret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := os.ReadFile(file)
	return strings.TrimSpace(string(b)), err
}

type sessionCloseCommand struct {
	outcome
	access
	side
}

func (c *sessionCloseCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		conn, _, _ := c.of(p)
		if _, err := pb.NewSessionServiceClient(conn).CloseSessions(e.ctx, &pb.CloseSessionsRequest{}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"address": p.address()}, "no session of %s is open there any more", p.address())
	})
}
