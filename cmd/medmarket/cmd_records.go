package main

import (
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type recordsCommand struct {
	Point       recordsPointCommand       `cmd:"" help:"Point at patients' records that are new or amended, after each visit (steward)."`
	Card        recordsCardCommand        `cmd:"" help:"Print the card that a patient shares to: an address and a key to seal to (reader)."`
	Share       recordsShareCommand       `cmd:"" help:"Make an access key for a reader: kinds of records, months, and until when (patient)."`
	Timeline    recordsTimelineCommand    `cmd:"" help:"List pointers to a patient's records at all her hospitals, in the order of care, each checked (reader)."`
	Fetch       recordsFetchCommand       `cmd:"" help:"Fetch the records as FHIR R4 Bundles, each checked; name what is missing or altered (reader)."`
	Open        recordsOpenCommand        `cmd:"" help:"Print what an access file holds, for programs that speak REST; it is a secret (reader)."`
	Revoke      recordsRevokeCommand      `cmd:"" help:"Take an access back; it shows nothing from then on (patient, guardian, delegate)."`
	Mine        recordsMineCommand        `cmd:"" help:"List pointers to your own records and who read, and what is new to you (patient)."`
	Accept      recordsAcceptCommand      `cmd:"" help:"Say that a pointer or a reader is right (patient)."`
	Question    recordsQuestionCommand    `cmd:"" help:"Say that you doubt a pointer or a reader; the hospital and your readers see it (patient)."`
	Reject      recordsRejectCommand      `cmd:"" help:"Say that a pointer is wrong, or keep a reader from all of your records here, whatever access he has (patient, guardian; a delegate of a reader)."`
	Doubts      recordsDoubtsCommand      `cmd:"" help:"List pointers that patients questioned or rejected, and what was replied (steward)."`
	Reply       recordsReplyCommand       `cmd:"" help:"Say what came of a patient's doubt; she sees it (steward)."`
	BreakGlass  recordsBreakGlassCommand  `cmd:"" help:"See a patient's records in an emergency without her access; she is told (clinician)." name:"break-glass"`
	Countersign recordsCountersignCommand `cmd:"" help:"Say whether another clinician's emergency was one (clinician)."`
	Emergencies recordsEmergenciesCommand `cmd:"" help:"List emergencies, and which nobody has countersigned in time (steward, patient)."`
	Log         recordsLogCommand         `cmd:"" help:"Show what readers were shown, and when, each line proven (patient)."`
	Check       recordsCheckCommand       `cmd:"" help:"Check a log that a patient exported, offline (anybody)."`
}

type recordsPointCommand struct {
	access
	outcome
	Patient []int64 `help:"The hospital's patient numbers (OMOP person_id)." sep:"," required:""`
	Since   string  `help:"Look at records from this day on, as in 2024-03-31; default: at all."`
}

// pointedAtOnce bounds the patients of one request, so that it ends in its time.
const pointedAtOnce = 100

func (c *recordsPointCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		var done pb.PointAtRecordsResponse
		var refused []string
		for batch := range slices.Chunk(c.Patient, pointedAtOnce) {
			more, err := c.point(e, p, batch, &done)
			if err != nil {
				return err
			}
			refused = append(refused, more...)
		}
		patients := len(c.Patient) - len(refused)
		err := c.say(e, map[string]any{"records": done.GetRecords(), "patients": patients, "added": done.GetAdded(), "faulty": len(done.GetFaulty())},
			"%d records of %d patients, %d pointers added", done.GetRecords(), patients, done.GetAdded())
		return errors.Join(err, tooLarge(refused), faulty(done.GetFaulty()))
	})
}

func tooLarge(patients []string) error {
	if len(patients) == 0 {
		return nil
	}
	return fmt.Errorf("more records than are served, of patients: %s", strings.Join(patients, ", "))
}

// faulty names records that are not pointed at, since they are no FHIR R4.
func faulty(all []*pb.FaultyRecord) error {
	if len(all) == 0 {
		return nil
	}
	lines := make([]string, len(all))
	for i, f := range all {
		lines[i] = fmt.Sprintf("patient %d, %s of %s: %s", f.GetPatient(), f.GetKind(), cmp.Or(f.GetDay(), "no day"), f.GetFault())
	}
	return fmt.Errorf("not pointed at, since the FHIR server has what is no FHIR R4:\n  %s", listed(lines))
}

// point asks for patients at once, or in halves if that is too much, and returns those of whom alone there is too much.
func (c *recordsPointCommand) point(e *env, p *person, patients []int64, done *pb.PointAtRecordsResponse) (refused []string, err error) {
	r, err := pb.NewRecordServiceClient(p.clinic).PointAtRecords(e.ctx, &pb.PointAtRecordsRequest{Patients: patients, Since: c.Since})
	reason := errorInfo(err).GetReason()
	switch {
	case err == nil:
		done.Records, done.Added, done.Faulty = done.GetRecords()+r.GetRecords(), done.GetAdded()+r.GetAdded(), append(done.GetFaulty(), r.GetFaulty()...)
		return nil, nil
	case reason != "MESSAGE_TOO_LARGE" && reason != "TIMED_OUT":
		return nil, err
	case len(patients) == 1 && reason == "MESSAGE_TOO_LARGE":
		return []string{strconv.FormatInt(patients[0], 10)}, nil
	case len(patients) == 1:
		return nil, err
	}
	half := len(patients) / 2
	if refused, err = c.point(e, p, patients[:half], done); err != nil {
		return nil, err
	}
	more, err := c.point(e, p, patients[half:], done)
	return append(refused, more...), err
}

