package verifier_test

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
)

// nodes keeps one version of a consent map.
type nodes map[[2]uint64]consent.Child

func (n nodes) Below(depth uint8, prefix uint64) (below []consent.Child, err error) {
	for i := range uint64(1) << consent.Stratum {
		if c, ok := n[[2]uint64{uint64(depth) + consent.Stratum, prefix<<consent.Stratum | i}]; ok {
			below = append(below, c)
		}
	}
	return below, nil
}

func (n nodes) Put(depth uint8, c consent.Child) error {
	n[[2]uint64{uint64(depth), c.Prefix}] = c
	return nil
}

func (n nodes) Leaf(index ledger.Hash) (ledger.Hash, error) {
	for _, c := range n {
		if c.Only != nil && c.Only.Index == index {
			return c.Only.Hash, nil
		}
	}
	return ledger.Hash{}, errors.New("no such leaf")
}

// commitment is what a hospital says of a patient before it commits to it.
type commitment struct {
	hospital   *ledger.Key
	grantor    *ledger.Key // who signs
	statement  any         // nil: none
	signature  *ledger.Signature
	enrolled   bool
	checkpoint consent.Checkpoint
	account    func(*consent.Entry, *consent.Reading) // nil: she has lost nothing
}

// newCommitment is of a patient who has withdrawn.
func (n network) newCommitment(t *testing.T) commitment {
	t.Helper()
	return commitment{
		hospital: n.hospital, grantor: key(t, 9), enrolled: true, checkpoint: consent.Checkpoint{Size: consent.IntervalLeaves, ClosedAt: 1000},
		statement: provider.PreferenceStatement{
			Provider: n.hospital.Address(), Grantor: provider.Self(),
			Preference: policy.ReleasePreference{Decision: policy.Deny, Status: policy.Withdrawn}.Normalize(),
		},
	}
}

// prove has the hospital commit to c and prove it, in a log that nobody has anchored.
func (n network) prove(t *testing.T, c commitment) consent.Proof {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	m := consent.New(ledger.Hash{1}, 1, nodes{})
	p := consent.Proof{Provider: c.hospital.Address(), Index: m.Index(42), Checkpoint: c.checkpoint}
	var path consent.Path
	var err error
	if c.enrolled {
		p.Present = &consent.Present{Salt: ledger.Hash{2}}
		if c.statement != nil {
			d, err := ledger.NewSignedDocument(c.grantor, n.domain, ledger.KindReleasePreference, c.statement, 2, 1500)
			must(err)
			if c.signature != nil {
				d.Signature = *c.signature
			}
			shown := consent.PreferenceOf(d)
			p.Present.Preference, p.Present.Entry.Revision = &shown, 2
			p.Present.Entry.Preference, err = shown.Hash()
			must(err)
			p.Counted = &consent.Counted{Reading: consent.Reading{Class: classOf(t, c.statement)}}
			p.Present.Entry.Odometer = 42
			if c.account != nil {
				c.account(&p.Present.Entry, &p.Counted.Reading)
			}
		}
		leaf, err := consent.NewLeaf(p.Index, p.Present.Salt, p.Present.Entry)
		must(err)
		must(m.Set(leaf))
		path, err = m.Prove(p.Index)
		must(err)
	} else {
		p.Absent = new(consent.Absent)
		path, p.Absent.Opening, err = m.ProveAbsence(p.Index)
		must(err)
	}
	p.Siblings, p.Blind = path.Siblings, path.Blind
	p.Checkpoint.MapRoot, err = m.Root()
	must(err)
	var classes []consent.Odometer
	if p.Counted != nil {
		classes = []consent.Odometer{{Place: p.Present.Entry.Odometer, Reading: p.Counted.Reading}}
	}
	o, err := m.Odometers(classes)
	must(err)
	if p.Odometers = o.Root(); p.Counted != nil {
		_, p.Counted.Path, err = o.Prove(p.Present.Entry.Odometer)
		must(err)
	}
	p.Checkpoint.MapRoot = consent.Committed(p.Checkpoint.MapRoot, p.Odometers)
	p.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, p.Provider), Index: c.checkpoint.Size - 1, Size: c.checkpoint.Size}
	leaf, err := p.Checkpoint.Leaf()
	must(err)
	var stored []tlog.Hash
	r := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	for i := range p.Inclusion.Size {
		dummy := ledger.Hash{31: byte(i)}
		if i == p.Inclusion.Index {
			dummy = leaf
		}
		hashes, err := ledger.AppendHashes(i, dummy, r)
		must(err)
		for _, h := range hashes {
			stored = append(stored, tlog.Hash(h))
		}
	}
	p.Inclusion.Root, err = ledger.Root(p.Inclusion.Size, r)
	must(err)
	p.Inclusion.Path, err = ledger.ProveInclusion(p.Inclusion.Size, p.Inclusion.Index, r)
	must(err)
	return p
}

