package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/fhir"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferCommand struct {
	Enrol       preferEnrolCommand       `cmd:"" help:"Bind your key to your number at the hospital by its code (patient), or a patient's (steward)."`
	Set         preferSetCommand         `cmd:"" help:"Say what may be released of you (patient)."`
	Record      preferRecordCommand      `cmd:"" help:"Record what patients without a key told the hospital; a withdrawal of anyone (steward)."`
	Split       preferSplitCommand       `cmd:"" help:"Divide the most you may ever lose over the hospitals where you are a patient (patient)."`
	Withdraw    preferWithdrawCommand    `cmd:"" help:"Withdraw: no answer from now on includes you (patient)."`
	Show        preferShowCommand        `cmd:"" help:"Show your preference (patient)."`
	Proof       preferProofCommand       `cmd:"" help:"Fetch a proof of what the hospital was committed to for you (patient), or for another (steward)."`
	History     preferHistoryCommand     `cmd:"" help:"Show all that you ever said, and from when it was in force (patient)."`
	Disclosures preferDisclosuresCommand `cmd:"" help:"To whom, what and for which purpose was released that could have counted you: an accounting of disclosures, 45 CFR 164.528 (patient)."`

	Releases preferReleasesCommand `cmd:"" help:"Show which questions could have counted you, under which preference, at what loss, against your cap (patient)."`
	Delegate preferDelegateCommand `cmd:"" help:"Have another key speak for you until a time (patient), or for a patient who cannot sign (steward)."`
	Revoke   preferRevokeCommand   `cmd:"" help:"End a mandate at once (patient, steward)."`
	Mandates preferMandatesCommand `cmd:"" help:"Show who may speak for you, and for whom you may (patient, guardian, delegate)."`
	Rotate   preferRotateCommand   `cmd:"" help:"Have a new key take the place of yours (patient)."`
	Notices  preferNoticesCommand  `cmd:"" help:"Show what happened to who speaks for you, with your key or the one that it replaced (patient)."`
	Contacts preferContactsCommand `cmd:"" help:"Name the other hospitals that you want told of a new key (patient)."`
	Carry    preferCarryCommand    `cmd:"" help:"Hand a hospital's notice of your new key to another hospital (patient)."`
}

// presets are the choices in plain words that need no more words.
var presets = map[string]func() policy.ReleasePreference{
	"any-health-research": policy.AnyHealthResearch, "census-only": policy.CensusOnly, "nothing": policy.Nothing,
}

type preferSetCommand struct {
	access
	outcome
	mandated
	Preset     string   `arg:"" optional:"" help:"any-health-research (academic and not-for-profit, all of your record but what is sensitive), my-conditions (the same, on the diseases of --disease), census-only (the same, sex, race and age in wide groups only) or nothing." enum:"any-health-research,my-conditions,census-only,nothing," default:""`
	Disease    []string `help:"With my-conditions: a disease, as a MONDO identifier."`
	File       string   `help:"The whole preference as JSON instead; see docs/manual.md." type:"existingfile" xor:"file"`
	FHIR       string   `help:"A FHIR Consent (R4 or R5) instead, shown in words as it is signed. A choice beside it stands for what the Consent leaves open." name:"fhir" type:"existingfile" xor:"file"`
	Until      int64    `help:"Until when, Unix seconds; default: until you change it."`
	CapEpsilon *float64 `help:"The most you may ever lose, at delta 1e-6; once it is reached no answer includes you. Default: as it is." xor:"cap"`
	Split      string   `help:"A cap split over hospitals, as prefer split made it: your cap here is this hospital's share." type:"existingfile" xor:"cap" placeholder:"FILE"`
	NoCap      bool     `help:"Take your cap back." xor:"cap"`
}

// capDelta, of displayDelta, is what a cap leaves for answers that name the concepts: 2^-21, a little less than half.
const capDelta = 1 << 42

