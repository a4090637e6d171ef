package ledger_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
)

// wantPart fails unless err names that part; "" wants no error.
func wantPart(t *testing.T, err error, part string) {
	t.Helper()
	var mismatch *ledger.MismatchError
	switch {
	case part == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case part != "" && (!errors.As(err, &mismatch) || mismatch.Part != part):
		t.Errorf("got %v, want a mismatch of %q", err, part)
	}
}

func TestG6ReceiptCheck(t *testing.T) {
	s := newScene(t)
	if err := s.receipt(t).Check(s.keys()); err != nil {
		t.Fatal(err)
	}
}

// releasePart is what a release of the scene's hospital is called.
func (s scene) releasePart() string { return "release of " + s.hospital.Address().String() }

// partsOfReceipt says by which part a change of each field is to be called when
// nobody signs again. A "release:" stands for the hospital's.
var partsOfReceipt = map[string]string{
	"Statement.Genesis":                           "genesis",
	"Statement.Researcher":                        "ask: signature",
	"Statement.Ask.RequestID":                     "ask: signature",
	"Statement.Ask.PlanHash":                      "plan",
	"Statement.Ask.Grant":                         "ask: signature",
	"Statement.Ask.Provider":                      "ask: signature",
	"Statement.Ask.Dataset":                       "ask: signature",
	"Statement.Ask.Purpose.Permission":            "ask: signature",
	"Statement.Ask.Purpose.Methods":               "ask: signature",
	"Statement.Ask.Purpose.Diseases[+]":           "ask: signature",
	"Statement.Ask.Purpose.Diseases[-]":           "ask: signature",
	"Statement.Ask.Purpose.Diseases[]":            "ask: signature",
	"Statement.Ask.MaxNanoRho":                    "ask: signature",
	"Statement.Ask.MaxWork":                       "ask: signature",
	"Statement.Ask.Expiry":                        "ask: signature",
	"Statement.Ask.AtLeastAsOf":                   "ask: signature",
	"Statement.AskSignature":                      "ask: signature",
	"Statement.Plan":                              "plan",
	"Statement.Ask.Also[+]":                       "plan",
	"Statement.Plans[+]":                          "plan",
	"Statement.Missing[+]":                        "releases",
	"Statement.Partial":                           "partial: signature",
	"Statement.CountedAtEach":                     "releases",
	"Statement.Releases[+]":                       "release of 0x0000000000000000000000000000000000000000",
	"Statement.Releases[-]":                       "releases",
	"Statement.Releases[].Release.RequestID":      "release: signature",
	"Statement.Releases[].Release.Ask":            "release: signature",
	"Statement.Releases[].Release.Dataset":        "release: signature",
	"Statement.Releases[].Release.DatasetVersion": "release: signature",
	"Statement.Releases[].Release.PlanHash":       "release: signature",
	"Statement.Releases[].Release.Grant":          "release: signature",
	"Statement.Releases[].Release.Policy":         "release: signature",
	"Statement.Releases[].Release.Passport":       "release: signature",
	"Statement.Releases[].Release.Decision":       "release: signature",
	"Statement.Releases[].Release.AsOf":           "release: signature",
	"Statement.Releases[].Release.LogRoot":        "release: signature",
	"Statement.Releases[].Release.MapRoot":        "release: signature",
	"Statement.Releases[].Release.NanoRho":        "release: signature",
	"Statement.Releases[].Release.Delta":          "release: signature",
	"Statement.Releases[].Release.NanoEpsilon":    "release: signature",
	"Statement.Releases[].Release.Work":           "release: signature",
	"Statement.Releases[].Release.Vector[+]":      "release: signature",
	"Statement.Releases[].Release.Vector[-]":      "release: signature",
	"Statement.Releases[].Release.Vector[]":       "release: signature",
	"Statement.Releases[].Release.Time":           "release: signature",
	"Statement.Releases[].Provider":               "release of another",
	"Statement.Releases[].Signature":              "release: signature",
	"Statement.Answer[+]":                         "statement: signature",
	"Statement.Answer[-]":                         "statement: signature",
	"Statement.Answer[].Key[+]":                   "statement: signature",
	"Statement.Answer[].Key[-]":                   "statement: signature",
	"Statement.Answer[].Key[]":                    "statement: signature",
	"Statement.Answer[].Estimates[+]":             "statement: signature",
	"Statement.Answer[].Estimates[-]":             "statement: signature",
	"Statement.Answer[].Estimates[].Measure":      "statement: signature",
	"Statement.Answer[].Estimates[].Label":        "statement: signature",
	"Statement.Answer[].Estimates[].Value":        "statement: signature",
	"Statement.Answer[].Estimates[].Low":          "statement: signature",
	"Statement.Answer[].Estimates[].High":         "statement: signature",
	"Statement.Answer[].Estimates[].Suppressed":   "statement: signature",
	"Statement.NanoRho":                           "cost",
	"Statement.Delta":                             "cost",
	"Statement.NanoEpsilon":                       "cost",
	"Statement.Work":                              "cost",
	"Statement.Time":                              "time",
	"Marketplace":                                 "marketplace",
	"Signature":                                   "statement: signature",
	"Inclusion.Log":                               "inclusion",
	"Inclusion.Index":                             "inclusion",
	"Inclusion.Size":                              "inclusion",
	"Inclusion.Root":                              "inclusion",
	"Inclusion.Path[+]":                           "inclusion",
	"Inclusion.Path[-]":                           "inclusion",
	"Inclusion.Path[]":                            "inclusion",
	"Anchor":                                      "", // by ledger/verify
}

