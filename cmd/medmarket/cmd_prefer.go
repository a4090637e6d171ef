package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferCommand struct {
	Enrol    preferEnrolCommand    `cmd:"" help:"Bind your key to your number at the hospital by its code (patient), or a patient's (steward)."`
	Set      preferSetCommand      `cmd:"" help:"Say what may be released of you (patient)."`
	Record   preferRecordCommand   `cmd:"" help:"Record what patients without a key told the hospital; a withdrawal of anyone (steward)."`
	Withdraw preferWithdrawCommand `cmd:"" help:"Withdraw: no answer from now on includes you (patient)."`
	Show     preferShowCommand     `cmd:"" help:"Show your preference (patient)."`
	Proof    preferProofCommand    `cmd:"" help:"Fetch a proof of what the hospital was committed to for you (patient), or for another (steward)."`
	Rotate   preferRotateCommand   `cmd:"" help:"Have a new key take the place of yours (patient)."`
	Notices  preferNoticesCommand  `cmd:"" help:"Show what happened to who speaks for you, with your key or the one that it replaced (patient)."`
	Contacts preferContactsCommand `cmd:"" help:"Name the other hospitals that you want told of a new key (patient)."`
	Carry    preferCarryCommand    `cmd:"" help:"Hand a hospital's notice of your new key to another hospital (patient)."`
}

// presets are the choices in plain words; the demo's patients take them too.
var presets = map[string]choice{"any-health-research": anyHealthResearch, "census-only": censusOnly, "nothing": nothing}

type preferSetCommand struct {
	access
	Preset     string   `arg:"" help:"any-health-research (academic and not-for-profit, all categories), census-only (the same, sex and age only) or nothing." enum:"any-health-research,census-only,nothing"`
	Until      int64    `help:"Until when, Unix seconds; default: until you change it."`
	CapEpsilon *float64 `help:"The most you may ever lose, at delta 1e-6; once it is reached no answer includes you. Default: as it is." xor:"cap"`
	NoCap      bool     `help:"Take your cap back." xor:"cap"`
}

func (c *preferSetCommand) Run(e *env) error {
	d := presets[c.Preset].preference()
	d.Period.End = c.Until
	if c.CapEpsilon != nil {
		nanoRho, err := accountant.RhoFromEpsilon(*c.CapEpsilon, displayDelta)
		if err == nil && nanoRho < 1 {
			err = accountant.ErrEpsilon
		}
		if err != nil {
			return &exitError{exitUsage, fmt.Errorf("--cap-epsilon: %w", err)}
		}
		d.OwnCap = &policy.Loss{NanoRho: nanoRho}
	}
	return c.with(func(p *person) error {
		current, r, err := p.preference(e)
		if err != nil && status.Code(err) != codes.NotFound { // of whom nothing is on record: r is nil
			return err
		}
		if c.CapEpsilon == nil && !c.NoCap {
			d.OwnCap = current.Preference.OwnCap
		}
		return p.prefer(e, d, r.GetPreference().GetRevision()+1)
	})
}

type preferWithdrawCommand struct{ access }

func (c *preferWithdrawCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		current, r, err := p.preference(e)
		if err != nil {
			return err
		}
		current.Preference.Status = policy.Withdrawn
		return p.prefer(e, current.Preference, r.GetPreference().GetRevision()+1)
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
				"preference": s.Preference, "grantor": s.Grantor, "revision": r.GetPreference().GetRevision(), "as_of": r.GetAsOf(),
				"loss_at_most": policy.Loss{NanoRho: r.GetLossAtMost().GetNanoRho(), Delta: r.GetLossAtMost().GetDelta()},
			})
		}
		fmt.Fprintf(e.stdout, "%s; revision %d, in force from log index %d%s\n", standing(s.Preference),
			r.GetPreference().GetRevision(), r.GetAsOf(), recordedBy(s.Grantor))
		if s.Preference.Status == policy.Active && s.Preference.Decision == policy.Permit {
			fmt.Fprintf(e.stdout, "  uses %v, recipients %v, categories %v\n", s.Preference.PermittedUse, s.Preference.RecipientTypes, s.Preference.Categories)
		}
		fmt.Fprintln(e.stdout, "  "+lossLine(r.GetOwnCap(), r.GetLossAtMost()))
		return nil
	})
}

// standing says what a preference comes to: once it is withdrawn, what was
// permitted before is of no account.
func standing(p policy.ReleasePreference) string {
	if p.Status == policy.Active {
		return string(p.Decision)
	}
	return string(p.Status)
}

// lossLine says what a patient has lost, and of what cap.
func lossLine(ownCap, lost *pb.Cost) string {
	line := fmt.Sprintf("lost so far at most %.4f epsilon (at delta %g)", epsilon(lost.GetNanoRho()), displayDelta)
	switch {
	case ownCap == nil:
		return line + ", no cap of your own"
	case lost.GetNanoRho() >= ownCap.GetNanoRho():
		return line + fmt.Sprintf(", your cap is %.4f: it is reached, no further answer includes you", epsilon(ownCap.GetNanoRho()))
	}
	return line + fmt.Sprintf(", your cap is %.4f", epsilon(ownCap.GetNanoRho()))
}

// recordedBy says that a preference is not by the patient's own key.
func recordedBy(g provider.Grantor) string {
	if g == provider.Self() {
		return ""
	}
	return fmt.Sprintf("; recorded by the hospital (%s)", g.Form)
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
func (p *person) prefer(e *env, d policy.ReleasePreference, revision uint64) error {
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