// preference is what the command line or the file says.
func (c *preferSetCommand) preference() (d policy.ReleasePreference, err error) {
	switch {
	case c.FHIR == "" && (c.File == "") == (c.Preset == ""):
		return d, errors.New("name one of the choices, or a file with --file or --fhir")
	case (c.Preset == "my-conditions") != (len(c.Disease) > 0):
		return d, errors.New("--disease goes with my-conditions, which needs one or more")
	case c.Preset == "my-conditions":
		d = policy.OnConditions(c.Disease...)
	case c.Preset != "":
		d = presets[c.Preset]()
	case c.File != "":
		if err := readDocument(c.File, &d); err != nil {
			return d, err
		}
		d = d.Normalize()
	}
	if c.FHIR != "" {
		if d, err = c.consent(d); err != nil {
			return d, err
		}
	}
	if c.Until != 0 {
		d.Period.End = c.Until
	}
	if c.CapEpsilon != nil {
		own, err := capOf(*c.CapEpsilon)
		if err != nil {
			return d, fmt.Errorf("--cap-epsilon: %w", err)
		}
		d.OwnCap, d.CapSplit, d.CapSalt = &own, nil, ""
	}
	return d, d.Validate()
}

func (c *preferSetCommand) Run(e *env) error {
	d, err := c.preference()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return c.with(func(p *person) error {
		current, r, err := p.preference(e, c.Mandate)
		if err != nil && status.Code(err) != codes.NotFound { // of whom nothing is on record: r is nil
			return err
		}
		switch {
		case c.NoCap:
			d.OwnCap, d.CapSplit, d.CapSalt = nil, nil, ""
		case c.Split != "":
			var f splitFile
			err := readDocument(c.Split, &f)
			if err == nil {
				err = f.take(&d, p.net.Trust.Providers[0], r.GetLossAtMost())
			}
			if err != nil {
				return &exitError{exitUsage, fmt.Errorf("--split: %w", err)}
			}
		default:
			keepCap(&d, current.Preference)
		}
		if c.FHIR != "" { // before she signs what she may not have read
			if _, err := p.grantor(e, c.Mandate, &d); err != nil {
				return err
			}
			fmt.Fprintln(c.words(e), policy.Words(d))
			fmt.Fprintln(c.words(e), lossLine(costOf(d.OwnCap), r.GetLossAtMost()))
		}
		return p.prefer(e, c.outcome, c.Mandate, d, r.GetPreference().GetRevision()+1)
	})
}

func costOf(l *policy.Loss) *pb.Cost {
	if l == nil {
		return nil
	}
	return &pb.Cost{NanoRho: l.NanoRho, Delta: l.Delta}
}

// consent is what a FHIR Consent says, and the choice beside it, if any, where that says nothing.
func (c *preferSetCommand) consent(choice policy.ReleasePreference) (d policy.ReleasePreference, err error) {
	f, err := os.Open(c.FHIR)
	if err != nil {
		return d, err
	}
	defer f.Close() // only read from
	b, err := io.ReadAll(io.LimitReader(f, fhir.MaxBytes+1))
	if err != nil {
		return d, err
	}
	var rest *policy.ReleasePreference
	if c.Preset != "" {
		rest = &choice
	}
	if d, err = fhir.Import(b, rest); err != nil {
		return d, fmt.Errorf("%s:\n%w", c.FHIR, err)
	}
	return d, nil
}

// readDocument reads a JSON document in which every field is known.
func readDocument(file string, d any) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := parseDocument(b, d); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func parseDocument(b []byte, d any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(d); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something comes after the document")
	}
	return nil
}

type preferWithdrawCommand struct {
	access
	outcome
	mandated
}

func (c *preferWithdrawCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		current, r, err := p.preference(e, c.Mandate)
		if err != nil {
			return err
		}
		current.Preference.Status = policy.Withdrawn
		return p.prefer(e, c.outcome, c.Mandate, current.Preference, r.GetPreference().GetRevision()+1)
	})
}

type preferShowCommand struct {
	access
	mandated
	JSON bool   `help:"Print one JSON object." name:"json"`
	FHIR string `help:"Print it as FHIR Consent of that release instead: r4 or r5." name:"fhir" enum:"r4,r5," default:""`
}