// part spells out the hospital's release.
func (s scene) part(part string) string {
	if rest, ok := strings.CutPrefix(part, "release:"); ok {
		return strings.TrimSuffix(s.releasePart()+":"+rest, ":")
	}
	return part
}

// TestG6EveryField changes each field of a receipt: it is refused, by name. A new
// field without a row fails.
func TestG6EveryField(t *testing.T) {
	s := newScene(t)
	seen := map[string]bool{}
	s.eachChange(t, func(r *ledger.Receipt) any { return r }, "", func(t *testing.T, path string, r ledger.Receipt) {
		part, ok := partsOfReceipt[path]
		if !ok {
			t.Fatal("no row says who notices this change")
		}
		seen[path] = true
		if part == "release of another" {
			part = "release of " + r.Statement.Releases[0].Provider.String()
		}
		wantPart(t, r.Check(s.keys()), s.part(part))
	})
	if rows := missing(partsOfReceipt, seen); len(rows) > 0 {
		t.Errorf("rows of no field: %q", rows)
	}
}

// TestG6MarketplaceLies: the marketplace states something else, and signs and logs
// that. It may do so only with what is its own to say.
func TestG6MarketplaceLies(t *testing.T) {
	s := newScene(t)
	s.eachChange(t, func(r *ledger.Receipt) any { return &r.Statement }, "Statement", func(t *testing.T, path string, r ledger.Receipt) {
		s.signStatement(t, &r)
		part := partsOfReceipt[path]
		switch part {
		case "release of another":
			part = "release of " + r.Statement.Releases[0].Provider.String()
		case "statement: signature":
			part = "" // the answer, by marketplace/verifier
		}
		wantPart(t, r.Check(s.keys()), s.part(part))
	})
}

// TestG6HospitalLies: the hospital answers otherwise than it was asked, and
// everybody after it signs that.
func TestG6HospitalLies(t *testing.T) {
	s := newScene(t)
	parts := map[string]string{
		"RequestID": "release:", "Ask": "release:", "Dataset": "release:", "PlanHash": "release:", "Grant": "release:",
		"NanoRho":     "release:", // above what the researcher signed
		"Work":        "release:", // likewise
		"Delta":       "cost",     // not what the marketplace states
		"NanoEpsilon": "cost",
		"Time":        "time", // nor that
		// By marketplace/verifier, under the plan.
		"DatasetVersion": "", "Vector[+]": "", "Vector[-]": "", "Vector[]": "",
		// The hospital's own to say, and to be held to.
		"Policy": "", "Passport": "", "Decision": "", "AsOf": "", "LogRoot": "", "MapRoot": "",
	}
	seen := map[string]bool{}
	s.eachChange(t, func(r *ledger.Receipt) any { return &r.Statement.Releases[0].Release }, "", func(t *testing.T, path string, r ledger.Receipt) {
		part, ok := parts[path]
		if !ok {
			t.Fatal("no row says who notices this change")
		}
		seen[path] = true
		s.signReleases(t, &r)
		s.signStatement(t, &r)
		wantPart(t, r.Check(s.keys()), s.part(part))
	})
	if rows := missing(parts, seen); len(rows) > 0 {
		t.Errorf("rows of no field: %q", rows)
	}
}

