package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/fhirserver"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	"github.com/medmarket/medmarket/policy/duo"
)

// hospitalFlags are those of a process with a hospital's node in it.
type hospitalFlags struct {
	limitFlags     `embed:""`
	Records        recordsName     `help:"The hospital's DuckDB file, made by 'medmarket data import'; or postgres:FILE, where FILE holds the connection string of a database made ready by 'medmarket data prepare'." env:"MEDMARKET_RECORDS"`
	State          stateName       `help:"Where the hospital's node keeps its own state, if not in a SQLite file in --dir: postgres:FILE, where FILE holds the connection string of a database of its own." placeholder:"postgres:FILE" env:"MEDMARKET_STATE"`
	Diseases       string          `help:"JSON file of the diseases that purposes may name, {\"release\": NAME, \"is_a\": {ID: [PARENT, ...]}} with MONDO identifiers; default: none is known, and no purpose DS passes." type:"existingfile" env:"MEDMARKET_DISEASES"`
	VisaIssuers    string          `help:"JSON file of the issuers of researchers' GA4GH visas that are trusted here, {\"issuers\": [{\"issuer\": URL, \"jwks_url\": URL, \"jwks_file\": FILE}]}; keys without a file are fetched from their URL, every hour. Default: none, and then no dataset that requires visas answers." type:"existingfile" env:"MEDMARKET_VISA_ISSUERS"`
	Vocabulary     string          `help:"File by which OMOP concepts are looked up and named, made by 'medmarket concept import'; default: none." type:"existingfile" env:"MEDMARKET_VOCABULARY"`
	AcceptNumbers  string          `help:"File of patient numbers, one a line, that mean the same patients as before although the records do not look so." type:"existingfile"`
	OIDC           string          `help:"JSON file of the institutions whose people may sign in by OpenID Connect, {\"issuers\": [{\"issuer\": URL, \"client_id\": TEXT, \"rules\": [{\"claim\": NAME, \"value\": TEXT, \"role\": researcher|committee|steward, \"organisation\": NAME}], \"people\": {SUBJECT: ADDRESS}}]}. Default: none; keys sign in." name:"oidc" type:"existingfile" env:"MEDMARKET_OIDC"`
	BreakGlass     string          `help:"JSON file of the clinicians who may see records in an emergency without the patient's access, {\"clinicians\": [ADDRESS, ...], \"countersign_days\": N}: N days for another one to countersign. Default: nobody may." type:"existingfile" env:"MEDMARKET_BREAK_GLASS"`
	FHIR           string          `help:"JSON file of the hospital's FHIR R4 server, whose records are pointed at and served besides those of --records: {\"base\": URL, \"token_file\": FILE, \"patient_system\": URI}. patient_system is that of the identifier that is the patient number; without it, the number is the Patient's id. Default: there is none." name:"fhir" type:"existingfile" env:"MEDMARKET_FHIR"`
	ReferenceYear  int             `help:"Year in which ages are taken; default: as the records' description says."`
	WorkPerNanoRho int64           `help:"Price of the dataset: expected hashes for one nano-rho (2^20 hashes are a credit)." default:"1"`
	Patients       string          `help:"Address for the hospital's gRPC, for its patients and stewards." default:"127.0.0.1:7101"`
	PatientsHTTP   string          `help:"Address for the hospital's REST." name:"patients-http" default:"127.0.0.1:7104"`
	PatientsOrigin string          `help:"Scheme and host by which clients reach --patients-http where a proxy stands in front."`
	StaleAfter     time.Duration   `help:"Age of the last final block from which nothing is released." default:"15m"`
	AnswerSlots    []time.Duration `help:"Ages, rising, that a question has when its answer leaves the hospital, so that time tells little of the records; 0 for none." default:"250ms,1s,5s,30s"`
	Record         time.Duration   `help:"How often log roots and vouchers go on the chain." default:"5s"`
	Publish        time.Duration   `help:"How often the hospital's log grows, by as much whatever happened; every question makes it grow too." default:"10m"`
}

// slots are the ages of --answer-slots.
func (f *hospitalFlags) slots() []time.Duration {
	if slices.Equal(f.AnswerSlots, []time.Duration{0}) {
		return nil
	}
	return f.AnswerSlots
}

