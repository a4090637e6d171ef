package ledger_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
)

// scene is the parties to a receipt, who sign whatever the test wants.
type scene struct{ researcher, hospital, other, market *ledger.Key }

func newScene(t testing.TB) scene {
	return scene{researcher: keyOf(t, 1), hospital: keyOf(t, 2), other: keyOf(t, 4), market: keyOf(t, 3)}
}

func (s scene) keys() ledger.Keys {
	return ledger.Keys{
		Domain: domain, Marketplaces: []ledger.Address{{9}, s.market.Address()}, Providers: []ledger.Address{{9}, s.hospital.Address(), s.other.Address()},
	}
}

// receipt is good in everything that needs no chain, and spends all that the
// researcher allowed, so that a cost more is too much.
func (s scene) receipt(t testing.TB) ledger.Receipt {
	t.Helper()
	ask := exampleAsk()
	ask.Provider = s.hospital.Address()
	plan := []byte(`{"plan":1}`)
	ask.PlanHash = ledger.HashBytes(plan)
	release := ledger.Release{
		RequestID: ask.RequestID, Dataset: ask.Dataset, DatasetVersion: "v1", PlanHash: ask.PlanHash, Grant: ask.Grant,
		Policy: ledger.Hash{4}, AsOf: 12, LogRoot: ledger.Hash{5}, MapRoot: ledger.Hash{6}, NanoRho: ask.MaxNanoRho, Delta: 77, Work: ask.MaxWork, Vector: []int64{-3, 12}, Time: 1_790_000_000,
	}
	r := ledger.Receipt{
		Statement: ledger.Statement{
			Genesis: domain.Genesis, Researcher: s.researcher.Address(), Ask: ask, Plan: plan,
			Releases: []ledger.SignedRelease{{Release: release, Provider: s.hospital.Address()}},
			Answer: []ledger.Group{
				{Key: []string{"female"}, Estimates: []ledger.Estimate{{Value: -3, Low: -9, High: 3}, {Measure: 1, Label: "p50", Value: 6.5, Low: 6, High: 7.25}}},
				{Key: []string{"male"}, Estimates: []ledger.Estimate{{Value: 12, Low: 6, High: 18}}},
			},
			NanoRho: release.NanoRho, Delta: release.Delta, Work: ask.MaxWork, Time: release.Time,
		},
		Marketplace: s.market.Address(),
	}
	r.Statement.Releases[0].Release.Ask = asked(t, r)
	s.signAsk(t, &r)
	s.signReleases(t, &r)
	s.signStatement(t, &r)
	return r
}

// asked names the ask of r and who signed it.
func asked(t testing.TB, r ledger.Receipt) ledger.Hash {
	t.Helper()
	h, err := r.Statement.Ask.By(r.Statement.Researcher)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (s scene) signAsk(t testing.TB, r *ledger.Receipt) {
	t.Helper()
	a := r.Statement.Ask
	r.Statement.AskSignature = sign(t, s.researcher, ledger.KindAsk, a, a.Expiry)
}

func (s scene) signReleases(t testing.TB, r *ledger.Receipt) {
	t.Helper()
	for i := range r.Statement.Releases {
		key := s.hospital
		if r.Statement.Releases[i].Provider == s.other.Address() {
			key = s.other
		}
		r.Statement.Releases[i].Signature = sign(t, key, ledger.KindRelease, r.Statement.Releases[i].Release, 0)
	}
}

// signAll has everybody sign anew.
func (s scene) signAll(t testing.TB, r *ledger.Receipt) {
	t.Helper()
	s.signAsk(t, r)
	for i := range r.Statement.Releases {
		r.Statement.Releases[i].Release.Ask = asked(t, *r)
	}
	s.signReleases(t, r)
	s.signStatement(t, r)
}

// second has another hospital answer as well, at the same price.
func (s scene) second(st *ledger.Statement) {
	plan := []byte(`{"plan":2}`)
	r := st.Releases[0]
	r.Provider, r.Release.Dataset, r.Release.PlanHash = s.other.Address(), "second", ledger.HashBytes(plan)
	st.Ask.Also = []ledger.Asked{{PlanHash: r.Release.PlanHash, Provider: r.Provider, Dataset: "second", MaxWork: st.Ask.MaxWork, AtLeastAsOf: st.Ask.AtLeastAsOf}}
	st.Plans, st.Releases, st.CountedAtEach = []json.RawMessage{plan}, append(st.Releases, r), true
}

// miss takes the last release out, for a reason.
func miss(st *ledger.Statement, why ledger.MissingState) {
	last := len(st.Releases) - 1
	st.Missing = append(st.Missing, ledger.Missing{Provider: st.Releases[last].Provider, State: why})
	st.Releases, st.CountedAtEach = st.Releases[:last], last > 1
}

// takePartial has the researcher take an answer without some hospitals.
func (s scene) takePartial(t testing.TB, st *ledger.Statement) {
	t.Helper()
	st.Partial = sign(t, s.researcher, ledger.KindPartial, st.Ask, 0)
}

// signStatement has the marketplace sign, and log the receipt as the last of
// seven. (The last, since a path from within proves a leaf at more sizes than one:
// what ties a size to its root is the anchor.)
func (s scene) signStatement(t testing.TB, r *ledger.Receipt) {
	t.Helper()
	r.Signature = sign(t, s.market, ledger.KindReceipt, r.Statement, 0)
	const size = 7
	var log memory
	for i := range uint64(size - 1) {
		log.appendLeaf(t, i, fmt.Append(nil, "receipt ", i))
	}
	leaf, err := r.Leaf()
	if err != nil {
		t.Fatal(err)
	}
	hashes, err := ledger.AppendHashes(size-1, leaf, log)
	if err != nil {
		t.Fatal(err)
	}
	log = append(log, hashes...)
	r.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogReceipts, r.Marketplace), Index: size - 1, Size: size}
	if r.Inclusion.Root, err = ledger.Root(size, log); err != nil {
		t.Fatal(err)
	}
	if r.Inclusion.Path, err = ledger.ProveInclusion(size, size-1, log); err != nil {
		t.Fatal(err)
	}
}