// TestG6ResearcherLies: the researcher signs another ask afterwards, and the
// marketplace goes along. The hospital's release names what she asked.
func TestG6ResearcherLies(t *testing.T) {
	s := newScene(t)
	parts := map[string]string{
		"RequestID": "release:", "PlanHash": "plan", "Grant": "release:", "Provider": "release:", "Dataset": "release:",
		"Purpose.Permission": "release:", "Purpose.Methods": "release:", "Purpose.Diseases[+]": "release:", "Purpose.Diseases[-]": "release:", "Purpose.Diseases[]": "release:",
		"MaxNanoRho": "release:", "MaxWork": "release:", "Expiry": "release:", "AtLeastAsOf": "release:", "Also[+]": "plan",
	}
	seen := map[string]bool{}
	s.eachChange(t, func(r *ledger.Receipt) any { return &r.Statement.Ask }, "", func(t *testing.T, path string, r ledger.Receipt) {
		part, ok := parts[path]
		if !ok {
			t.Fatal("no row says who notices this change")
		}
		seen[path] = true
		s.signAsk(t, &r)
		s.signStatement(t, &r)
		wantPart(t, r.Check(s.keys()), s.part(part))
	})
	if rows := missing(parts, seen); len(rows) > 0 {
		t.Errorf("rows of no field: %q", rows)
	}
}

// TestG6OtherResearcher: another researcher signs the very same ask, and the
// marketplace states that the answer is hers. The hospital's release names who asked.
func TestG6OtherResearcher(t *testing.T) {
	s := newScene(t)
	thief := s
	thief.researcher = keyOf(t, 7)
	r := s.receipt(t)
	r.Statement.Researcher = thief.researcher.Address()
	thief.signAsk(t, &r)
	s.signStatement(t, &r)
	wantPart(t, r.Check(s.keys()), s.part("release:"))
	r.Statement.Releases[0].Release.Ask = asked(t, r) // and it is refused for nothing else
	s.signReleases(t, &r)
	s.signStatement(t, &r)
	wantPart(t, r.Check(s.keys()), "")
}

// TestG6InTime: the hospital decides before the ask expires, on a log that has
// reached what the researcher asked for; and the statement says when.
func TestG6InTime(t *testing.T) {
	s := newScene(t)
	tests := map[string]struct {
		change func(*ledger.Statement)
		part   string
	}{
		"in the last second":     {func(st *ledger.Statement) { st.Ask.Expiry = st.Time + 1 }, ""},
		"when the ask had ended": {func(st *ledger.Statement) { st.Ask.Expiry = st.Time }, "release:"},
		"on the log asked for": {func(st *ledger.Statement) {
			st.Ask.AtLeastAsOf = st.Releases[0].Release.AsOf
		}, ""},
		"on an older log": {func(st *ledger.Statement) {
			st.Ask.AtLeastAsOf = st.Releases[0].Release.AsOf + 1
		}, "release:"},
		"stated too early":      {func(st *ledger.Statement) { st.Time-- }, "time"},
		"the earlier of two":    {func(st *ledger.Statement) { s.second(st); st.Releases[1].Release.Time-- }, ""},
		"stated as the earlier": {func(st *ledger.Statement) { s.second(st); st.Releases[1].Release.Time--; st.Time-- }, "time"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := s.receipt(t)
			test.change(&r.Statement)
			s.signAll(t, &r)
			wantPart(t, r.Check(s.keys()), s.part(test.part))
		})
	}
}

