package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferRecordCommand struct {
	access
	outcome
	Form     string `help:"How the patients told the hospital: paper or verbal." enum:"paper,verbal" required:""`
	Patient  *int64 `arg:"" optional:"" help:"The hospital's patient number (OMOP person_id)."`
	Preset   string `arg:"" optional:"" help:"any-health-research, census-only, nothing or withdrawn. Of a patient with a key only the last two are recorded."`
	Revision uint64 `help:"One more than the patient's last preference." default:"1"`
	Until    int64  `help:"Until when, Unix seconds; default: until it is changed."`
	File     string `help:"Many instead of one: a CSV file with a line of column names (patient, preference, and revision and until if wanted), or a JSON array of {patient, revision, preference} with whole preferences." type:"existingfile"`
}

func (c *preferRecordCommand) Run(e *env) error {
	all, err := c.recorded()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	return c.with(func(p *person) error {
		done, inForce := 0, uint64(0)
		for batch := range recordedBatches(all) {
			asOf, err := p.record(e.ctx, provider.Form(c.Form), batch)
			if err != nil && done > 0 {
				return fmt.Errorf("after the first %d of %d: %w", done, len(all), explain(err))
			}
			if err != nil {
				return err
			}
			done, inForce = done+len(batch), asOf
			if done < len(all) {
				fmt.Fprintf(c.words(e), "%d of %d recorded, in force from log index %d\n", done, len(all), asOf)
			}
		}
		return c.say(e, map[string]any{"recorded": done, "as_of": inForce}, "%d of %d recorded, in force from log index %d", done, len(all), inForce)
	})
}

// recorded is what the command line or the file says.
func (c *preferRecordCommand) recorded() ([]provider.RecordedPreference, error) {
	switch {
	case c.File != "" && c.Patient == nil:
		b, err := os.ReadFile(c.File)
		if err != nil {
			return nil, err
		}
		read := recordedFromCSV
		if strings.EqualFold(filepath.Ext(c.File), ".json") {
			read = recordedFromJSON
		}
		all, err := read(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.File, err)
		}
		if len(all) == 0 {
			return nil, fmt.Errorf("%s: nobody is in it", c.File)
		}
		return all, nil
	case c.File == "" && c.Patient != nil && c.Preset != "":
		d, err := recordedPreset(c.Preset, c.Until)
		return []provider.RecordedPreference{{Patient: *c.Patient, Revision: c.Revision, Preference: d}}, err
	}
	return nil, errors.New("name a patient and her preference, or a file with --file")
}

// recordedPreset is a preset, or the withdrawal of whatever there was.
func recordedPreset(name string, until int64) (policy.ReleasePreference, error) {
	d := policy.ReleasePreference{Decision: policy.Deny, Status: policy.Withdrawn}
	if name != "withdrawn" {
		c, ok := presets[name]
		if !ok {
			return d, fmt.Errorf("%q is not a preference: use any-health-research, census-only, nothing or withdrawn", name)
		}
		d = c()
	}
	d.Period.End = until
	return d.Normalize(), nil
}

func recordedFromJSON(b []byte) (all []provider.RecordedPreference, err error) {
	if err := parseDocument(b, &all); err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Preference = all[i].Preference.Normalize()
	}
	return all, nil
}

func recordedFromCSV(b []byte) (all []provider.RecordedPreference, err error) {
	lines, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range lines[0] {
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "patient", "preference", "revision", "until":
			column[name] = i
		default:
			return nil, fmt.Errorf("column %q is not one of patient, preference, revision and until", name)
		}
	}
	for _, name := range []string{"patient", "preference"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("there is no column %q", name)
		}
	}
	for i, line := range lines[1:] {
		r, err := recordedFromLine(line, column)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		all = append(all, r)
	}
	return all, nil
}

func recordedFromLine(line []string, column map[string]int) (r provider.RecordedPreference, err error) {
	field := func(name, unless string) string {
		if i, ok := column[name]; ok && strings.TrimSpace(line[i]) != "" {
			return strings.TrimSpace(line[i])
		}
		return unless
	}
	if r.Patient, err = strconv.ParseInt(field("patient", ""), 10, 64); err != nil {
		return r, errors.New("patient: not a number")
	}
	if r.Revision, err = strconv.ParseUint(field("revision", "1"), 10, 64); err != nil {
		return r, errors.New("revision: not a number")
	}
	until, err := strconv.ParseInt(field("until", "0"), 10, 64)
	if err != nil {
		return r, errors.New("until: not Unix seconds")
	}
	r.Preference, err = recordedPreset(field("preference", ""), until)
	return r, err
}

// recordedSize bounds the preferences of one statement, in bytes of JSON: a
// document has at most 256 kiB.
const recordedSize = 200 << 10

// recordedBatches cuts all into pieces that fit into one statement.
func recordedBatches(all []provider.RecordedPreference) func(yield func([]provider.RecordedPreference) bool) {
	return func(yield func([]provider.RecordedPreference) bool) {
		start, size := 0, 0
		for i, r := range all {
			b, err := json.Marshal(r)
			if err != nil { // it has no form: the signer says so
				b = nil
			}
			if i > start && (size+len(b) > recordedSize || i-start == provider.MaxBatch) {
				if !yield(all[start:i]) {
					return
				}
				start, size = i, 0
			}
			size += len(b) + 1
		}
		if start < len(all) {
			yield(all[start:])
		}
	}
}

// record has a steward sign and record one statement.
func (p *person) record(ctx context.Context, form provider.Form, all []provider.RecordedPreference) (asOf uint64, err error) {
	s := provider.RecordedPreferences{Provider: p.net.Trust.Providers[0], Form: form, Recorded: all}
	doc, err := p.sign(ledger.KindRecordedPreferences, s, 1)
	if err != nil {
		return 0, err
	}
	r, err := pb.NewPreferenceServiceClient(p.clinic).RecordPreferences(ctx, &pb.RecordPreferencesRequest{Recorded: doc})
	return r.GetAsOf(), err
}
