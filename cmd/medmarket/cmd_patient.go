package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type patientCommand struct {
	Invite patientInviteCommand `cmd:"" help:"Make one-time codes by which patients bind their keys, or recover (steward). Give each to its patient in person."`
}

type patientInviteCommand struct {
	access
	outcome
	Patient  []int64       `help:"The hospital's patient numbers (OMOP person_id)." sep:","`
	File     string        `help:"Many: a CSV file with a line of column names and a column patient." type:"existingfile"`
	Recovery bool          `help:"Also for patients who have a key: its use ends that key for good. See that it is she."`
	For      time.Duration `help:"How long the codes are good; 90 days at most." default:"336h"`
	Out      string        `help:"File to write (CSV: patient, code, until), readable by its owner only; default: print. The codes are shown once." type:"path"`
}

func (c *patientInviteCommand) Run(e *env) error {
	patients, err := c.patients()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return c.with(func(p *person) error {
		until := time.Now().Add(c.For)
		codes := []invited{}
		for len(patients) > 0 {
			n := min(len(patients), provider.MaxInvited)
			s := provider.Invitation{Provider: p.net.Trust.Providers[0], Patients: patients[:n], Recovery: c.Recovery, Until: until.Unix()}
			doc, err := p.sign(ledger.KindInvitation, s, 1)
			if err != nil {
				return err
			}
			r, err := pb.NewPatientServiceClient(p.clinic).InvitePatients(e.ctx, &pb.InvitePatientsRequest{Invitation: doc})
			if err != nil {
				return err
			}
			for _, code := range r.GetCodes() {
				codes = append(codes, invited{code.GetPatient(), code.GetCode(), until.UTC().Format(time.RFC3339)})
			}
			patients = patients[n:]
		}
		out, err := c.write(codes)
		if err == nil && c.Out != "" {
			return writeFile(c.Out, out, 0o600)
		}
		if err == nil {
			_, err = e.stdout.Write(out)
		}
		return err
	})
}

// invited is a code and the patient whom it is for.
type invited struct {
	Patient int64  `json:"patient"`
	Code    string `json:"code"`
	Until   string `json:"until"` // RFC 3339
}

// write is the codes as CSV, or as JSON.
func (c *patientInviteCommand) write(codes []invited) ([]byte, error) {
	var out bytes.Buffer
	if c.JSON {
		err := printJSON(&out, map[string]any{"codes": codes})
		return out.Bytes(), err
	}
	lines := csv.NewWriter(&out)
	_ = lines.Write([]string{"patient", "code", "until"}) // to memory
	for _, one := range codes {
		_ = lines.Write([]string{strconv.FormatInt(one.Patient, 10), one.Code, one.Until})
	}
	lines.Flush()
	return out.Bytes(), nil
}

// patients are those that the command line or the file names.
func (c *patientInviteCommand) patients() ([]int64, error) {
	if (c.File == "") == (len(c.Patient) == 0) {
		return nil, errors.New("name patients with --patient, or a file with --file")
	}
	if c.File == "" {
		return c.Patient, nil
	}
	b, err := os.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	column := -1
	if len(lines) > 1 {
		column = slices.IndexFunc(lines[0], func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), "patient") })
	}
	if column < 0 {
		return nil, fmt.Errorf("%s: no column patient, or nobody is in it", c.File)
	}
	var all []int64
	for i, line := range lines[1:] {
		n, err := strconv.ParseInt(strings.TrimSpace(line[column]), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: patient: not a number", c.File, i+2)
		}
		all = append(all, n)
	}
	return all, nil
}