// readerCard is what a reader gives to patients. Whose it is they must know: it comes from the reader in person.
type readerCard struct {
	Address ledger.Address     `json:"address"`
	Sealing records.SealingKey `json:"sealing_key"`
}

type recordsCardCommand struct {
	Key string `help:"Key file of the reader, or of the group." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
}

func (c *recordsCardCommand) Run(e *env) error {
	key, err := readKey(c.Key)
	if err != nil {
		return err
	}
	opener, err := records.OpenerOf(key)
	if err != nil {
		return err
	}
	return printJSON(e.stdout, readerCard{key.Address(), opener.Public()})
}

// sharing is an access file: what a reader needs of each of a patient's hospitals. It is sealed to him.
type sharing struct {
	Hospitals []sharedHospital `json:"hospitals"`
}

type sharedHospital struct {
	Provider ledger.Address `json:"provider"`
	Hospital string         `json:"hospital"` // gRPC, host:port
	Document carried        `json:"document"`
	Keys     records.Ring   `json:"keys"`
}

// sealedFor is what access files are sealed for.
const sealedFor = "medmarket records access"

// maxAccessFile bounds an access file: some 40 kinds, months and hospitals.
const maxAccessFile = 1 << 20

// maxHospitals bounds the hospitals of an access file.
const maxHospitals = 64

// seal makes the access file: compressed, so that a QR code holds more, and sealed to its reader.
func (s sharing) seal(to records.SealingKey) ([]byte, error) {
	content, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return to.Seal(sealedFor, b.Bytes())
}

// open reverses seal.
func (s *sharing) open(by records.Opener, sealed []byte) error {
	compressed, err := by.Open(sealedFor, sealed)
	if err != nil {
		return err
	}
	content, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(compressed)), maxAccessFile+1))
	if err != nil || len(content) > maxAccessFile {
		return errNotTheirs
	}
	if parseDocument(content, s) != nil || len(s.Hospitals) == 0 || len(s.Hospitals) > maxHospitals {
		return errNotTheirs
	}
	for _, h := range s.Hospitals {
		if len(h.Document.Signature) != len(ledger.Signature{}) || len(h.Keys) > records.MaxKinds*22 {
			return errNotTheirs
		}
	}
	return nil
}

type recordsShareCommand struct {
	Network      []string      `help:"The network.json of each of your hospitals." default:"medmarket-data/network.json" sep:"," type:"path" env:"MEDMARKET_NETWORK"`
	Key          string        `help:"Your key file." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
	To           string        `help:"Card of the reader, as 'records card' prints it." required:"" type:"existingfile"`
	Kind         []string      `help:"Kinds of records: conditions, laboratory, medication, observations, procedures, visits." required:"" sep:"," enum:"conditions,laboratory,medication,observations,procedures,visits"`
	From         string        `help:"First month of care, as in 2020-01." default:"1900-01"`
	Through      string        `help:"Last month of care." default:"2241-04"`
	For          time.Duration `help:"How long the access lasts." default:"720h"`
	PointersOnly bool          `help:"Pointers, and not the records."`
	Out          string        `help:"Access file to write, sealed to the reader." required:"" type:"path"`
	QR           string        `help:"QR code of the access file to write, too: a .png or .svg to print, a .txt for a terminal; - shows it here." name:"qr" placeholder:"FILE"`
	outcome
	mandated
	reached
}

// givenAccess is an access at one of a patient's hospitals.
type givenAccess struct {
	Provider ledger.Address `json:"provider"`
	Access   ledger.Hash    `json:"access"`
	Until    int64          `json:"until"` // Unix seconds
}

