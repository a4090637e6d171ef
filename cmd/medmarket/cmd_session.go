package main

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"google.golang.org/grpc"

	"github.com/medmarket/medmarket/ledger/signin"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type sessionCommand struct {
	Open  sessionOpenCommand  `cmd:"" help:"Open a session and write its token: it reads, and brings documents that are signed themselves."`
	Close sessionCloseCommand `cmd:"" help:"End all sessions of your key."`
}

// side is which of the two parties a session is with.
type side struct {
	access
	Hospital bool `help:"With the hospital instead of the marketplace."`
}

// of is how to reach it, and the origin that it is known by.
func (c *side) of(p *person) (conn grpc.ClientConnInterface, origin string) {
	if c.Hospital {
		return p.clinic, p.net.HospitalOrigin
	}
	return p.market, p.net.MarketplaceOrigin
}

type sessionOpenCommand struct {
	side
	For time.Duration `help:"How long, 15 minutes at most." default:"15m"`
	Out string        `arg:"" help:"File to write the token to, readable by its owner only." type:"path"`
}

func (c *sessionOpenCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		conn, origin := c.of(p)
		u, err := url.Parse(origin)
		if err != nil {
			return err
		}
		sessions := pb.NewSessionServiceClient(conn)
		n, err := sessions.CreateNonce(e.ctx, &pb.CreateNonceRequest{})
		if err != nil {
			return err
		}
		if n.GetDomain() != u.Host { // it would have her sign in elsewhere
			return &exitError{exitMismatch, errors.New("the server calls itself " + n.GetDomain() + ", and network.json " + u.Host)}
		}
		now := time.Now().UTC().Truncate(time.Second)
		m := signin.Message{
			Domain: u.Host, Address: p.address(), URI: origin + "/v1/sessions", ChainID: p.net.Trust.ChainID, Nonce: n.GetNonce(),
			IssuedAt: now.Format(time.RFC3339), Expires: now.Add(c.For).Format(time.RFC3339),
		}
		sig := p.key.Sign(signin.Digest(m.String()))
		r, err := sessions.OpenSession(e.ctx, &pb.OpenSessionRequest{Message: m.String(), Signature: sig[:]})
		if err != nil {
			return err
		}
		if err := writeFile(c.Out, []byte(r.GetToken()+"\n"), 0o600); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s: good until %s\n", c.Out, instant(r.GetExpiresAt()))
		return nil
	})
}

type sessionCloseCommand struct{ side }

func (c *sessionCloseCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		conn, _ := c.of(p)
		_, err := pb.NewSessionServiceClient(conn).CloseSessions(e.ctx, &pb.CloseSessionsRequest{})
		return err
	})
}
