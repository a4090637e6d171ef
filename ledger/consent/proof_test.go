package consent_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// signed is a preference that stands in a proof.
func signed(t testing.TB, revision uint64) consent.Preference {
	t.Helper()
	key, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	d, err := ledger.NewSignedDocument(key, ledger.Domain{ChainID: 7}, ledger.KindReleasePreference,
		map[string]any{"decision": "permit"}, revision, 5000)
	if err != nil {
		t.Fatal(err)
	}
	return consent.PreferenceOf(d)
}

// whole is the proof of a patient with a preference, among others, at the end of
// the second of three intervals.
func whole(t testing.TB) (p, older consent.Proof) {
	t.Helper()
	store := newMemory()
	m := store.at(1)
	preference := signed(t, 2)
	entry := consent.Entry{Preference: must(preference.Hash()), Revision: 2, CarriedNanoRho: 3, CarriedDelta: 4, JoinedNanoRho: 5, JoinedDelta: 6, Odometer: odometers[0].Place}
	for i := range 20 {
		if err := m.Set(leafOf(t, m.Index(int64(i)), i)); err != nil {
			t.Fatal(err)
		}
	}
	index := m.Index(3)
	older = present(m, 1, index, 3)
	m = store.at(2)
	if err := m.Set(must(consent.NewLeaf(index, salt(100), entry))); err != nil {
		t.Fatal(err)
	}
	p = show(m, 2, index, must(m.Prove(index)), 64)
	p.Present, p.Counted = &consent.Present{Entry: entry, Salt: salt(100), Preference: &preference}, new(consent.Counted)
	var err error
	if p.Counted.Reading, p.Counted.Path, err = must(m.Odometers(odometers)).Prove(entry.Odometer); err != nil {
		t.Fatal(err)
	}
	return p, older
}

func wantPart(t testing.TB, p consent.Proof, parts ...string) {
	t.Helper()
	err := p.Check()
	var mismatch *ledger.MismatchError
	if !errors.As(err, &mismatch) || !strings.Contains(strings.Join(parts, "\n"), mismatch.Part) {
		t.Errorf("got %v, want a mismatch of %q", err, parts)
	}
}