func sign(t testing.TB, k *ledger.Key, kind ledger.Kind, v any, expiry int64) ledger.Signature {
	t.Helper()
	sig, err := ledger.SignDocument(k, domain, kind, v, 0, expiry)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// change is a way to alter a value, at a path such as Statement.Releases[].Provider.
type change struct {
	path  string
	apply func()
}

// changesOf lists a change of each field within v, which must be addressable: found
// by reflection, so that no field is forgotten. Lists are also cut and lengthened.
func changesOf(v reflect.Value, path string) (all []change) {
	switch v.Kind() {
	case reflect.Struct:
		for field, value := range v.Fields() {
			all = append(all, changesOf(value, join(path, field.Name))...)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return []change{{path, func() { v.Set(reflect.New(v.Type().Elem())) }}}
		}
		return changesOf(v.Elem(), path)
	case reflect.Array:
		last := v.Index(v.Len() - 1)
		return []change{{path, func() { last.SetUint(last.Uint() ^ 1) }}}
	case reflect.Slice:
		return changesOfSlice(v, path)
	case reflect.String:
		return []change{{path, func() { v.SetString(v.String() + "x") }}}
	case reflect.Int64, reflect.Int:
		return []change{{path, func() { v.SetInt(v.Int() + 1) }}}
	case reflect.Float64:
		return []change{{path, func() { v.SetFloat(v.Float() + 0.5) }}}
	case reflect.Bool:
		return []change{{path, func() { v.SetBool(!v.Bool()) }}}
	case reflect.Uint64:
		return []change{{path, func() { v.SetUint(v.Uint() + 1) }}}
	default:
		panic("no change is known for a " + v.Kind().String() + " at " + path)
	}
	return all
}

func changesOfSlice(v reflect.Value, path string) (all []change) {
	if v.Type().Elem().Kind() == reflect.Uint8 { // JSON: a digit before the brace
		at := v.Index(v.Len() - 2)
		return []change{{path, func() { at.SetUint(at.Uint() ^ 1) }}}
	}
	all = append(all, change{path + "[+]", func() { v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem())) }})
	if v.Len() > 0 {
		all = append(all, change{path + "[-]", func() { v.SetLen(v.Len() - 1) }})
	}
	for i := range v.Len() {
		all = append(all, changesOf(v.Index(i), path+"[]")...)
	}
	return all
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// eachChange calls f with a receipt for each change of what at picks, the change
// being made already.
func (s scene) eachChange(t *testing.T, at func(*ledger.Receipt) any, path string, f func(t *testing.T, path string, r ledger.Receipt)) {
	t.Helper()
	r := s.receipt(t)
	for i := range changesOf(reflect.ValueOf(at(&r)).Elem(), path) {
		r := s.receipt(t)
		c := changesOf(reflect.ValueOf(at(&r)).Elem(), path)[i]
		c.apply()
		t.Run(fmt.Sprint(i, " ", c.path), func(t *testing.T) { f(t, c.path, r) })
	}
}

// missing lists the paths of want that seen does not have.
func missing(want map[string]string, seen map[string]bool) (paths []string) {
	for path := range want {
		if !seen[path] {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}
