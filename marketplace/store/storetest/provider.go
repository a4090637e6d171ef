package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// OpenProvider opens a store that is new and empty. reopen closes it and opens
// the same one again.
type OpenProvider func(t testing.TB) (s provider.Store, reopen func() provider.Store)

// RunProvider runs the suite for hospitals.
func RunProvider(t *testing.T, open OpenProvider) {
	for name, test := range map[string]func(*testing.T, *ward){
		"enrolling":                    testEnrol,
		"recording":                    testRecord,
		"memberships":                  testMemberships,
		"what the hospital records":    testRecorded,
		"codes":                        testCodes,
		"a key for another":            testKeyChange,
		"notices":                      testNotices,
		"known keys":                   testKnows,
		"notices from elsewhere":       testNoticesElsewhere,
		"a patient's past":             testPast,
		"mandates":                     testMandates,
		"a key ends mandates":          testMandatesEnd,
		"every class there was":        testEveryClass,
		"who comes to a class":         testG7Newcomers,
		"documents a day":              testDailyDocuments,
		"the policy":                   testPolicy,
		"the profile":                  testProfile,
		"charging":                     testCharge,
		"charging an epsilon":          testChargeEpsilon,
		"drawing on escrow":            testDrawing,
		"a request is charged once":    testChargeAgain,
		"a charge is what it costs":    testChargeRefused,
		"one budget, many queries":     testChargeContention,
		"finishing":                    testFinish,
		"redo":                         testRedo,
		"never asked":                  testUnasked,
		"redo, whatever happens":       testRedoModel,
		"events and charges at a time": testRecordContention,
		"a patient's own cap":          testOwnCap,
		"own caps, whatever happens":   testOwnCapModel,
		"publishing":                   testPublish,
		"a backlog":                    testBacklog,
		"whose key":                    testPatient,
		"consent":                      testConsent,
		"consent, whatever happens":    testConsentModel,
		"the map is bound to its file": testIndices,
		"odometers, whatever happens":  testOdometers,
		"what was decided on":          testDecisions,
		"what was refused":             testRefusals,
		"refusals of an organisation":  testRefusalsAreBounded,
		"what was refused again":       testRefusedOnce,
		"the map made again":           testRecommit,
		"roots on the chain":           testHospitalAnchors,
		"G7: sizes tell nothing":       testG7Sizes,
		"pointers":                     testPointers,
		"places of pointers":           testPointerPlaces,
		"uses of accesses":             testUses,
		"uses count nothing":           testUsesCountNothing,
		"accesses taken back":          testWithdrawn,
		"opinions":                     testOpinions,
		"emergencies":                  testEmergencies,
		"how far it has gone":          testExtent,
		"brought back from a backup":   testRestore,
	} {
		t.Run(name, func(t *testing.T) {
			fresh := func() *ward {
				s, reopen := open(t)
				return &ward{Store: s, reopen: reopen}
			}
			w := fresh()
			w.fresh = fresh
			test(t, w)
		})
	}
}

// ward is a hospital's store under test, and what is looked at in it.
type ward struct {
	provider.Store
	reopen   func() provider.Store
	fresh    func() *ward // another one, empty
	log      modelLog     // as it should be
	keys     []ledger.Address
	requests []ledger.Hash
	revision map[int64]uint64

	inhabitants int64
}

// scopeName is the one that tests charge.
const scopeName = "dataset/hospital-a"