// classOf is the class that a statement makes, if it is one.
func classOf(t *testing.T, statement any) ledger.Hash {
	t.Helper()
	s, isStatement := statement.(provider.PreferenceStatement)
	if !isStatement {
		return ledger.Hash{}
	}
	class, _, _ := s.Preference.Class()
	h, err := ledger.HashOf(class)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// grantedBy is the statement of c with another grantor.
func grantedBy(c commitment, g provider.Grantor) provider.PreferenceStatement {
	s := c.statement.(provider.PreferenceStatement)
	s.Grantor = g
	return s
}

// TestG6ConsentShows: what a proof shows, whatever the hospital was committed to.
func TestG6ConsentShows(t *testing.T) {
	n := newNetwork(t)
	withdrawn := n.newCommitment(t)
	unsaid, stranger, onPaper := n.newCommitment(t), n.newCommitment(t), n.newCommitment(t)
	unsaid.statement, stranger.enrolled = nil, false
	onPaper.grantor, onPaper.statement = n.hospital, grantedBy(onPaper, provider.ByHospital(provider.Paper))
	byGuardian := n.newCommitment(t)
	byGuardian.grantor, byGuardian.statement = key(t, 8), grantedBy(byGuardian, provider.Grantor{By: "guardian", Mandate: &ledger.Hash{1}})
	for name, tt := range map[string]struct {
		commitment
		status policy.Status
		signer ledger.Address
		there  bool
	}{
		"withdrawn":     {withdrawn, policy.Withdrawn, key(t, 9).Address(), true},
		"on paper":      {onPaper, policy.Withdrawn, n.hospital.Address(), true},
		"by a guardian": {byGuardian, policy.Withdrawn, key(t, 8).Address(), true},
		"no preference": {unsaid, "", ledger.Address{}, true},
		"not enrolled":  {stranger, "", ledger.Address{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := verifier.Consent(canonical(t, n.prove(t, tt.commitment)), n.trust(t), 3000)
			if !errors.Is(err, verifier.ErrPending) {
				t.Fatalf("got %v, want ErrPending", err)
			}
			var status policy.Status
			if got.Preference != nil {
				status = got.Preference.Preference.Status
			}
			if status != tt.status || got.Signer != tt.signer || (got.Proof.Present != nil) != tt.there {
				t.Errorf("status %q signed by %s, present %v; want %q, %s, %v",
					status, got.Signer, got.Proof.Present != nil, tt.status, tt.signer, tt.there)
			}
		})
	}
}

// TestG6ConsentRefused: what a hospital commits to is refused all the same unless it
// is a preference for this hospital that someone signed, in a trusted hospital's log.
func TestG6ConsentRefused(t *testing.T) {
	n := newNetwork(t)
	tests := map[string]struct {
		part   string
		change func(*commitment)
	}{
		"hospital not trusted": {"provider", func(c *commitment) { c.hospital = n.market }},
		"for another hospital": {consent.PartPreference, func(c *commitment) {
			s := grantedBy(*c, provider.Self())
			s.Provider = n.market.Address()
			c.statement = s
		}},
		"not a statement": {consent.PartPreference, func(c *commitment) { c.statement = map[string]any{"preference": "withdrawn"} }},
		"no sense": {consent.PartPreference, func(c *commitment) {
			c.statement = provider.PreferenceStatement{Provider: n.hospital.Address(), Grantor: provider.Self()}
		}},
		"hospital's, not signed by it":    {consent.PartPreference, func(c *commitment) { c.statement = grantedBy(*c, provider.ByHospital(provider.Verbal)) }},
		"by nobody":                       {consent.PartPreference, func(c *commitment) { c.statement = grantedBy(*c, provider.Grantor{}) }},
		"by a guardian without a mandate": {consent.PartPreference, func(c *commitment) { c.statement = grantedBy(*c, provider.Grantor{By: "guardian"}) }},
		"by a mandate of no kind": {consent.PartPreference, func(c *commitment) {
			c.statement = grantedBy(*c, provider.Grantor{By: "neighbour", Mandate: &ledger.Hash{1}})
		}},
		"odometer of another class": {consent.PartOdometer, func(c *commitment) {
			c.account = func(_ *consent.Entry, r *consent.Reading) { r.Class[0] ^= 1 }
		}},
		"odometer that fell": {consent.PartOdometer, func(c *commitment) {
			c.account = func(e *consent.Entry, r *consent.Reading) { e.JoinedNanoRho, r.NanoRho = 5, 4 }
		}},
		"odometer that fell in delta": {consent.PartOdometer, func(c *commitment) {
			c.account = func(e *consent.Entry, r *consent.Reading) { e.JoinedDelta, r.NanoRho = 1, 4 }
		}},
		"carried below nothing": {consent.PartOdometer, func(c *commitment) {
			c.account = func(e *consent.Entry, _ *consent.Reading) { e.CarriedNanoRho = -1 }
		}},
		"joined below nothing": {consent.PartOdometer, func(c *commitment) {
			c.account = func(e *consent.Entry, _ *consent.Reading) { e.JoinedDelta = -1 }
		}},
		"in a form of no kind": {consent.PartPreference, func(c *commitment) {
			c.grantor, c.statement = n.hospital, grantedBy(*c, provider.ByHospital("hearsay"))
		}},
		"not signed":              {consent.PartPreference, func(c *commitment) { c.signature = new(ledger.Signature) }},
		"checkpoint within a one": {consent.PartCheckpoint, func(c *commitment) { c.checkpoint.Size = consent.IntervalLeaves + 1 }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := n.newCommitment(t)
			tt.change(&c)
			_, err := verifier.Consent(canonical(t, n.prove(t, c)), n.trust(t), 3000)
			wantMismatch(t, err, tt.part)
		})
	}
	p := n.prove(t, n.newCommitment(t))
	for name, content := range map[string][]byte{
		"empty": nil, "null": []byte("null "), "two": append(canonical(t, p), canonical(t, p)...), "a receipt": n.receipt(t, newDeal(t)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := verifier.Consent(content, n.trust(t), 3000)
			wantMismatch(t, err, consent.PartForm)
		})
	}
	p.Anchor = &ledger.AnchorProof{}
	_, err := verifier.Consent(canonical(t, p), n.trust(t), 3000)
	wantMismatch(t, err, verify.PartHeaders)
	p.Anchor = nil
	p.Siblings[5][0] ^= 1
	_, err = verifier.Consent(canonical(t, p), n.trust(t), 3000)
	wantMismatch(t, err, consent.PartMap)
}

