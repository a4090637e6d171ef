package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferCommand struct {
	Enrol    preferEnrolCommand    `cmd:"" help:"Bind a patient's key to her number at the hospital (steward)."`
	Set      preferSetCommand      `cmd:"" help:"Say what may be released of you (patient)."`
	Withdraw preferWithdrawCommand `cmd:"" help:"Withdraw: no answer from now on includes you (patient)."`
	Show     preferShowCommand     `cmd:"" help:"Show your preference (patient)."`
}

type preferEnrolCommand struct {
	access
	Patient int64          `arg:"" help:"The hospital's patient number (OMOP person_id)."`
	Address ledger.Address `arg:"" help:"Address of the patient's key."`
}

func (c *preferEnrolCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		s := provider.EnrolmentStatement{
			Provider: p.net.Trust.Providers[0], Enrolments: []provider.Enrolment{{Patient: c.Patient, Key: c.Address}},
		}
		doc, err := p.sign(ledger.KindEnrolment, s, 1)
		if err != nil {
			return err
		}
		if _, err = pb.NewPreferenceServiceClient(p.clinic).EnrolPatients(e.ctx, &pb.EnrolPatientsRequest{Enrolments: doc}); err != nil {
			return err
		}
		fmt.Fprintf(e.stdout, "%s is enrolled\n", c.Address)
		return nil
	})
}

// presets are the choices in plain words; the demo's patients take them too.
var presets = map[string]choice{"any-health-research": anyHealthResearch, "census-only": censusOnly, "nothing": nothing}

type preferSetCommand struct {
	access
	Preset string `arg:"" help:"any-health-research (academic and not-for-profit, all categories), census-only (the same, sex and age only) or nothing." enum:"any-health-research,census-only,nothing"`
	Until  int64  `help:"Until when, Unix seconds; default: until you change it."`
}

func (c *preferSetCommand) Run(e *env) error {
	d := presets[c.Preset].preference()
	d.Period.End = c.Until
	return c.with(func(p *person) error { return p.prefer(e, d) })
}

type preferWithdrawCommand struct{ access }

func (c *preferWithdrawCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		current, _, err := p.preference(e)
		if err != nil {
			return err
		}
		current.Preference.Status = policy.Withdrawn
		return p.prefer(e, current.Preference)
	})
}

type preferShowCommand struct {
	access
	JSON bool `help:"Print one JSON object." name:"json"`
}

func (c *preferShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		s, r, err := p.preference(e)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{
				"preference": s.Preference, "revision": r.GetPreference().GetRevision(), "as_of": r.GetAsOf(),
			})
		}
		fmt.Fprintf(e.stdout, "%s, %s; revision %d, in force from log index %d\n", s.Preference.Decision, s.Preference.Status,
			r.GetPreference().GetRevision(), r.GetAsOf())
		fmt.Fprintf(e.stdout, "  uses %v, recipients %v, categories %v\n", s.Preference.PermittedUse, s.Preference.RecipientTypes, s.Preference.Categories)
		return nil
	})
}

// preference returns the caller's latest preference.
func (p *person) preference(e *env) (s provider.PreferenceStatement, r *pb.GetPreferenceResponse, err error) {
	r, err = pb.NewPreferenceServiceClient(p.clinic).GetPreference(e.ctx, &pb.GetPreferenceRequest{})
	if err != nil {
		return s, nil, err
	}
	err = json.Unmarshal(r.GetPreference().GetContent(), &s)
	return s, r, err
}

// prefer signs and records the caller's next preference.
func (p *person) prefer(e *env, d policy.ReleasePreference) error {
	revision := uint64(1)
	_, current, err := p.preference(e)
	switch {
	case err == nil:
		revision = current.GetPreference().GetRevision() + 1
	case status.Code(err) != codes.NotFound:
		return err
	}
	doc, err := p.sign(ledger.KindReleasePreference,
		provider.PreferenceStatement{Provider: p.net.Trust.Providers[0], Grantor: provider.Self(), Preference: d.Normalize()}, revision)
	if err != nil {
		return err
	}
	r, err := pb.NewPreferenceServiceClient(p.clinic).SetPreferences(e.ctx, &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{doc}})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "revision %d is in force from log index %d; answers already handed over stay\n", revision, r.GetAsOf())
	return nil
}

var errUse = errors.New("not a purpose: use a DUO code or shorthand such as HMB")
