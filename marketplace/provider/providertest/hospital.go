package providertest

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/passport"
)

// Dataset is the dataset of every [Hospital], Diabetes a condition in its
// records, Price what a nano-rho costs there, in expected hashes.
const (
	Dataset  = "hospital-a"
	Diabetes = 201826
	Price    = 3
)

// Hospital is a node with people around it. The exported fields may be changed
// before [Hospital.Restart].
type Hospital struct {
	*provider.Node
	Store    provider.Store
	Engine   *Engine
	Chain    *Chain
	Clock    *Clock
	Noise    noise.Source
	Metadata dp.Metadata
	Domain   ledger.Domain
	Log      *Buffer // what the node logged
	Office   *passport.Signer
	Issuers  *passport.Issuers // that the node trusts: the office

	Key, Steward, Researcher, Committee *ledger.Key
	Market                              *ledger.Key // the marketplace's, for which the researcher has set much aside

	tb        testing.TB
	keys      map[int64]*ledger.Key
	revisions map[int64]uint64
}

// Organisation is the hospital's, CommitteeOrganisation that of the committee that approves grants there.
var (
	Organisation          = ledger.HashBytes([]byte("organisation of the hospital"))
	CommitteeOrganisation = ledger.HashBytes([]byte("organisation of the committee"))
)

// Open returns a hospital with the given records: nobody is enrolled and there
// is no policy.
func Open(tb testing.TB, store provider.Store, src noise.Source, records []Record) *Hospital {
	tb.Helper()
	h := &Hospital{
		Store: store, Engine: NewEngine(records), Chain: NewChain(), Clock: &Clock{}, Noise: src,
		Metadata: dp.Metadata{Dataset: Dataset, Version: "1", ReferenceYear: 2026},
		Domain:   ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("genesis"))}, Log: &Buffer{},
		tb: tb, keys: map[int64]*ledger.Key{}, revisions: map[int64]uint64{},
	}
	h.Chain.now = h.Clock.Now
	h.Office, h.Issuers = NewOffice(tb, Issuer)
	h.Key, h.Steward, h.Researcher, h.Committee, h.Market = NewKey(tb), NewKey(tb), NewKey(tb), NewKey(tb), NewKey(tb)
	h.Chain.Enter(ledger.Participant{Address: h.Steward.Address(), Roles: ledger.RoleSteward, Organisation: Organisation})
	h.Chain.Enter(ledger.Participant{Address: h.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: ledger.HashBytes([]byte("university"))})
	h.Chain.Enter(ledger.Participant{Address: h.Researcher.Address(), Roles: ledger.RoleResearcher})
	h.Chain.SetEscrow(h.Researcher.Address(), h.Market.Address(), 1<<50)
	h.Chain.Keep(h.Key.Address())
	for _, r := range records {
		h.keys[r.Patient] = NewKey(tb)
	}
	h.Restart()
	return h
}

// Restart replaces the node by a new one with the hospital's present fields.
func (h *Hospital) Restart() {
	h.tb.Helper()
	var err error
	h.Node, err = provider.New(h.tb.Context(), h.Config())
	h.ok(err)
}

// Config is what the node is made of.
func (h *Hospital) Config() provider.Config {
	return provider.Config{
		Key: h.Key, Organisation: Organisation, Domain: h.Domain, Marketplace: h.Market.Address(), Metadata: h.Metadata, WorkPerNanoRho: Price, Diseases: h.Diseases(),
		VisaIssuers: h.Issuers,
		Patients: func(context.Context) ([]int64, error) {
			var all []int64
			for _, r := range h.Engine.records {
				all = append(all, r.Patient)
			}
			return all, nil
		},
		Store: h.Store, Engine: h.Engine, Chain: h.Chain, Noise: h.Noise, Now: h.Clock.Now,
		Log: slog.New(slog.NewTextHandler(h.Log, nil)),
	}
}

// Diseases are those that the hospital knows: [Cancer], and [BreastCancer] as one of its kinds.
func (h *Hospital) Diseases() *duo.Diseases {
	h.tb.Helper()
	d, err := duo.NewDiseases("made up for tests", map[string][]string{Cancer: nil, BreastCancer: {Cancer}})
	h.ok(err)
	return d
}

// Diseases, as MONDO identifiers.
const (
	Cancer       = "MONDO:0004992"
	BreastCancer = "MONDO:0007254"
)

func (h *Hospital) ok(err error) {
	h.tb.Helper()
	if err != nil {
		h.tb.Fatal(err)
	}
}