// TestG6Proof: a proof passes, and none with any one thing changed, which is then named.
func TestG6Proof(t *testing.T) {
	notUnderRace(t)
	stranger := signed(t, 2)
	p, older := whole(t)
	for _, honest := range []consent.Proof{p, older} {
		if err := honest.Check(); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		part   string
		change func(*consent.Proof)
	}{
		"another hospital":      {consent.PartInclusion, func(p *consent.Proof) { p.Provider[0] ^= 1 }},
		"another index":         {consent.PartMap, func(p *consent.Proof) { p.Index[0] ^= 1 }},
		"end of the index":      {consent.PartMap, func(p *consent.Proof) { p.Index[31] ^= 1 }},
		"another salt":          {consent.PartMap, func(p *consent.Proof) { p.Present.Salt[0] ^= 1 }},
		"carried":               {consent.PartMap, func(p *consent.Proof) { p.Present.Entry.CarriedNanoRho++ }},
		"carried delta":         {consent.PartMap, func(p *consent.Proof) { p.Present.Entry.CarriedDelta++ }},
		"joined":                {consent.PartMap, func(p *consent.Proof) { p.Present.Entry.JoinedNanoRho++ }},
		"joined delta":          {consent.PartMap, func(p *consent.Proof) { p.Present.Entry.JoinedDelta++ }},
		"revision":              {consent.PartPreference, func(p *consent.Proof) { p.Present.Entry.Revision++ }},
		"both revisions":        {consent.PartPreference, func(p *consent.Proof) { p.Present.Entry.Revision++; p.Present.Preference.Revision++ }},
		"no preference":         {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference, p.Counted = nil, nil }},
		"odometer of none":      {consent.PartForm, func(p *consent.Proof) { p.Present.Preference = nil }},
		"no odometer":           {consent.PartForm, func(p *consent.Proof) { p.Counted = nil }},
		"place":                 {consent.PartMap, func(p *consent.Proof) { p.Present.Entry.Odometer++ }},
		"class":                 {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Reading.Class[0] ^= 1 }},
		"odometer":              {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Reading.NanoRho++ }},
		"odometer's delta":      {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Reading.Delta-- }},
		"whether it moved":      {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Reading.Charged = !p.Counted.Reading.Charged }},
		"odometer's salt":       {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Path.Salt[0] ^= 1 }},
		"first of its siblings": {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Path.Siblings[0][0] ^= 1 }},
		"last of its siblings":  {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Path.Siblings[23][31] ^= 1 }},
		"its siblings cut":      {consent.PartOdometer, func(p *consent.Proof) { p.Counted.Path.Siblings = p.Counted.Path.Siblings[:23] }},
		"one of them more": {consent.PartOdometer, func(p *consent.Proof) {
			p.Counted.Path.Siblings = append(p.Counted.Path.Siblings, ledger.Hash{})
		}},
		"root of odometers": {consent.PartMap, func(p *consent.Proof) { p.Odometers[0] ^= 1 }},
		"none named":        {consent.PartPreference, func(p *consent.Proof) { p.Present.Entry.Preference = ledger.Hash{} }},
		"revision of none": {consent.PartPreference, func(p *consent.Proof) {
			p.Present.Preference, p.Counted, p.Present.Entry.Preference = nil, nil, ledger.Hash{}
		}},
		"other preference": {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference = &stranger }},
		"preference swapped": {consent.PartMap, func(p *consent.Proof) {
			p.Present.Preference, p.Present.Entry.Preference = &stranger, must(stranger.Hash())
		}},
		"signature":          {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference.Signature[64] ^= 1 }},
		"expiry":             {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference.Expiry++ }},
		"content":            {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference.Content = []byte("{}") }},
		"no JSON":            {consent.PartPreference, func(p *consent.Proof) { p.Present.Preference.Content = []byte("{") }},
		"entry too large":    {consent.PartForm, func(p *consent.Proof) { p.Present.Entry.CarriedNanoRho = 1 << 53 }},
		"first sibling":      {consent.PartMap, func(p *consent.Proof) { p.Siblings[0][0] ^= 1 }},
		"last sibling":       {consent.PartMap, func(p *consent.Proof) { p.Siblings[63][31] ^= 1 }},
		"siblings swapped":   {consent.PartMap, func(p *consent.Proof) { p.Siblings[0], p.Siblings[1] = p.Siblings[1], p.Siblings[0] }},
		"a sibling less":     {consent.PartForm, func(p *consent.Proof) { p.Siblings = p.Siblings[:63] }},
		"prefix of siblings": {consent.PartForm, func(p *consent.Proof) { p.Siblings = p.Siblings[:5] }},
		"no siblings":        {consent.PartForm, func(p *consent.Proof) { p.Siblings = nil }},
		"a sibling more":     {consent.PartForm, func(p *consent.Proof) { p.Siblings = append(p.Siblings, ledger.Hash{}) }},
		"neither":            {consent.PartForm, func(p *consent.Proof) { p.Present = nil }},
		"both":               {consent.PartForm, func(p *consent.Proof) { p.Absent = &consent.Absent{} }},
		"blind":              {consent.PartMap, func(p *consent.Proof) { p.Blind[0] ^= 1 }},
		"wrong root":         {consent.PartMap, func(p *consent.Proof) { p.Checkpoint.MapRoot[0] ^= 1 }},
		"closed later":       {consent.PartInclusion, func(p *consent.Proof) { p.Checkpoint.ClosedAt++ }},
		"other size":         {consent.PartCheckpoint, func(p *consent.Proof) { p.Checkpoint.Size += 64 }},
		"odd size":           {consent.PartCheckpoint, func(p *consent.Proof) { p.Checkpoint.Size--; p.Inclusion.Index-- }},
		"size of none":       {consent.PartCheckpoint, func(p *consent.Proof) { p.Checkpoint.Size = 0; p.Inclusion.Index = 1<<64 - 1 }},
		"size too large":     {consent.PartCheckpoint, func(p *consent.Proof) { p.Checkpoint.Size = 1 << 60; p.Inclusion.Index = 1<<60 - 1 }},
		"later interval":     {consent.PartInclusion, func(p *consent.Proof) { p.Checkpoint.Size += 64; p.Inclusion.Index += 64; p.Inclusion.Size += 64 }},
		"leaf index":         {consent.PartCheckpoint, func(p *consent.Proof) { p.Inclusion.Index-- }},
		"another log":        {consent.PartInclusion, func(p *consent.Proof) { p.Inclusion.Log = ledger.LogID(ledger.LogReceipts, p.Provider) }},
		"log root":           {consent.PartInclusion, func(p *consent.Proof) { p.Inclusion.Root[0] ^= 1 }},
		"log path":           {consent.PartInclusion, func(p *consent.Proof) { p.Inclusion.Path[0][0] ^= 1 }},
		"log shorter":        {consent.PartInclusion, func(p *consent.Proof) { p.Inclusion.Size = 127 }},
		"stale root": {consent.PartMap, func(p *consent.Proof) {
			p.Checkpoint, p.Inclusion, p.Blind = older.Checkpoint, older.Inclusion, older.Blind
		}},
		"stale entry": {consent.PartMap, func(p *consent.Proof) { p.Present, p.Counted = older.Present, nil }},
		"stale siblings": {consent.PartMap, func(p *consent.Proof) {
			p.Counted, p.Odometers = nil, older.Odometers
			p.Siblings, p.Present, p.Checkpoint, p.Inclusion = older.Siblings, older.Present, older.Checkpoint, older.Inclusion
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			changed := again(t, p)
			tt.change(&changed)
			wantPart(t, changed, tt.part)
		})
	}
}