func (c *preferShowCommand) Run(e *env) error {
	if c.JSON && c.FHIR != "" {
		return &exitError{exitUsage, errors.New("--json and --fhir can't be used together")}
	}
	return c.with(func(p *person) error {
		s, r, err := p.preference(e, c.Mandate)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{
				"preference": s.Preference, "grantor": s.Grantor, "revision": r.GetPreference().GetRevision(), "as_of": r.GetAsOf(),
				"loss_at_most": lossOf(r.GetLossAtMost()),
			})
		}
		if c.FHIR != "" {
			return c.printConsent(e, p.key.Address(), s, r.GetPreference().GetRevision())
		}
		fmt.Fprintf(e.stdout, "%s; revision %d, in force from log index %d%s\n", standing(s.Preference),
			r.GetPreference().GetRevision(), r.GetAsOf(), recordedBy(s.Grantor))
		for line := range strings.SplitSeq(policy.Words(s.Preference), "\n") {
			fmt.Fprintln(e.stdout, "  "+line)
		}
		fmt.Fprintln(e.stdout, "  "+lossLine(r.GetOwnCap(), r.GetLossAtMost()))
		if line := splitLine(s.Preference); line != "" {
			fmt.Fprintln(e.stdout, "  "+line)
		}
		return nil
	})
}

func (c *preferShowCommand) printConsent(e *env, key ledger.Address, s provider.PreferenceStatement, revision uint64) error {
	patient := key.String()
	if c.Mandate != nil { // her key is not his to know
		patient = c.Mandate.String()
	}
	b, err := s.Consent(fhir.Release(c.FHIR), patient, revision)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(e.stdout, string(b))
	return err
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
	line := fmt.Sprintf("lost so far at most %.4f epsilon (at delta %g)%s", epsilon(lost.GetNanoRho()), displayDelta, andDelta(lost.GetDelta()))
	if ownCap == nil {
		return line + ", no cap of your own"
	}
	line += fmt.Sprintf(", your cap is %.4f", capEpsilon(lossOf(ownCap)))
	if lost.GetNanoRho() >= ownCap.GetNanoRho() {
		line += ": it is reached, no further answer includes you"
	}
	return line
}

// capEpsilon is a cap as people state it.
func capEpsilon(c policy.Loss) float64 {
	most, err := accountant.Epsilon(c.NanoRho, displayDelta-accountant.DeltaOf(c.Delta))
	if err != nil { // it is not of prefer set
		most = epsilon(c.NanoRho)
	}
	return most
}

// recordedBy says that a preference is not by the patient's own key.
func recordedBy(g provider.Grantor) string {
	if g == provider.Self() {
		return ""
	}
	if g.Mandate != nil {
		return fmt.Sprintf("; by a %s, mandate %s", g.By, g.Mandate)
	}
	return fmt.Sprintf("; recorded by the hospital (%s)", g.Form)
}

// preference returns the latest preference of the caller, or of the patient of a mandate.
func (p *person) preference(e *env, mandate *ledger.Hash) (s provider.PreferenceStatement, r *pb.GetPreferenceResponse, err error) {
	r, err = pb.NewPreferenceServiceClient(p.clinic).GetPreference(e.ctx, &pb.GetPreferenceRequest{Mandate: orNone(mandate)})
	if err != nil {
		return s, nil, err
	}
	err = json.Unmarshal(r.GetPreference().GetContent(), &s)
	return s, r, err
}

// prefer signs and records the next preference of the caller, or of the patient of a mandate.
func (p *person) prefer(e *env, o outcome, mandate *ledger.Hash, d policy.ReleasePreference, revision uint64) error {
	grantor, err := p.grantor(e, mandate, &d)
	if err != nil {
		return err
	}
	doc, err := p.sign(ledger.KindReleasePreference,
		provider.PreferenceStatement{Provider: p.net.Trust.Providers[0], Grantor: grantor, Preference: d.Normalize()}, revision)
	if err != nil {
		return err
	}
	r, err := pb.NewPreferenceServiceClient(p.clinic).SetPreferences(e.ctx, &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{doc}})
	if err != nil {
		return err
	}
	return o.say(e, map[string]any{"revision": revision, "as_of": r.GetAsOf()},
		"revision %d is in force from log index %d; answers already handed over stay", revision, r.GetAsOf())
}

var errUse = errors.New("not a purpose: use a DUO code or shorthand such as HMB")