// TestG6ConsentAt: a proof is about an answer only if log index and map root are those
// that the hospital signed.
func TestG6ConsentAt(t *testing.T) {
	n := newNetwork(t)
	p := n.prove(t, n.newCommitment(t))
	receipt := func(change func(*ledger.SignedRelease)) (r ledger.Receipt) {
		release := ledger.SignedRelease{Provider: n.hospital.Address()}
		release.Release.AsOf, release.Release.MapRoot = p.Checkpoint.Size, p.Checkpoint.MapRoot
		change(&release)
		r.Statement.Releases = []ledger.SignedRelease{{Provider: n.market.Address()}, release}
		return r
	}
	if err := verifier.ConsentAt(p, receipt(func(*ledger.SignedRelease) {})); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*ledger.SignedRelease){
		"earlier":          func(r *ledger.SignedRelease) { r.Release.AsOf -= consent.IntervalLeaves },
		"later":            func(r *ledger.SignedRelease) { r.Release.AsOf += consent.IntervalLeaves },
		"another map":      func(r *ledger.SignedRelease) { r.Release.MapRoot[0] ^= 1 },
		"another hospital": func(r *ledger.SignedRelease) { r.Provider[0] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			wantMismatch(t, verifier.ConsentAt(p, receipt(change)), "consent at the receipt's log index")
		})
	}
	wantMismatch(t, verifier.ConsentAt(p, ledger.Receipt{}), "consent at the receipt's log index")
}