// again is a copy of p that shares nothing with it.
func again(t testing.TB, p consent.Proof) (c consent.Proof) {
	t.Helper()
	if err := ledger.ParseCanonical(must(ledger.Canonical(p)), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestG6Absence: an absence passes for its index, and for no index that is there.
func TestG6Absence(t *testing.T) {
	notUnderRace(t)
	m := newMemory().at(1)
	for i := range 20 {
		if err := m.Set(leafOf(t, m.Index(int64(i)), i)); err != nil {
			t.Fatal(err)
		}
	}
	p := absent(m, 1, m.Index(-1))
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		part   string
		change func(*consent.Proof)
	}{
		"opening":      {consent.PartMap, func(p *consent.Proof) { p.Absent.Opening[0] ^= 1 }},
		"sibling":      {consent.PartMap, func(p *consent.Proof) { p.Siblings[0][0] ^= 1 }},
		"shorter":      {consent.PartMap, func(p *consent.Proof) { p.Siblings = p.Siblings[1:] }},
		"longer":       {consent.PartMap, func(p *consent.Proof) { p.Siblings = append(p.Siblings, ledger.Hash{}) }},
		"too long":     {consent.PartForm, func(p *consent.Proof) { p.Siblings = make([]ledger.Hash, consent.Depth+1) }},
		"as presence":  {consent.PartForm, func(p *consent.Proof) { p.Present, p.Absent = &consent.Present{}, nil }},
		"an odometer":  {consent.PartForm, func(p *consent.Proof) { p.Counted = &consent.Counted{} }},
		"another root": {consent.PartMap, func(p *consent.Proof) { p.Checkpoint.MapRoot[0] ^= 1 }},
	}
	for i := range 20 {
		tests["index "+m.Index(int64(i)).String()] = struct {
			part   string
			change func(*consent.Proof)
		}{consent.PartMap, func(p *consent.Proof) { p.Index = m.Index(int64(i)) }}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			changed := again(t, p)
			tt.change(&changed)
			wantPart(t, changed, tt.part)
		})
	}
}

