package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// readEmergencyRules reads what --break-glass names; nil for none.
func readEmergencyRules(file string) (*recordindex.EmergencyRules, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // nobody may, and nothing is wrong
	}
	var d struct {
		Clinicians []ledger.Address `json:"clinicians"`
		Days       int              `json:"countersign_days"`
	}
	if err := readDocument(file, &d); err != nil {
		return nil, err
	}
	const most = 90
	if len(d.Clinicians) < 2 || d.Days < 1 || d.Days > most {
		return nil, fmt.Errorf("%s: wants two clinicians at least, one to countersign, and 1 to %d days for that", file, most)
	}
	return &recordindex.EmergencyRules{
		Clinician: func(a ledger.Address) bool { return slices.Contains(d.Clinicians, a) }, Within: time.Duration(d.Days) * 24 * time.Hour,
	}, nil
}

type recordsBreakGlassCommand struct {
	access
	outcome
	Patient int64         `help:"The hospital's patient number (OMOP person_id)." required:""`
	Kind    []string      `help:"Kinds of records." required:"" sep:"," enum:"conditions,laboratory,medication,observations,procedures,visits"`
	From    records.Month `help:"First month of care, as in 2020-01." default:"1900-01"`
	Through records.Month `help:"Last month of care." default:"2241-04"`
	For     time.Duration `help:"How long, 24 hours at most." default:"4h"`
	Reason  string        `help:"Why, in words: the patient reads it." required:""`
	Out     string        `help:"Access file to write, for 'records timeline' and 'fetch'." required:"" type:"path"`
}

func (c *recordsBreakGlassCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		declared := records.Emergency{
			Provider: p.net.Trust.Providers[0], Patient: c.Patient, Kinds: kindsOf(c.Kind), From: c.From, To: c.Through, Until: time.Now().Add(c.For).Unix(), Reason: c.Reason,
		}
		if _, err := rand.Read(declared.Nonce[:]); err != nil {
			return err
		}
		d, err := ledger.NewSignedDocument(p.key, p.net.Trust.Domain(), ledger.KindRecordEmergency, declared, 1, declared.Until)
		if err != nil {
			return err
		}
		opener, err := records.OpenerOf(p.key)
		if err != nil {
			return err
		}
		h := sharedHospital{Provider: declared.Provider, Hospital: p.net.Hospital, Document: carried{d.Content, d.Revision, d.Expiry, d.Signature[:]}}
		to := opener.Public()
		r, err := pb.NewRecordServiceClient(p.clinic).BreakGlass(e.ctx, &pb.BreakGlassRequest{Emergency: h.Document.document(), SealingKey: to[:]})
		if err != nil {
			return err
		}
		b, err := opener.Open(recordindex.EmergencyPurpose, r.GetSealed())
		if err != nil {
			return fmt.Errorf("the hospital's answer: %w", err)
		}
		if err := json.Unmarshal(b, &h.Keys); err != nil {
			return fmt.Errorf("the hospital's answer: %w", err)
		}
		sealed, err := sharing{[]sharedHospital{h}}.seal(to)
		if err != nil {
			return err
		}
		if err := writeFile(c.Out, sealed, 0o600); err != nil {
			return err
		}
		return c.say(e, map[string]any{"emergency": d.Hash(), "until": declared.Until, "file": c.Out},
			"emergency %s until %s: the patient has been told, and another clinician is to countersign it (`medmarket records countersign`)\n%s: for `medmarket records timeline` and `fetch`",
			d.Hash(), instant(declared.Until), c.Out)
	})
}

type recordsCountersignCommand struct {
	access
	outcome
	Emergency   ledger.Hash `arg:"" help:"The emergency, as 'records emergencies' names it."`
	Unjustified bool        `help:"There was none, or what was seen was not wanted: from now on it shows nothing."`
	Why         string      `help:"In words: the patient reads it."`
}

