package main

import (
	"crypto/rand"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// mandated is who speaks for another.
type mandated struct {
	Mandate *ledger.Hash `help:"For the patient of this mandate of yours, see 'prefer mandates' (guardian, delegate)."`
}

func orNone(h *ledger.Hash) []byte {
	if h == nil {
		return nil
	}
	return h[:]
}

// grantor is who says d: the person herself, or by a mandate, with which a guardian's word lapses.
func (p *person) grantor(e *env, mandate *ledger.Hash, d *policy.ReleasePreference) (provider.Grantor, error) {
	if mandate == nil {
		return provider.Self(), nil
	}
	r, err := pb.NewPatientServiceClient(p.clinic).ListMandates(e.ctx, &pb.ListMandatesRequest{})
	if err != nil {
		return provider.Grantor{}, err
	}
	for _, m := range r.GetMandates() {
		if string(m.GetId()) != string(mandate[:]) {
			continue
		}
		if m.GetKind() == string(provider.Guardian) {
			d.GuardianUntil = m.GetUntil()
		}
		return provider.Grantor{By: m.GetKind(), Mandate: mandate}, nil
	}
	return provider.Grantor{}, fmt.Errorf("%s is no mandate of yours: see `medmarket prefer mandates`", mandate)
}

type preferDelegateCommand struct {
	access
	outcome
	Address ledger.Address `arg:"" help:"Address of the key that is to speak."`
	As      string         `help:"guardian: says what you could; his word lapses when the mandate ends. delegate: narrows or withdraws." enum:"guardian,delegate" required:""`
	Until   int64          `help:"Until when, Unix seconds." required:""`
	Patient *int64         `help:"The hospital's patient number of one who cannot sign; as guardian only (steward)."`
}

func (c *preferDelegateCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		s := provider.Delegation{
			Provider: p.net.Trust.Providers[0], Patient: c.Patient, Key: c.Address, Kind: provider.MandateKind(c.As), Until: c.Until,
		}
		if _, err := rand.Read(s.Nonce[:]); err != nil {
			return err
		}
		doc, err := p.sign(ledger.KindDelegation, s, 1)
		if err != nil {
			return err
		}
		r, err := pb.NewPatientServiceClient(p.clinic).DelegateTo(e.ctx, &pb.DelegateToRequest{Delegation: doc})
		if err != nil {
			return err
		}
		return c.say(e, map[string]any{"mandate": ledger.Bytes(r.GetMandate()), "key": c.Address, "kind": c.As, "until": c.Until},
			"%s speaks as %s until %s by mandate %s", c.Address, c.As, instant(c.Until), hexOf(r.GetMandate()))
	})
}

type preferRevokeCommand struct {
	access
	outcome
	Mandate ledger.Hash `arg:"" help:"The mandate."`
}

func (c *preferRevokeCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		doc, err := p.sign(ledger.KindRevocation, provider.Revocation{Provider: p.net.Trust.Providers[0], Mandate: c.Mandate}, 1)
		if err != nil {
			return err
		}
		if _, err := pb.NewPatientServiceClient(p.clinic).RevokeMandate(e.ctx, &pb.RevokeMandateRequest{Revocation: doc}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"mandate": c.Mandate}, "revoked; what was said by it stays in force until it is changed: see `medmarket prefer show`")
	})
}

type preferMandatesCommand struct {
	access
	JSON bool `help:"Print one JSON object." name:"json"`
}

func (c *preferMandatesCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewPatientServiceClient(p.clinic).ListMandates(e.ctx, &pb.ListMandatesRequest{})
		if err != nil {
			return err
		}
		list := []map[string]any{}
		for _, m := range r.GetMandates() {
			if c.JSON {
				list = append(list, map[string]any{
					"id": ledger.Bytes(m.GetId()), "key": ledger.Bytes(m.GetKey()), "kind": m.GetKind(), "until": m.GetUntil(), "revoked_at": m.GetRevokedAt(),
				})
				continue
			}
			state := "until " + instant(m.GetUntil())
			if m.GetRevokedAt() != 0 {
				state = "revoked at " + instant(m.GetRevokedAt())
			}
			fmt.Fprintf(e.stdout, "%s: %s, key %s, %s\n", hexOf(m.GetId()), m.GetKind(), hexOf(m.GetKey()), state)
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"mandates": list})
		}
		return nil
	})
}
