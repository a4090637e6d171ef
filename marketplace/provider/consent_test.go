package provider_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// proof is the patient's own, of asOf; it holds.
func (w *world) proof(patient int64, asOf uint64) consent.Proof {
	w.t.Helper()
	p, err := w.ConsentProof(w.t.Context(), w.Patient(patient).Address(), asOf)
	ok(w.t, err)
	ok(w.t, p.Check())
	equal(w.t, "hospital", p.Provider, w.Address())
	return p
}

// preferenceIn is what the patient signed, out of a proof.
func preferenceIn(t *testing.T, p consent.Proof) (s provider.PreferenceStatement) {
	t.Helper()
	if p.Present == nil || p.Present.Preference == nil {
		t.Fatalf("shows no preference: %+v", p.Present)
	}
	ok(t, ledger.ParseCanonical(p.Present.Preference.Content, &s))
	return s
}

// Whoever withdrew has a proof that the hospital was committed to it when it
// answered; the proof of the answer before shows what she permitted then.
func TestG8AWithdrawalIsProvenAtTheAnswer(t *testing.T) {
	w := openExact(t)
	first := w.release(w.ask("one")).Release
	token := w.Prefer(providertest.Withdrawal(), 6)
	second := w.release(w.ask("two")).Release
	if second.AsOf < token {
		t.Fatalf("answered as of %d after a withdrawal at %d", second.AsOf, token)
	}
	before, after := w.proof(6, first.AsOf), w.proof(6, second.AsOf)
	equal(t, "permitted before", preferenceIn(t, before).Preference, providertest.Anything())
	equal(t, "withdrawn after", preferenceIn(t, after).Preference, providertest.Withdrawal())
	equal(t, "roots", []ledger.Hash{before.Checkpoint.MapRoot, after.Checkpoint.MapRoot}, []ledger.Hash{first.MapRoot, second.MapRoot})
	equal(t, "her index", before.Index, after.Index)
	never := w.proof(8, second.AsOf)
	if never.Present == nil || never.Present.Preference != nil {
		t.Errorf("who is enrolled and never signed: %+v", never.Present)
	}
}

func TestConsentProofRefusals(t *testing.T) {
	w := openExact(t)
	_, err := w.Store.Publish(t.Context(), w.Clock.Now().Unix())
	ok(t, err)
	late := providertest.NewKey(t).Address()
	ok(t, w.Store.Enrol(t.Context(), []provider.Enrolment{{Patient: 9, Key: late}}, 1))
	for name, c := range map[string]struct {
		key  ledger.Address
		asOf uint64
		want error
	}{
		"nobody's key":             {providertest.NewKey(t).Address(), 64, provider.ErrNotEnrolled},
		"before her enrolment":     {late, 64, provider.ErrNoEntry},
		"to come":                  {late, 128, provider.ErrNotReached},
		"in the middle":            {late, 63, provider.ErrNoInterval},
		"before the first of them": {late, 0, provider.ErrNoInterval},
	} {
		w.refused(c.want, func(ctx context.Context) error {
			p, err := w.ConsentProof(ctx, c.key, c.asOf)
			equal(t, name, p, consent.Proof{})
			return err
		})
	}
	// Stewards are shown that she was not there, by her number and by her index.
	byNumber, err := w.ConsentProofOf(t.Context(), 9, 64)
	ok(t, err)
	byIndex, err := w.AbsenceProof(t.Context(), byNumber.Index, 64)
	ok(t, err)
	equal(t, "by index", byIndex, byNumber)
	ok(t, byIndex.Check())
	if byIndex.Absent == nil {
		t.Error("she is shown before her enrolment")
	}
	w.refused(consent.ErrPresent, func(ctx context.Context) error {
		_, err := w.AbsenceProof(ctx, w.proof(1, 64).Index, 64)
		return err
	})
}

// The root of the log goes on the chain once it grew; a proof is complete when
// that is final, and is the same from then on.
func TestAConsentProofBecomesAnchored(t *testing.T) {
	w := openExact(t)
	log := &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
	equal(t, "log", log.ID(), w.Node.Log())
	ok(t, log.Anchor(t.Context())) // there is nothing yet
	equal(t, "anchors", w.Chain.Finalise(), uint64(0))
	asOf := w.release(w.ask("one")).Release.AsOf
	pending := w.proof(6, asOf)
	ok(t, log.Anchor(t.Context()))
	if p := w.proof(6, asOf); pending.Anchor != nil || p.Anchor != nil {
		t.Error("anchored before its block is final")
	}
	block := w.Chain.Finalise()
	ok(t, log.Anchor(t.Context()))
	w.Chain.Fail = func(method string) error {
		if method == "AnchorProof" {
			return errors.New("down")
		}
		return nil
	}
	if _, err := w.ConsentProof(t.Context(), w.Patient(6).Address(), asOf); err == nil {
		t.Error("a proof without its anchor while the chain is down")
	}
	w.Chain.Fail = nil
	p := w.proof(6, asOf)
	equal(t, "anchor", p.Anchor, &ledger.AnchorProof{Block: block})
	equal(t, "root", p.Inclusion.Root, w.Chain.Anchored(ledger.LogProvider, asOf))
	ok(t, log.Anchor(t.Context()))
	equal(t, "nothing more to anchor", w.Chain.Finalise(), block)
	w.release(w.ask("two"))
	ok(t, log.Anchor(t.Context()))
	w.Chain.Finalise()
	ok(t, log.Anchor(t.Context()))
	equal(t, "proof", w.proof(6, asOf), p)
}

// ticking is a store that reports when it is to publish and when it is asked
// for what to anchor, and fails.
type ticking struct {
	provider.Store
	publish, anchor chan int64
}

func (s ticking) Publish(_ context.Context, at int64) (uint64, error) {
	s.publish <- at
	return 0, errors.New("disk I/O error")
}

func (s ticking) LogRoot(context.Context) (uint64, ledger.Hash, error) {
	s.anchor <- 0
	return 0, ledger.Hash{}, errors.New("disk I/O error")
}

// Run goes on after failures, each at its own interval, and ends with its context.
func TestRun(t *testing.T) {
	h := openExact(t).Hospital
	c := h.Config()
	synctest.Test(t, func(t *testing.T) {
		s := ticking{Store: h.Store, publish: make(chan int64), anchor: make(chan int64)}
		c.Store, c.Now, c.StaleAfter = s, time.Now, 24*time.Hour
		h.Chain.Sealed(time.Now().Unix())
		n, err := provider.New(t.Context(), c)
		ok(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			n.Run(ctx, 10*time.Minute, 3*time.Minute)
			close(ended)
		}()
		start := time.Now()
		for range 6 {
			for range 3 {
				<-s.anchor
			}
			if at := <-s.publish; at != time.Now().Unix() {
				t.Errorf("published as at %d, want the present", at)
			}
			start = start.Add(10 * time.Minute)
			equal(t, "time", time.Now(), start)
			if start.Minute()%30 == 0 {
				<-s.anchor // both are due
			}
		}
		synctest.Wait()
		stop()
		<-ended
	})
	if !strings.Contains(h.Log.String(), "disk I/O error") {
		t.Errorf("failures are not logged: %s", h.Log)
	}
}