// TestG6NoTwoTruths: of what is present nobody can make a proof of absence by cutting
// its path anywhere and opening what is there, and the other way.
func TestG6NoTwoTruths(t *testing.T) {
	notUnderRace(t)
	rapid.Check(t, func(t *rapid.T) {
		m := newMemory().at(1)
		n := rapid.IntRange(1, 30).Draw(t, "patients")
		for i := range n {
			if err := m.Set(must(consent.NewLeaf(m.Index(int64(i)), salt(i), consent.Entry{JoinedNanoRho: int64(i)}))); err != nil {
				t.Fatal(err)
			}
		}
		who := rapid.IntRange(0, n-1).Draw(t, "who")
		p := present(m, 1, m.Index(int64(who)), who)
		cut := rapid.IntRange(0, consent.Depth).Draw(t, "cut")
		p.Present, p.Siblings = nil, p.Siblings[:cut]
		p.Absent = &consent.Absent{Opening: rapid.SampledFrom([]ledger.Hash{{}, salt(who), p.Index, p.Checkpoint.MapRoot}).Draw(t, "opening")}
		if p.Check() == nil {
			t.Fatal("a patient who is there was proven absent")
		}
		q := absent(m, 1, m.Index(-1))
		q.Absent = nil
		q.Present = &consent.Present{Salt: salt(who), Entry: consent.Entry{JoinedNanoRho: int64(who)}}
		for len(q.Siblings) < consent.Depth {
			q.Siblings = append(q.Siblings, rapid.SampledFrom(q.Siblings).Draw(t, "sibling"))
		}
		if q.Check() == nil {
			t.Fatal("someone who is not there was proven present")
		}
	})
}

// TestG6EveryBitOfAProof flips bits of its bytes, each of which must be refused:
// every one with MEDMARKET_LONG, else one in five.
func TestG6EveryBitOfAProof(t *testing.T) {
	notUnderRace(t)
	p, _ := whole(t)
	content := must(ledger.Canonical(p))
	step := 5 // has no factor in common with the 8 bits of a byte
	if os.Getenv("MEDMARKET_LONG") != "" {
		step = 1
	}
	for bit := 0; bit < 8*len(content); bit += step {
		flipped := bytes.Clone(content)
		flipped[bit/8] ^= 1 << (bit % 8)
		var q consent.Proof
		if ledger.ParseCanonical(flipped, &q) != nil || q.Check() != nil {
			continue
		}
		// Only the chain tells the size of a log from another's of the same shape.
		if q.Inclusion.Size != p.Inclusion.Size && q.Inclusion.Root == p.Inclusion.Root {
			continue
		}
		t.Errorf("bit %d flipped passes: %q", bit, flipped[max(0, bit/8-40):min(len(flipped), bit/8+40)])
	}
	t.Logf("bench: %d bits of a consent proof of %d bytes flipped, each refused", (8*len(content)+step-1)/step, len(content))
}

// FuzzG6Proof changes proofs at will: whatever passes says what the true one says.
func FuzzG6Proof(f *testing.F) {
	p, older := whole(f)
	f.Add(must(ledger.Canonical(p)))
	f.Add(must(ledger.Canonical(older)))
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, content []byte) {
		var q consent.Proof
		if ledger.ParseCanonical(content, &q) != nil || q.Check() != nil {
			return
		}
		for _, honest := range []consent.Proof{p, older} {
			if q.Checkpoint.MapRoot == honest.Checkpoint.MapRoot && q.Index == honest.Index && q.Present != nil &&
				q.Present.Entry == honest.Present.Entry {
				return
			}
		}
		if q.Checkpoint.MapRoot == p.Checkpoint.MapRoot || q.Checkpoint.MapRoot == older.Checkpoint.MapRoot {
			t.Error("a changed proof passed under a true root")
		}
	})
}