// hospitalFiles are what the flags name.
type hospitalFiles struct {
	visas        visaIssuers                 // for datasets that require visas; default: nobody is trusted
	institutions server.Institutions         // whose people may sign in; default: none
	vouched      []string                    // names of the organisations that they vouch for
	diseases     *duo.Diseases               // for purposes that name diseases; default: none is known
	vocabulary   string                      // file that concept import made; default: concepts have no names
	fhir         fhirserver.Config           // of the hospital's FHIR server, but for the log; default: there is none
	emergencies  *recordindex.EmergencyRules // who may see records without an access; default: nobody
	accepted     []int64                     // patient numbers that mean who they meant although the records do not look so; default: none
}

// files reads them.
func (f *hospitalFlags) files() (r hospitalFiles, err error) {
	var errs [6]error
	r.visas, errs[0] = readVisaIssuers(f.VisaIssuers)
	r.diseases, errs[1] = readDiseases(f.Diseases)
	r.accepted, errs[2] = readNumbers(f.AcceptNumbers)
	r.institutions, r.vouched, errs[3] = readInstitutions(f.OIDC)
	r.emergencies, errs[4] = readEmergencyRules(f.BreakGlass)
	r.fhir, errs[5] = readFHIRServer(f.FHIR)
	r.vocabulary = f.Vocabulary
	return r, errors.Join(errs[:]...)
}

// check refuses what no hospital's process can run with.
func (f *hospitalFlags) check() error {
	var errs []error
	if f.Record <= 0 || f.Publish <= 0 {
		errs = append(errs, errors.New("--record and --publish must be above zero"))
	}
	if f.WorkPerNanoRho < 1 {
		errs = append(errs, errors.New("--work-per-nano-rho must be at least 1"))
	}
	last := time.Duration(0)
	for _, slot := range f.slots() {
		if slot <= last {
			errs = append(errs, errors.New("--answer-slots must be above zero and rise, or be 0 alone"))
			break
		}
		last = slot
	}
	errs = append(errs, f.limitFlags.check(), isOrigin("patients-origin", f.PatientsOrigin))
	return errors.Join(append(errs, onLoopback("patients", f.Patients), onLoopback("patients-http", f.PatientsHTTP))...)
}

// try refuses records and a vocabulary that cannot be used, before anything is started.
func (f *hospitalFlags) try(e *env) error {
	var errs []error
	if f.Records != "" {
		engine, err := f.Records.open(e.ctx, e.log)
		if err == nil {
			err = engine.Close()
		}
		errs = append(errs, err)
	}
	if f.Vocabulary != "" {
		concepts, err := vocabulary.Open(e.ctx, f.Vocabulary)
		if err == nil {
			err = concepts.Close()
		} else {
			err = fmt.Errorf("--vocabulary: %w; it is made by 'medmarket concept import'", err)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// folder refuses a folder whose keys others can read, or that cannot be written.
func (f *hospitalFlags) folder(dir string, more ...string) error {
	info, err := os.Stat(dir)
	if os.IsNotExist(err) {
		return nil // it is made
	}
	if err != nil || !info.IsDir() {
		return errors.Join(fmt.Errorf("--dir %s is no folder", dir), err)
	}
	var errs []error
	for _, key := range append([]string{"keys/provider.key", "keys/provider.pem", "keys/log.key"}, more...) {
		file := filepath.Join(dir, key)
		if info, err := os.Stat(file); err == nil && info.Mode().Perm()&0o077 != 0 {
			errs = append(errs, fmt.Errorf("%s can be read by others: chmod 600 it", file))
		}
	}
	probe, err := os.CreateTemp(dir, ".check*")
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("--dir: nothing can be written there: %w", err))...)
	}
	return errors.Join(append(errs, probe.Close(), os.Remove(probe.Name()))...)
}

// isOrigin refuses what clients would not sign in to.
func isOrigin(flag, origin string) error {
	u, err := url.Parse(origin)
	if origin == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && origin == u.Scheme+"://"+u.Host {
		return nil
	}
	return fmt.Errorf("--%s %s: want a scheme and a host and nothing behind them, as in https://market.example", flag, origin)
}

// distinct refuses two flags with one address.
func distinct(addresses map[string]string) error {
	taken := map[string]string{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(addresses)) {
		addr := addresses[name]
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "0" { // another check's, or any free one
			continue
		}
		if other, ok := taken[addr]; ok {
			errs = append(errs, fmt.Errorf("%s and %s are both %s", other, name, addr))
		}
		taken[addr] = name
	}
	return errors.Join(errs...)
}