// Sign signs v as a document that is good for an hour.
func (h *Hospital) Sign(k *ledger.Key, kind ledger.Kind, v any, revision uint64) ledger.SignedDocument {
	h.tb.Helper()
	d, err := ledger.NewSignedDocument(k, h.Domain, kind, v, revision, h.Clock.Now().Unix()+3600)
	h.ok(err)
	return d
}

// Patient is a patient's key.
func (h *Hospital) Patient(patient int64) *ledger.Key { return h.keys[patient] }

// EnrolAll has the steward enrol the given patients, all if none is given.
func (h *Hospital) EnrolAll(patients ...int64) {
	h.tb.Helper()
	s := provider.EnrolmentStatement{Provider: h.Address()}
	for _, r := range h.Engine.records {
		if len(patients) == 0 || slices.Contains(patients, r.Patient) {
			s.Enrolments = append(s.Enrolments, provider.Enrolment{Patient: r.Patient, Key: h.keys[r.Patient].Address()})
		}
	}
	h.ok(h.Enrol(h.tb.Context(), h.Sign(h.Steward, ledger.KindEnrolment, s, 1)))
}

// Anything is a preference for health research by academics on all of a record.
func Anything() policy.ReleasePreference {
	return policy.ReleasePreference{
		Decision: policy.Permit, Status: policy.Active, PermittedUse: []policy.DataUse{{Permission: duo.HMB}},
		RecipientTypes: []policy.RecipientType{policy.Academic}, RecipientCountries: []string{policy.AnyCountry},
		Categories: policy.AllCategories(policy.LevelExact),
	}
}

// Withdrawal takes [Anything] back.
func Withdrawal() policy.ReleasePreference {
	p := Anything()
	p.Status = policy.Withdrawn
	return p
}

// Preference is the next revision of a patient's preference, signed by her.
func (h *Hospital) Preference(patient int64, p policy.ReleasePreference) ledger.SignedDocument {
	h.tb.Helper()
	s := provider.PreferenceStatement{Provider: h.Address(), Grantor: provider.Self(), Preference: p}
	return h.Sign(h.keys[patient], ledger.KindReleasePreference, s, h.revisions[patient]+1)
}

// Prefer sets the preference of patients, in one batch, and returns the token.
func (h *Hospital) Prefer(p policy.ReleasePreference, patients ...int64) uint64 {
	h.tb.Helper()
	var docs []ledger.SignedDocument
	for _, patient := range patients {
		docs = append(docs, h.Preference(patient, p))
		h.revisions[patient]++
	}
	token, err := h.SetPreferences(h.tb.Context(), docs, func(ledger.Address) bool { return true })
	h.ok(err)
	return token
}

// Recorded is what a steward signs of the next revisions of patients' preferences.
func (h *Hospital) Recorded(form provider.Form, p policy.ReleasePreference, patients ...int64) provider.RecordedPreferences {
	s := provider.RecordedPreferences{Provider: h.Address(), Form: form}
	for _, patient := range patients {
		s.Recorded = append(s.Recorded, provider.RecordedPreference{Patient: patient, Revision: h.revisions[patient] + 1, Preference: p})
	}
	return s
}

// Record has the hospital record the preference of patients on paper, in one
// batch, and returns the token.
func (h *Hospital) Record(p policy.ReleasePreference, patients ...int64) uint64 {
	h.tb.Helper()
	s := h.Recorded(provider.Paper, p, patients...)
	token, err := h.RecordPreferences(h.tb.Context(), h.Sign(h.Steward, ledger.KindRecordedPreferences, s, 1))
	h.ok(err)
	for _, patient := range patients {
		h.revisions[patient]++
	}
	return token
}

// Policy is the first revision of a generous policy.
func (h *Hospital) Policy() policy.DatasetPolicy {
	return policy.DatasetPolicy{
		Dataset: Dataset, Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.HMB}},
		Columns:            h.Columns(h.Plan(h.Query(1000))),
		MaxNanoRhoPerQuery: 1_000_000, MaxNanoRhoPerOrganisation: 1_000_000_000, TotalNanoRho: 1_000_000_000,
	}
}

// Pure is a generous policy of pure accounting: 1 epsilon in all, a half of it for a question.
func Pure(p policy.DatasetPolicy) policy.DatasetPolicy {
	p.Accounting, p.TotalDelta = policy.Pure, 0
	p.MaxNanoRhoPerQuery, p.MaxNanoRhoPerOrganisation, p.TotalNanoRho = 0, 0, 0
	p.MaxNanoEpsilonPerQuery, p.MaxNanoEpsilonPerOrganisation, p.TotalNanoEpsilon = 500_000_000, 2_000_000_000, 1_000_000_000
	return p
}