func (c *recordsShareCommand) Run(e *env) error {
	a, card, err := c.read()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	var all sharing
	var given []givenAccess
	for _, network := range c.Network {
		one := access{Network: network, Key: c.Key, reached: c.reached}
		if err := one.with(func(p *person) error {
			h, err := p.share(e, a)
			if err == nil {
				all.Hospitals = append(all.Hospitals, h)
				one := givenAccess{h.Provider, ledger.HashBytes(h.Document.Content), h.Document.Expiry}
				given = append(given, one)
				fmt.Fprintf(c.words(e), "%s: access %s until %s\n", one.Provider, one.Access, instant(one.Until))
			}
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", network, err)
		}
	}
	sealed, err := all.seal(card.Sealing)
	if err != nil {
		return err
	}
	if err := writeFile(c.Out, sealed, 0o600); err != nil {
		return err
	}
	if err := c.draw(e, sealed); err != nil {
		return err
	}
	return c.say(e, map[string]any{"file": c.Out, "accesses": given},
		"%s: give it to the reader; nobody else can open it. To take an access back: `medmarket records revoke`", c.Out)
}

// draw draws the QR code that is wanted, if any.
func (c *recordsShareCommand) draw(e *env, sealed []byte) error {
	switch c.QR {
	case "":
		return nil
	case "-":
		code, err := drawQR("terminal.txt", asText(sealed))
		if err != nil {
			return err
		}
		_, err = c.words(e).Write(code)
		return err
	}
	code, err := drawQR(c.QR, asText(sealed))
	if err != nil {
		return err
	}
	return writeFile(c.QR, code, 0o600)
}

// read is the access but for the hospital, and whom it is for.
func (c *recordsShareCommand) read() (a records.Access, card readerCard, err error) {
	b, err := os.ReadFile(c.To)
	if err != nil {
		return a, card, err
	}
	if err := parseDocument(b, &card); err != nil {
		return a, card, fmt.Errorf("%s: %w", c.To, err)
	}
	if len(c.Network) > maxHospitals {
		return a, card, fmt.Errorf("at most %d hospitals", maxHospitals)
	}
	a = records.Access{Reader: card.Address, Until: time.Now().Add(c.For).Unix(), Records: !c.PointersOnly, Mandate: c.Mandate}
	a.Kinds = kindsOf(c.Kind)
	if err := a.From.UnmarshalText([]byte(c.From)); err != nil {
		return a, card, fmt.Errorf("--from: %w", err)
	}
	if err := a.To.UnmarshalText([]byte(c.Through)); err != nil {
		return a, card, fmt.Errorf("--through: %w", err)
	}
	if c.For <= 0 || c.For > records.MaxLife {
		return a, card, fmt.Errorf("--for: an access lasts %s at most", records.MaxLife)
	}
	return a, card, nil
}

// kindsOf are kinds as a document has them: rising, each once.
func kindsOf(names []string) (all []records.Kind) {
	for _, k := range names {
		all = append(all, records.Kind(k))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// share gives an access at her hospital.
func (p *person) share(e *env, a records.Access) (h sharedHospital, err error) {
	secret, err := p.indexSecret(e, a.Mandate)
	if err != nil {
		return h, err
	}
	a.Provider = p.net.Trust.Providers[0]
	if _, err := rand.Read(a.Nonce[:]); err != nil {
		return h, err
	}
	k, err := secret.Give(p.key, p.net.Trust.Domain(), a)
	if err != nil {
		return h, err
	}
	d := k.Document
	return sharedHospital{a.Provider, p.net.Hospital, carried{d.Content, d.Revision, d.Expiry, d.Signature[:]}, k.Keys}, nil
}

// indexSecret fetches what her access keys are made from at this hospital.
func (p *person) indexSecret(e *env, mandate *ledger.Hash) (s records.Secret, err error) {
	opener, err := records.OpenerOf(p.key)
	if err != nil {
		return s, err
	}
	to := opener.Public()
	r, err := pb.NewRecordServiceClient(p.clinic).GetIndexSecret(e.ctx, &pb.GetIndexSecretRequest{SealingKey: to[:], Mandate: orNone(mandate)})
	if err != nil {
		return s, err
	}
	b, err := opener.Open(recordindex.SecretPurpose, r.GetSealed())
	if err != nil {
		return s, fmt.Errorf("the hospital's answer: %w", err)
	}
	return records.ParseSecret(b)
}

type recordsRevokeCommand struct {
	access
	outcome
	Access ledger.Hash `arg:"" help:"The access, as 'records share' and 'records log' name it."`
	mandated
}

func (c *recordsRevokeCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r := records.Revocation{Provider: p.net.Trust.Providers[0], Access: c.Access, Mandate: c.Mandate}
		doc, err := p.sign(ledger.KindRecordRevocation, r, 1)
		if err != nil {
			return err
		}
		if _, err := pb.NewRecordServiceClient(p.clinic).RevokeAccess(e.ctx, &pb.RevokeAccessRequest{Revocation: doc}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"access": c.Access}, "taken back; what was shown before stays with whoever saw it: see `medmarket records log`")
	})
}

// errNotTheirs is of an access file that holds what no hospital of its own could have.
var errNotTheirs = errors.New("the access file is not of the form that 'records share' writes")

// openSharing opens an access file with the reader's key.
func openSharing(file string, key *ledger.Key) (s sharing, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return s, err
	}
	if info.Size() > maxAccessFile {
		return s, fmt.Errorf("%s: %w", file, errNotTheirs)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	opener, err := records.OpenerOf(key)
	if err != nil {
		return s, err
	}
	sealed, err := fromText(b)
	if err != nil {
		return s, fmt.Errorf("%s: %w", file, errNotTheirs)
	}
	if err := s.open(opener, sealed); err != nil {
		return s, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}
