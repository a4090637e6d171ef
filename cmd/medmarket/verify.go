package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type verifyCommand struct {
	Receipt string         `arg:"" optional:"" help:"Receipt file." type:"existingfile"`
	Consent string         `help:"Consent proof of a patient: what her hospital was committed to, and what she had lost at most; with a receipt, when it gave that answer, and whether it could count her." name:"proof" type:"existingfile"`
	Index   ledger.Hash    `help:"Whose proof it is to be: the patient's index as 'prefer proof' first printed it. A consent proof needs it, or --patient."`
	Patient ledger.Address `help:"Whose proof it is to be: address of the key that has signed the preference shown; not for what the hospital recorded."`
	Trust   string         `help:"Trust file: genesis hash, trusted keys and confirmations of the network." required:"" type:"existingfile"`
	JSON    bool           `help:"Print one JSON object." name:"json"`
}

// verdict is what verify prints with --json.
type verdict struct {
	Verified bool            `json:"verified"`
	Anchored bool            `json:"anchored"`
	Block    uint64          `json:"block,omitempty"` // of the receipt's anchor
	Known    *verify.Known   `json:"known,omitempty"` // that block, as a trust file may name it
	Mismatch string          `json:"mismatch,omitempty"`
	Consent  *consentVerdict `json:"consent,omitempty"`
}

// consentVerdict is what a consent proof shows.
type consentVerdict struct {
	AsOf   uint64      `json:"as_of"`
	Block  uint64      `json:"block"`
	Index  ledger.Hash `json:"index"`
	Status string      `json:"status"` // of the preference; or "no preference", "no entry"

	// Of the preference, if there is one.
	Decision policy.Choice     `json:"decision,omitempty"`
	Grantor  *provider.Grantor `json:"grantor,omitempty"`
	Signer   *ledger.Address   `json:"signer,omitempty"`
	Lost     *policy.Loss      `json:"loss_at_most,omitempty"`
	OwnCap   *policy.Loss      `json:"own_cap,omitempty"`
	Until    int64             `json:"until,omitempty"`   // Unix seconds
	Charged  bool              `json:"charged,omitempty"` // her class was, by the question at as_of

	Counting verifier.Counting `json:"counting,omitempty"` // with a receipt: whether that answer could count her
}

func (c *verifyCommand) Run(e *env) error {
	if c.Receipt == "" && c.Consent == "" {
		return &exitError{code: exitUsage, err: errors.New("name a receipt, or a proof with --proof, or both")}
	}
	if c.Consent != "" && c.Index.IsZero() && c.Patient.IsZero() {
		return &exitError{code: exitUsage, err: errors.New("whose is the consent proof to be? Name her --index, which 'medmarket prefer proof' prints and keeps beside her key, or the --patient whose key has signed it")}
	}
	checked, err := c.check()
	v := verdict{Verified: err == nil, Anchored: err == nil}
	switch {
	case err == nil:
		v = checked.verdict()
	case errors.Is(err, verifier.ErrPending):
		err = &exitError{code: exitPending, err: err}
	case errors.As(err, new(*ledger.MismatchError)):
		v.Mismatch = err.Error()
		err = &exitError{code: exitMismatch, err: err}
	default:
		return err
	}
	if c.JSON {
		return errors.Join(printJSON(e.stdout, v), err)
	}
	if err != nil {
		return err
	}
	checked.print(e)
	return nil
}

// checked is what has passed.
type checked struct {
	trust   verifier.Trust
	receipt *ledger.Receipt
	consent *verifier.Consented
}

// check checks whatever was named, the receipt first.
func (c *verifyCommand) check() (v checked, err error) {
	if v.trust, err = readTrust(c.Trust); err != nil {
		return v, err
	}
	now := time.Now().Unix()
	if c.Receipt != "" {
		content, err := os.ReadFile(c.Receipt)
		if err != nil {
			return v, err
		}
		r, err := verifier.Receipt(content, v.trust, now)
		if err != nil {
			return v, fmt.Errorf("receipt%s: %w", doesNotMatch(err), err)
		}
		v.receipt = &r
	}
	if c.Consent == "" {
		return v, nil
	}
	content, err := os.ReadFile(c.Consent)
	if err != nil {
		return v, err
	}
	consented, err := verifier.Consent(content, v.trust, now)
	if err == nil {
		err = c.hers(consented)
	}
	if err == nil && v.receipt != nil {
		err = verifier.ConsentAt(consented.Proof, *v.receipt)
	}
	if errors.Is(err, errWhose) {
		return v, err
	}
	if err != nil {
		return v, fmt.Errorf("consent proof%s: %w", doesNotMatch(err), err)
	}
	v.consent = &consented
	return v, nil
}

func doesNotMatch(err error) string {
	if errors.Is(err, verifier.ErrPending) {
		return ""
	}
	return " does not match"
}

// errWhose is a proof that nothing says is hers.
var errWhose = &exitError{code: exitUsage, err: errors.New(
	"the consent proof shows nothing that a patient has signed, so --patient cannot tell whose it is: name her --index, which 'medmarket prefer proof' prints and keeps beside her key")}