func (c *recordsCountersignCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		s := records.Countersignature{Provider: p.net.Trust.Providers[0], Emergency: c.Emergency, Justified: !c.Unjustified, Why: c.Why}
		doc, err := p.sign(ledger.KindRecordCountersignature, s, 1)
		if err != nil {
			return err
		}
		if _, err := pb.NewRecordServiceClient(p.clinic).CountersignEmergency(e.ctx, &pb.CountersignEmergencyRequest{Countersignature: doc}); err != nil {
			return err
		}
		words := "countersigned as an emergency; the patient sees it"
		if c.Unjustified {
			words = "countersigned as none: from now on it shows nothing; the patient sees it"
		}
		return c.say(e, map[string]any{"emergency": c.Emergency, "justified": !c.Unjustified}, "%s", words)
	})
}

type recordsEmergenciesCommand struct {
	access
	mandated
	Waiting bool `help:"Only those that nobody has countersigned."`
	JSON    bool `help:"Print one JSON object." name:"json"`
}

// emergencyLine is an emergency as it is printed.
type emergencyLine struct {
	ID               ledger.Hash               `json:"id"`
	At               int64                     `json:"at"` // Unix seconds
	Clinician        ledger.Address            `json:"clinician"`
	Declared         records.Emergency         `json:"declared"`
	Countersigner    *ledger.Address           `json:"countersigner,omitempty"`
	Countersignature *records.Countersignature `json:"countersignature,omitempty"`
	Overdue          bool                      `json:"overdue,omitempty"`
}

func (l emergencyLine) String() string {
	state := "nobody has countersigned it yet"
	switch {
	case l.Overdue:
		state = "nobody has countersigned it in time"
	case l.Countersignature != nil && l.Countersignature.Justified:
		state = "justified, says " + l.Countersigner.String()
	case l.Countersignature != nil:
		state = "not justified, says " + l.Countersigner.String()
	}
	return fmt.Sprintf("%s %s saw %v of patient %d until %s: %q; %s\n  %s", instant(l.At), l.Clinician, l.Declared.Kinds, l.Declared.Patient, instant(l.Declared.Until), l.Declared.Reason, state, l.ID)
}

func (c *recordsEmergenciesCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		all := []emergencyLine{}
		for r := (&pb.ListEmergenciesRequest{Waiting: c.Waiting, Mandate: orNone(c.Mandate)}); ; {
			page, err := pb.NewRecordServiceClient(p.clinic).ListEmergencies(e.ctx, r)
			if err != nil {
				return err
			}
			for _, one := range page.GetEmergencies() {
				l, err := emergencyFrom(one, p.net.Trust.Domain())
				if err != nil {
					return &exitError{exitMismatch, err}
				}
				all = append(all, l)
			}
			if r.PageToken = page.GetNextPageToken(); r.PageToken == "" || len(page.GetEmergencies()) == 0 || len(all) > maxSeen {
				break
			}
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"emergencies": all})
		}
		for _, l := range all {
			fmt.Fprintln(e.stdout, l)
		}
		return nil
	})
}

// emergencyFrom reads one that a hospital shows, with who signed what.
func emergencyFrom(in *pb.Emergency, d ledger.Domain) (l emergencyLine, err error) {
	signed, err := signedDocument(in.GetDocument())
	if err != nil {
		return l, err
	}
	l.ID, l.At, l.Overdue = signed.Hash(), in.GetAt(), in.GetOverdue()
	if l.Clinician, err = signed.Signer(d, ledger.KindRecordEmergency); err != nil {
		return l, err
	}
	if err := ledger.ParseCanonical(signed.Content, &l.Declared); err != nil || in.GetCountersignature() == nil {
		return l, err
	}
	second, err := signedDocument(in.GetCountersignature())
	if err != nil {
		return l, err
	}
	by, err := second.Signer(d, ledger.KindRecordCountersignature)
	if err != nil {
		return l, err
	}
	l.Countersigner, l.Countersignature = &by, new(records.Countersignature)
	if err := ledger.ParseCanonical(second.Content, l.Countersignature); err != nil {
		return l, err
	}
	if l.Countersignature.Emergency != l.ID || by == l.Clinician {
		return l, errors.New("the hospital showed a countersignature of another emergency, or by who declared it")
	}
	return l, nil
}