// SignPolicy has the steward sign a policy.
func (h *Hospital) SignPolicy(p policy.DatasetPolicy) ledger.SignedDocument {
	h.tb.Helper()
	return h.Sign(h.Steward, ledger.KindDatasetPolicy, p, p.Revision)
}

// Columns are those that a plan reads, as a policy names them.
func (h *Hospital) Columns(p dp.Plan) (all []policy.Column) {
	for _, c := range p.Columns() {
		all = append(all, policy.Column{Name: c.Name, Category: policy.Category(c.Category), Finest: policy.LevelExact})
	}
	return all
}

// Grant is a study of the researcher at the dataset.
func (h *Hospital) Grant() policy.Grant {
	return policy.Grant{
		ID: "study-1", Protocol: "Diabetes by sex", Committee: h.Committee.Address().String(),
		Researchers: []string{h.Researcher.Address().String()}, SponsorType: policy.Academic,
		Countries: []string{"DE"},
		Purposes:  []policy.DataUse{{Permission: duo.HMB}},
		Datasets:  []policy.DatasetCeiling{{Dataset: Dataset, NanoRho: 1_000_000_000}},
		Period:    policy.Period{Start: Start - 3600, End: Start + 1_000_000},
	}
}

// Terms are what the chain records of g when its committee approves it.
func (h *Hospital) Terms(g policy.Grant, signed ledger.SignedDocument) ledger.GrantRecord {
	h.tb.Helper()
	committee, err := ledger.ParseAddress(g.Committee)
	h.ok(err)
	r := ledger.GrantRecord{
		Document: signed.Hash(), Revision: signed.Revision, Committee: committee, Organisation: CommitteeOrganisation, Study: signed.Hash(),
		Status: ledger.GrantActive, NotBefore: g.Period.Start, Expiry: g.Period.End, ReviewBy: g.ReviewBy,
	}
	if g.Amends != "" {
		r.Amends, err = ledger.ParseHash(g.Amends)
		h.ok(err)
		r.Study = r.Amends
	}
	for _, d := range g.Datasets {
		r.Datasets = append(r.Datasets, ledger.DatasetID(d.Dataset))
		r.Ceilings = append(r.Ceilings, uint64(d.NanoRho))
	}
	return r
}

// Approve has the researcher sign g and puts it on the chain.
func (h *Hospital) Approve(g policy.Grant) ledger.SignedDocument {
	h.tb.Helper()
	signed := h.Sign(h.Researcher, ledger.KindDataGrant, g, 1)
	h.Chain.Put(h.Terms(g, signed))
	return signed
}

// Query asks for patients by sex and diabetes.
func (h *Hospital) Query(nanoRho int64) dp.Query {
	return dp.Query{Dataset: Dataset, NanoRho: nanoRho, GroupBy: []dp.Group{
		{Kind: dp.Sex},
		{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Condition, false, Diabetes)},
	}}
}

// Plan plans a query at the hospital's present version.
func (h *Hospital) Plan(q dp.Query) dp.Plan {
	h.tb.Helper()
	p, err := dp.NewPlan(q, h.Metadata)
	h.ok(err)
	return p
}

// Question is an ask that the researcher signed under grant. Its request id
// comes from name; change, unless nil, has the last word on the ask.
func (h *Hospital) Question(name string, grant ledger.SignedDocument, q dp.Query, change func(*ledger.Ask)) provider.Question {
	h.tb.Helper()
	plan := h.Plan(q)
	content, err := ledger.Canonical(plan.Statement())
	h.ok(err)
	out := provider.Question{Plan: content, Grant: grant, Ask: ledger.Ask{
		RequestID: ledger.HashBytes([]byte(name)), PlanHash: ledger.HashBytes(content), Grant: grant.Hash(), Provider: h.Key.Address(), Dataset: Dataset,
		Purpose: ledger.Purpose{Permission: string(duo.HMB)}, MaxNanoRho: plan.Cost.NanoRho, MaxWork: plan.Cost.NanoRho * Price,
		Expiry: h.Clock.Now().Unix() + 600,
	}}
	if change != nil {
		change(&out.Ask)
	}
	out.Signature = h.SignAsk(h.Researcher, out.Ask)
	return out
}

// SignAsk signs an ask.
func (h *Hospital) SignAsk(k *ledger.Key, a ledger.Ask) ledger.Signature {
	h.tb.Helper()
	s, err := ledger.SignDocument(k, h.Domain, ledger.KindAsk, a, 0, a.Expiry)
	h.ok(err)
	return s
}

// NewKey draws a key.
func NewKey(tb testing.TB) *ledger.Key {
	tb.Helper()
	k, err := ledger.NewKey()
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// Buffer collects what is written to it.
type Buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