// hers holds the proof against what the patient knows of herself: her index, or
// else her signature.
func (c *verifyCommand) hers(v verifier.Consented) error {
	if !c.Index.IsZero() && v.Proof.Index != c.Index {
		return &ledger.MismatchError{Part: "consent index", Err: fmt.Errorf("is of %s, not of %s", v.Proof.Index, c.Index)}
	}
	signed := v.Preference != nil && v.Preference.Grantor == provider.Self()
	switch {
	case c.Index.IsZero() && !signed:
		return errWhose
	case !c.Patient.IsZero() && signed && v.Signer != c.Patient:
		return &ledger.MismatchError{Part: "consent preference", Err: fmt.Errorf("is signed by %s, not by %s", v.Signer, c.Patient)}
	}
	return nil
}

func (v checked) verdict() verdict {
	d := verdict{Verified: true, Anchored: true}
	if v.receipt != nil {
		d.Block, d.Known = v.receipt.Anchor.Block, new(verify.AnchoredIn(*v.receipt.Anchor, v.trust.Chain()))
	}
	if c := v.consent; c != nil {
		d.Consent = &consentVerdict{
			AsOf: c.Proof.Checkpoint.Size, Block: c.Proof.Anchor.Block, Index: c.Proof.Index, Status: consentStatus(*c),
		}
		if c.Preference != nil {
			d.Consent.Decision, d.Consent.Grantor, d.Consent.Signer = c.Preference.Preference.Decision, &c.Preference.Grantor, &c.Signer
			d.Consent.Lost, d.Consent.OwnCap, d.Consent.Until = new(lossOf(costTo(c.Tally.Lost()))), ownCapOf(*c), c.Until
			d.Consent.Charged = c.Proof.Counted.Reading.Charged
		}
		if v.receipt != nil {
			d.Consent.Counting = c.CountedIn(*v.receipt)
		}
	}
	return d
}

func (v checked) print(e *env) {
	if r := v.receipt; r != nil {
		s := r.Statement
		fmt.Fprintf(e.stdout, "Receipt %s matches.\n", s.Ask.RequestID)
		fmt.Fprintf(e.stdout, "  asked    by %s under grant %s\n", s.Researcher, s.Ask.Grant)
		for _, release := range s.Releases {
			fmt.Fprintf(e.stdout, "  answered by %s at log index %d, %s\n", release.Provider, release.Release.AsOf, plural(len(s.Answer), "group"))
		}
		for _, m := range s.Missing {
			fmt.Fprintf(e.stdout, "  not by   %s: %s\n", m.Provider, m.State)
		}
		if s.CountedAtEach {
			fmt.Fprintln(e.stdout, "  a patient known to several of these hospitals counts once at each")
		}
		fmt.Fprintf(e.stdout, "  cost     %d nano-rho%s, %s credits\n", s.NanoRho, besides(s.Delta, s.NanoEpsilon), credits(s.Work))
		fmt.Fprintf(e.stdout, "  anchored in block %d, %d confirmations, chain %s\n", r.Anchor.Block, v.trust.Confirmations, v.trust.Genesis)
		known := verify.AnchoredIn(*r.Anchor, v.trust.Chain())
		fmt.Fprintf(e.stdout, "  that block is {\"block\": %d, \"hash\": \"%s\"}: as \"known\" in a trust file it stands for all before it\n", known.Block, known.Hash)
	}
	if c := v.consent; c != nil {
		fmt.Fprintf(e.stdout, "Consent proof of index %s matches.\n", c.Proof.Index)
		state := consentStatus(*c)
		if c.Preference != nil {
			state = standing(c.Preference.Preference)
		}
		fmt.Fprintf(e.stdout, "  committed by %s at log index %d: %s\n", c.Proof.Provider, c.Proof.Checkpoint.Size, state)
		if c.Preference != nil {
			s := c.Preference
			fmt.Fprintf(e.stdout, "  signed   by %s (grantor: %s), revision %d\n", c.Signer, s.Grantor.By, c.Proof.Present.Entry.Revision)
			fmt.Fprintf(e.stdout, "  loss     %s\n", lossLine(costOf(ownCapOf(*c)), costTo(c.Tally.Lost())))
		}
		if v.receipt != nil {
			fmt.Fprintf(e.stdout, "  in that answer: %s\n", c.CountedIn(*v.receipt))
		}
		fmt.Fprintf(e.stdout, "  anchored in block %d, %d confirmations, chain %s\n", c.Proof.Anchor.Block, v.trust.Confirmations, v.trust.Genesis)
	}
}

// consentStatus says in a word or two what the hospital was committed to.
func consentStatus(c verifier.Consented) string {
	switch {
	case c.Preference != nil:
		return string(c.Preference.Preference.Status)
	case c.Proof.Present != nil:
		return "no preference"
	default:
		return "no entry"
	}
}

// ownCapOf is the patient's own cap; nil if she has none.
func ownCapOf(c verifier.Consented) *policy.Loss {
	if c.Tally.Cap == nil {
		return nil
	}
	return &policy.Loss{NanoRho: c.Tally.Cap.NanoRho, Delta: c.Tally.Cap.Delta}
}

func costTo(c accountant.Cost) *pb.Cost { return &pb.Cost{NanoRho: c.NanoRho, Delta: c.Delta} }

func readTrust(path string) (verifier.Trust, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return verifier.Trust{}, err
	}
	t, err := verifier.ParseTrust(b)
	if err != nil {
		return t, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// credits writes expected hashes as credits: 2^20 expected hashes are one.
func credits(work int64) string { return fmt.Sprintf("%.2f", float64(work)/(1<<20)) }