// TestG6Costs: nobody charges more than the researcher signed, or less than nothing.
func TestG6Costs(t *testing.T) {
	s := newScene(t)
	tests := map[string]struct {
		change func(*ledger.Statement)
		part   string
	}{
		"all that she signed": {func(*ledger.Statement) {}, ""},
		"less work":           {func(st *ledger.Statement) { st.Work = 0 }, ""},
		"more work":           {func(st *ledger.Statement) { st.Work = st.Ask.MaxWork + 1 }, "cost"},
		"negative work":       {func(st *ledger.Statement) { st.Work = -1 }, "cost"},
		"work not drawn":      {func(st *ledger.Statement) { st.Releases[0].Release.Work-- }, "cost"},
		"work not signed for": {func(st *ledger.Statement) { st.Releases[0].Release.Work++ }, "release:"},
		"negative work drawn": {func(st *ledger.Statement) { st.Work = 0; st.Releases[0].Release.Work = -1 }, "release:"},
		"less loss":           {func(st *ledger.Statement) { st.NanoRho = 1; st.Releases[0].Release.NanoRho = 1 }, ""},
		"no loss":             {func(st *ledger.Statement) { st.NanoRho = 0; st.Releases[0].Release.NanoRho = 0 }, "release:"},
		"negative loss":       {func(st *ledger.Statement) { st.NanoRho = -1; st.Releases[0].Release.NanoRho = -1 }, "release:"},
		"more loss": {func(st *ledger.Statement) {
			st.NanoRho = st.Ask.MaxNanoRho + 1
			st.Releases[0].Release.NanoRho = st.NanoRho
		}, "release:"},
		"no delta":              {func(st *ledger.Statement) { st.Delta = 0; st.Releases[0].Release.Delta = 0 }, ""},
		"an epsilon":            {func(st *ledger.Statement) { st.NanoEpsilon = 3; st.Releases[0].Release.NanoEpsilon = 3 }, ""},
		"negative epsilon":      {func(st *ledger.Statement) { st.NanoEpsilon = -1; st.Releases[0].Release.NanoEpsilon = -1 }, "release:"},
		"negative delta":        {func(st *ledger.Statement) { st.Delta = -1; st.Releases[0].Release.Delta = -1 }, "release:"},
		"loss not charged":      {func(st *ledger.Statement) { st.Releases[0].Release.NanoRho-- }, "cost"},
		"loss not stated":       {func(st *ledger.Statement) { st.NanoRho-- }, "cost"},
		"delta not charged":     {func(st *ledger.Statement) { st.Releases[0].Release.Delta-- }, "cost"},
		"greatest of two":       {func(st *ledger.Statement) { s.second(st); lesser(&st.Releases[1]) }, ""},
		"greatest of two first": {func(st *ledger.Statement) { s.second(st); lesser(&st.Releases[0]) }, ""},
		"least of two": {func(st *ledger.Statement) {
			s.second(st)
			lesser(&st.Releases[1])
			st.NanoRho, st.Delta = st.Releases[1].Release.NanoRho, st.Releases[1].Release.Delta
		}, "cost"},
		"work of two":           {func(st *ledger.Statement) { s.second(st); st.Work *= 2 }, ""},
		"more than that of two": {func(st *ledger.Statement) { s.second(st); st.Work = 2*st.Work + 1 }, "cost"},
		"work of one that is missing": {func(st *ledger.Statement) {
			s.second(st)
			miss(st, ledger.MissingSlow)
			s.takePartial(t, st)
			st.Work++
		}, "cost"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := s.receipt(t)
			test.change(&r.Statement)
			s.signAll(t, &r)
			wantPart(t, r.Check(s.keys()), s.part(test.part))
		})
	}
}

// lesser makes r charge less.
func lesser(r *ledger.SignedRelease) {
	r.Release.NanoRho--
	r.Release.Delta--
}