// TestG6CountedIn: the proof of the answer's log index says whether the answer could count her, and her loss is held
// against her cap.
func TestG6CountedIn(t *testing.T) {
	n := newNetwork(t)
	permits := policy.AnyHealthResearch()
	capped := permits
	capped.OwnCap = &policy.Loss{NanoRho: 100, Delta: 10}
	ended := permits
	ended.Period.End = 1000 // the answer's time: it is over then
	charged := func(carried, joined, now, delta int64) func(*consent.Entry, *consent.Reading) {
		return func(e *consent.Entry, r *consent.Reading) {
			e.CarriedNanoRho, e.JoinedNanoRho, r.NanoRho, r.Delta, r.Charged = carried, joined, now, delta, true
		}
	}
	for name, c := range map[string]struct {
		preference *policy.ReleasePreference
		account    func(*consent.Entry, *consent.Reading)
		want       verifier.Counting
		lost       int64
	}{
		"counted":                {&permits, charged(3, 5, 25, 1), verifier.CouldCount, 23},
		"counted to the last":    {&capped, charged(60, 5, 45, 10), verifier.CouldCount, 100},
		"cap passed":             {&capped, charged(60, 5, 46, 10), verifier.CapReached, 100},
		"cap passed in delta":    {&capped, charged(60, 5, 45, 11), verifier.CapReached, 100},
		"cap below what is lost": {&capped, charged(120, 5, 45, 0), verifier.CapReached, 120},
		"ended":                  {&ended, charged(0, 0, 20, 0), verifier.HadEnded, 20},
		"not permitted":          {&permits, func(_ *consent.Entry, r *consent.Reading) { r.NanoRho = 20 }, verifier.NotPermitted, 20},
		"no preference":          {nil, nil, verifier.NoPreference, 0},
	} {
		t.Run(name, func(t *testing.T) {
			said := n.newCommitment(t)
			if said.account, said.statement = c.account, nil; c.preference != nil {
				said.statement = provider.PreferenceStatement{Provider: n.hospital.Address(), Grantor: provider.Self(), Preference: *c.preference}
			}
			p := n.prove(t, said)
			got, err := verifier.Consent(canonical(t, p), n.trust(t), 3000)
			if !errors.Is(err, verifier.ErrPending) {
				t.Fatal(err)
			}
			d := newDeal(t)
			d.release.AsOf, d.release.MapRoot = p.Checkpoint.Size, p.Checkpoint.MapRoot
			var r ledger.Receipt
			if err := ledger.ParseCanonical(n.receipt(t, d), &r); err != nil {
				t.Fatal(err)
			}
			if err := verifier.ConsentAt(got.Proof, r); err != nil {
				t.Fatal(err)
			}
			if counting := got.CountedIn(r); counting != c.want {
				t.Errorf("%q, want %q", counting, c.want)
			}
			if got.Tally != nil && got.Tally.Lost().NanoRho != c.lost {
				t.Errorf("lost %d, want %d", got.Tally.Lost().NanoRho, c.lost)
			}
			if r.Statement.Releases[0].Provider[0] ^= 1; c.preference != nil && got.CountedIn(r) != verifier.NotPermitted {
				t.Error("counted in another hospital's answer")
			}
		})
	}
}

// TestG6Withdrawal: the patient of the golden proof had withdrawn when the answer of
// the golden receipt was given, and both lead to the chain.
func TestG6Withdrawal(t *testing.T) {
	g := read(t)
	r, err := g.verify()
	if err != nil {
		t.Fatal(err)
	}
	c, err := verifier.Consent(g.consent, g.trust, g.now)
	if err != nil {
		t.Fatalf("%v (if the format of proofs changed, make the golden one anew with -update)", err)
	}
	if c.Preference == nil || c.Preference.Preference.Status != policy.Withdrawn || c.CountedIn(r) != verifier.NotPermitted {
		t.Errorf("shows %+v and %q, want a withdrawal that keeps her out", c.Preference, c.CountedIn(r))
	}
	if err := verifier.ConsentAt(c.Proof, r); err != nil {
		t.Error(err)
	}
}

// TestG6EveryBitOfConsent is TestG6EveryBit of the golden consent proof, but with a
// fifth of its flips unless MEDMARKET_LONG is set.
func TestG6EveryBitOfConsent(t *testing.T) {
	notUnderRace(t)
	g := read(t)
	var p consent.Proof
	if err := ledger.ParseCanonical(g.consent, &p); err != nil {
		t.Fatal(err)
	}
	flips := flipsOf(g.consent)
	if os.Getenv("MEDMARKET_LONG") == "" {
		for i := range len(flips) / 5 {
			flips[i] = flips[5*i+i%5]
		}
		flips = flips[:len(flips)/5]
	}
	flipAll(t, g, flips, anchored{
		content: g.consent, anchor: *p.Anchor, inclusion: p.Inclusion,
		parts: func(int) []string { return []string{"form", "consent", "anchor", "provider"} },
		verify: func(content []byte) error {
			_, err := verifier.Consent(content, g.trust, g.now)
			return err
		},
	})
	t.Logf("bench: %d bits of a consent proof of %d bytes flipped, each refused", len(flips), len(g.consent))
}

// TestG6ConsentAnchor: without its anchor a proof is pending, and that of another log's
// root, though on the chain, is not its own.
func TestG6ConsentAnchor(t *testing.T) {
	g := read(t)
	var p consent.Proof
	if err := ledger.ParseCanonical(g.consent, &p); err != nil {
		t.Fatal(err)
	}
	p.Anchor = nil
	if _, err := verifier.Consent(canonical(t, p), g.trust, g.now); !errors.Is(err, verifier.ErrPending) {
		t.Errorf("got %v, want ErrPending", err)
	}
	p.Anchor = parse(t, g.content).Anchor
	_, err := verifier.Consent(canonical(t, p), g.trust, g.now)
	wantMismatch(t, err, "anchor")
}