// observe returns all that the interface shows.
func (w *ward) observe(t tb) any {
	t.Helper()
	ctx := t.Context()
	type latest struct {
		provider.Standing
		Err string
	}
	var seen struct {
		Preferences map[ledger.Address]latest
		Policy      ledger.SignedDocument
		NoPolicy    bool
		Profile     ledger.SignedDocument
		Spent       accountant.Scope
		Charges     map[ledger.Hash]provider.Charged
		Memberships []provider.Membership
		Size        uint64
		Root        ledger.Hash
	}
	var err error
	seen.Preferences, seen.Charges = map[ledger.Address]latest{}, map[ledger.Hash]provider.Charged{}
	for _, k := range w.keys {
		s, err := w.Preference(ctx, k)
		seen.Preferences[k] = latest{s, fmt.Sprint(err)}
	}
	seen.Policy, err = w.Policy(ctx)
	seen.NoPolicy = err != nil
	seen.Profile, _, err = w.Profile(ctx)
	ok(t, err)
	seen.Spent, err = w.Spent(ctx, scopeName)
	ok(t, err)
	for _, r := range w.requests {
		c, found, err := w.Charged(ctx, r)
		ok(t, err)
		if found {
			seen.Charges[r] = c
		}
	}
	seen.Memberships = w.members(t, 1<<63)
	seen.Size, seen.Root, err = w.LogRoot(ctx)
	ok(t, err)
	return seen
}

func (w *ward) refused(t tb, want error, do func(ctx context.Context) error) {
	t.Helper()
	refused(t, func() any { return w.observe(t) }, want, do)
}

func (w *ward) survives(t tb) {
	t.Helper()
	before := w.observe(t)
	w.Store = w.reopen()
	equal(t, "after opening again", w.observe(t), before)
}

func key(patient int64) ledger.Address { return person("key of %d", patient) }

// enrol binds patients' keys.
func (w *ward) enrol(t tb, patients ...int64) {
	t.Helper()
	var all []provider.Enrolment
	for _, p := range patients {
		all = append(all, provider.Enrolment{Patient: p, Key: key(p)})
		w.keys = append(w.keys, key(p))
	}
	ok(t, w.Enrol(t.Context(), all, 1000))
}

// event is the next preference of a patient.
func (w *ward) event(patient int64, class string, until int64) provider.Event {
	if w.revision == nil {
		w.revision = map[int64]uint64{}
	}
	w.revision[patient]++
	return event(patient, w.revision[patient], class, until)
}

func event(patient int64, revision uint64, class string, until int64) provider.Event {
	d := document(revision, "patient %d revision %d class %s until %d", patient, revision, class, until)
	return provider.Event{
		Key: key(patient), Document: d, ClassHash: name("%s", class), ClassDocument: []byte(class), Until: until,
		Salt: name("salt %x", d.Content), Leaf: name("leaf %x", d.Content), At: 1000,
	}
}

// record records events and expects their token.
func (w *ward) record(t tb, events ...provider.Event) {
	t.Helper()
	for _, e := range events {
		w.log.events = append(w.log.events, e.Leaf)
	}
	token, err := w.Record(t.Context(), events)
	ok(t, err)
	equal(t, "token", token, w.log.size+64)
}

// policy sets the next policy.
func (w *ward) policy(t tb, revision uint64) ledger.SignedDocument {
	t.Helper()
	p := document(revision, "policy %d", revision)
	leaf := name("leaf of policy %d", revision)
	w.log.public = append(w.log.public, leaf)
	ok(t, w.SetPolicy(t.Context(), p, leaf, 1000))
	return p
}

// request remembers a request id to look at.
func (w *ward) request(format string, args ...any) ledger.Hash {
	r := name(format, args...)
	w.requests = append(w.requests, r)
	return r
}

// budget is what tests charge against.
var budget = accountant.Cost{NanoRho: 100_000, Delta: 100_000}

// charge is a decision that charges cost to scopeName and to the classes with
// the given documents, at time now; it fails as Admit fails.
func (w *ward) charge(t tb, cost accountant.Cost, now int64, classes ...string) func(provider.Snapshot) (provider.Charge, error) {
	return func(s provider.Snapshot) (provider.Charge, error) {
		after, err := accountant.Scope{Kind: accountant.ZCDP, Budget: budget, Spent: s.Scopes[scopeName].Spent}.Admit(cost)
		if err != nil {
			return provider.Charge{}, err
		}
		c, err := w.free(t, cost, now, classes...)(s)
		c.Scopes = map[string]accountant.Scope{scopeName: after}
		return c, err
	}
}