// TestG6SeveralHospitals: a statement has of each hospital that the researcher named its release, once, or says why
// there is none; so nobody is left out or counted twice, and no release is swapped for another's.
func TestG6SeveralHospitals(t *testing.T) {
	s := newScene(t)
	tests := map[string]struct {
		change func(*ledger.Statement)
		part   string
	}{
		"both":         {func(*ledger.Statement) {}, ""},
		"swapped":      {func(st *ledger.Statement) { slices.Reverse(st.Releases) }, "releases"},
		"of one twice": {func(st *ledger.Statement) { st.Releases[1] = st.Releases[0] }, "releases"},
		"one more": {func(st *ledger.Statement) { st.Releases = append(st.Releases, st.Releases[1]) },
			"release of " + s.other.Address().String()},
		"one left out":                         {func(st *ledger.Statement) { st.Releases = st.Releases[:1] }, "releases"},
		"one missing":                          {func(st *ledger.Statement) { miss(st, ledger.MissingDown); s.takePartial(t, st) }, ""},
		"one refused":                          {func(st *ledger.Statement) { miss(st, ledger.MissingRefused) }, ""},
		"one missing, and she did not take it": {func(st *ledger.Statement) { miss(st, ledger.MissingDown) }, "partial"},
		"one missing, and she took another": {func(st *ledger.Statement) {
			s.takePartial(t, st)
			miss(st, ledger.MissingDown)
			st.Ask.Expiry++
		}, "partial: signature"},
		"missing for no cause": {func(st *ledger.Statement) { miss(st, "") }, "releases"},
		"missing and there": {func(st *ledger.Statement) {
			st.Missing = []ledger.Missing{{Provider: s.other.Address(), State: ledger.MissingSlow}}
		}, "release of " + s.other.Address().String()},
		"a stranger missing": {func(st *ledger.Statement) {
			st.Missing = []ledger.Missing{{Provider: s.market.Address(), State: ledger.MissingSlow}}
		}, "releases"},
		"all missing":         {func(st *ledger.Statement) { st.Releases = nil }, "releases"},
		"not said to be both": {func(st *ledger.Statement) { st.CountedAtEach = false }, "releases"},
		"one said to be both": {func(st *ledger.Statement) { miss(st, ledger.MissingRefused); st.CountedAtEach = true }, "releases"},
		"asked twice": {func(st *ledger.Statement) {
			st.Ask.Also = append(st.Ask.Also, st.Ask.Also[0])
			st.Plans = append(st.Plans, st.Plans[0])
		},
			"plan"},
		"plans swapped":  {func(st *ledger.Statement) { st.Plan, st.Plans[0] = st.Plans[0], st.Plan }, "plan"},
		"a plan missing": {func(st *ledger.Statement) { st.Plans = nil }, "plan"},
		"too many": {func(st *ledger.Statement) {
			for i := range byte(ledger.MaxHospitals) {
				st.Ask.Also = append(st.Ask.Also, ledger.Asked{Provider: ledger.Address{1, i}, PlanHash: st.Ask.PlanHash})
				st.Plans = append(st.Plans, st.Plan)
			}
		}, "plan"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := s.receipt(t)
			s.second(&r.Statement)
			test.change(&r.Statement)
			s.signAll(t, &r)
			wantPart(t, r.Check(s.keys()), test.part)
		})
	}
}

// TestG6EveryFieldOfSeveral: no field of a receipt of two hospitals and a missing one can be changed.
func TestG6EveryFieldOfSeveral(t *testing.T) {
	s := newScene(t)
	joint := func() ledger.Receipt {
		r := s.receipt(t)
		s.second(&r.Statement)
		plan := []byte(`{"plan":3}`)
		r.Statement.Ask.Also = append(r.Statement.Ask.Also, ledger.Asked{PlanHash: ledger.HashBytes(plan), Provider: ledger.Address{8}, Dataset: "third"})
		r.Statement.Plans = append(r.Statement.Plans, plan)
		r.Statement.Missing = []ledger.Missing{{Provider: ledger.Address{8}, State: ledger.MissingRefused, Reasons: []string{"GRANT_EPSILON"}}}
		s.signAll(t, &r)
		return r
	}
	r := joint()
	wantPart(t, r.Check(s.keys()), "")
	for i := range changesOf(reflect.ValueOf(&r).Elem(), "") {
		r := joint()
		c := changesOf(reflect.ValueOf(&r).Elem(), "")[i]
		if c.path == "Anchor" {
			continue // by ledger/verify
		}
		c.apply()
		if err := r.Check(s.keys()); err == nil {
			t.Errorf("%s was changed, and nobody notices", c.path)
		}
	}
}

// TestG6Strangers: each of the signers must be trusted, for what she signs.
func TestG6Strangers(t *testing.T) {
	s := newScene(t)
	r := s.receipt(t)
	tests := map[string]struct {
		change func(*ledger.Keys)
		part   string
	}{
		"nobody":                   {func(k *ledger.Keys) { k.Providers, k.Marketplaces = nil, nil }, "release:"},
		"no hospital":              {func(k *ledger.Keys) { k.Providers = nil }, "release:"},
		"marketplace for hospital": {func(k *ledger.Keys) { k.Providers = k.Marketplaces }, "release:"},
		"no marketplace":           {func(k *ledger.Keys) { k.Marketplaces = nil }, "marketplace"},
		"hospital for marketplace": {func(k *ledger.Keys) { k.Marketplaces = k.Providers }, "marketplace"},
		"other genesis":            {func(k *ledger.Keys) { k.Domain.Genesis[0] ^= 1 }, "genesis"},
		"other chain id":           {func(k *ledger.Keys) { k.Domain.ChainID++ }, "ask: signature"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			keys := s.keys()
			test.change(&keys)
			wantPart(t, r.Check(keys), s.part(test.part))
		})
	}
}

// TestG6SignedAsSomethingElse: a signature over the same hash as another kind of
// document, or with another expiry, does not pass.
func TestG6SignedAsSomethingElse(t *testing.T) {
	s := newScene(t)
	r := s.receipt(t)
	r.Statement.AskSignature = sign(t, s.researcher, ledger.KindRelease, r.Statement.Ask, r.Statement.Ask.Expiry)
	wantPart(t, r.Check(s.keys()), "ask: signature")
	r = s.receipt(t)
	r.Statement.AskSignature = sign(t, s.researcher, ledger.KindAsk, r.Statement.Ask, 0)
	wantPart(t, r.Check(s.keys()), "ask: signature")
	r = s.receipt(t)
	r.Statement.Releases[0].Signature = sign(t, s.hospital, ledger.KindReceipt, r.Statement.Releases[0].Release, 0)
	wantPart(t, r.Check(s.keys()), s.part("release: signature"))
	r = s.receipt(t)
	r.Signature = sign(t, s.market, ledger.KindRelease, r.Statement, 0)
	wantPart(t, r.Check(s.keys()), "statement: signature")
}

// TestG6OtherLog: the proof must lead into the marketplace's own log.
func TestG6OtherLog(t *testing.T) {
	s := newScene(t)
	for _, log := range []ledger.Hash{
		ledger.LogID(ledger.LogProvider, s.market.Address()), ledger.LogID(ledger.LogReceipts, s.hospital.Address()), {},
	} {
		r := s.receipt(t)
		r.Inclusion.Log = log
		wantPart(t, r.Check(s.keys()), "inclusion")
	}
}

// TestMismatchCauses: the cause is there for errors.Is, and the text begins with the part.
func TestMismatchCauses(t *testing.T) {
	s := newScene(t)
	r := s.receipt(t)
	r.Inclusion.Root[3] ^= 1
	if err := r.Check(s.keys()); !errors.Is(err, ledger.ErrNotIncluded) || !strings.HasPrefix(err.Error(), "inclusion: ") {
		t.Errorf("got %v", err)
	}
	r = s.receipt(t)
	r.Statement.AskSignature[64] = 0
	if err := r.Check(s.keys()); !errors.Is(err, ledger.ErrBadSignature) || !strings.HasPrefix(err.Error(), "ask: signature: ") {
		t.Errorf("got %v", err)
	}
	r = s.receipt(t)
	r.Statement.Ask.MaxWork = 1 << 53
	wantPart(t, r.Check(s.keys()), "ask")
	r.Statement.Time = 1 << 53
	if _, err := r.Leaf(); !errors.Is(err, ledger.ErrInexact) {
		t.Errorf("a leaf of what has no form: %v", err)
	}
}

func TestAsOf(t *testing.T) {
	r := newScene(t).receipt(t)
	one, two := r.Statement.Releases[0], r.Statement.Releases[0]
	two.Release.AsOf--
	for _, c := range []struct {
		releases []ledger.SignedRelease
		want     uint64
	}{{nil, 0}, {[]ledger.SignedRelease{one}, 12}, {[]ledger.SignedRelease{one, two}, 11}, {[]ledger.SignedRelease{two, one}, 11}} {
		r.Statement.Releases = c.releases
		if got := r.AsOf(); got != c.want {
			t.Errorf("%d releases: as of %d, want %d", len(c.releases), got, c.want)
		}
	}
}

// TestLeafCovers: the leaf stands for the statement, who made it, and her signature;
// the proofs may grow without changing it.
func TestLeafCovers(t *testing.T) {
	s := newScene(t)
	before, err := s.receipt(t).Leaf()
	if err != nil {
		t.Fatal(err)
	}
	s.eachChange(t, func(r *ledger.Receipt) any { return r }, "", func(t *testing.T, path string, r ledger.Receipt) {
		leaf, err := r.Leaf()
		if err != nil {
			t.Fatal(err)
		}
		proof := strings.HasPrefix(path, "Inclusion") || strings.HasPrefix(path, "Anchor")
		if (leaf == before) != proof {
			t.Errorf("leaf as before: %t", leaf == before)
		}
	})
}
