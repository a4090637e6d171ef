package marketplace_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// same is the question "census", under another request id.
func (w *world) same(name string, change func(*ledger.Ask)) marketplace.Order {
	w.t.Helper()
	return w.orderOf(name, w.query("census"), change)
}

// repeated sends an order of who, which must be shown first again, free.
func (w *world) repeated(who *ledger.Key, o marketplace.Order, first ledger.Receipt) {
	w.t.Helper()
	before := w.observe()
	r, err := w.market.Ask(w.t.Context(), who.Address(), o)
	ok(w.t, err)
	equal(w.t, "shown again", r, marketplace.Reply{Receipt: first, Repeated: true})
	equal(w.t, "state", w.observe(), before)
}

// regrant has the committee approve another study, of several purposes and
// researchers, and asks under it from now on.
func (w *world) regrant(change func(*policy.Grant)) {
	w.t.Helper()
	g := w.Grant()
	change(&g)
	var err error
	w.grant, err = w.market.RequestGrant(w.t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(w.t, err)
	ok(w.t, w.market.ApproveGrant(w.t.Context(), w.grant, w.approval(w.Committee)))
}

// A study asks a question once: each time after that it is shown the first
// answer, as of then, and pays nothing; whatever has changed since.
func TestAQuestionIsAnsweredOnce(t *testing.T) {
	w := open(t)
	first := w.answered(w.same("one", nil))
	w.repeated(w.Researcher, w.same("two", nil), first)
	w.repeated(w.Researcher, w.same("two", nil), first)
	w.Prefer(providertest.Withdrawal(), 1)
	w.Prefer(providertest.Anything(), 2)
	w.Clock.Advance(3600)
	w.repeated(w.Researcher, w.same("three", nil), first)

	// Nothing is spent, so that neither voucher, signed cost nor escrow matter.
	w.escrow(0)
	free := w.same("four", func(a *ledger.Ask) { a.MaxWork, a.MaxNanoRho = 0, 0 })
	free.VoucherBy = ledger.Signature{}
	w.repeated(w.Researcher, free, first)
	w.refusedAsk(t, marketplace.ErrPrice, w.order("another", func(a *ledger.Ask) { a.MaxWork = 0 }))

	w.escrow(1 << 50)
	ok(t, w.market.Record(t.Context()))
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	if w.receipt(w.same("one", nil)).Anchor == nil {
		t.Fatal("not anchored")
	}
	w.repeated(w.Researcher, w.same("five", nil), first) // without the anchor's proof, which grows with the chain
}

// An ask on record keeps its own answer for ever; one that is shown another's
// keeps that.
func TestG5TheSameRequestTheSameBytes(t *testing.T) {
	w := open(t)
	lost := errors.New("connection lost")
	w.wire.onReturn = func(r ledger.SignedRelease, _ error) (ledger.SignedRelease, error) { return r, lost }
	slow := w.same("slow", nil)
	if _, err := w.ask(slow); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	w.wire.onReturn = nil
	// Nothing is complete: the second pays as well.
	quick := w.same("quick", nil)
	first := w.answered(quick)
	shown := w.same("shown", nil)
	w.repeated(w.Researcher, shown, first)
	second := w.answered(slow)
	equal(t, "state", w.drawn(), "2 drawn, 2 charged, 2 receipts")
	if second.Statement.Ask.RequestID == first.Statement.Ask.RequestID {
		t.Error("the slow ask has the quick one's answer")
	}

	statement := func(r ledger.Receipt) any { return []any{r.Statement, r.Signature} }
	for range 2 {
		equal(t, "quick", statement(w.answered(quick)), statement(first))
		equal(t, "slow", statement(w.answered(slow)), statement(second))
		r, err := w.market.Ask(t.Context(), w.Researcher.Address(), shown)
		ok(t, err)
		equal(t, "shown", statement(r.Receipt), statement(first))
		w.Clock.Advance(100) // and in another process
		w.restart()
	}
}

// Two equal questions at once, each reserved before the other is answered: both
// are answered and both paid. From then on it is the one of least index.
func TestTwoEqualQuestionsAtOnce(t *testing.T) {
	w := open(t)
	var both sync.WaitGroup
	both.Add(2)
	w.wire.onWay = func(provider.Question) error {
		both.Done()
		both.Wait()
		return nil
	}
	colleague := w.colleague()
	one, two := w.same("one", nil), w.same("two", nil)
	w.sign(&two, colleague)
	var group sync.WaitGroup
	replies, errs := make([]marketplace.Reply, 2), make([]error, 2)
	for i, who := range []*ledger.Key{w.Researcher, colleague} {
		group.Go(func() {
			replies[i], errs[i] = w.market.Ask(t.Context(), who.Address(), []marketplace.Order{one, two}[i])
		})
	}
	group.Wait()
	ok(t, errors.Join(errs...))
	equal(t, "shown again", []bool{replies[0].Repeated, replies[1].Repeated}, []bool{false, false})
	s := w.observe()
	equal(t, "charged", s.Charged, 2*w.price/providertest.Price)
	first := replies[0].Receipt
	if replies[1].Receipt.Inclusion.Index < first.Inclusion.Index {
		first = replies[1].Receipt
	}
	w.wire.onWay = nil
	r, err := w.market.Ask(t.Context(), w.Researcher.Address(), w.same("three", nil))
	ok(t, err)
	equal(t, "shown", []any{r.Repeated, r.Receipt.Statement.Ask}, []any{true, first.Statement.Ask})
}

// colleague is a second researcher, with escrow, on a new grant of both.
func (w *world) colleague() *ledger.Key {
	w.t.Helper()
	k := providertest.NewKey(w.t)
	w.Chain.Enter(ledger.Participant{Address: k.Address(), Roles: ledger.RoleResearcher})
	w.Chain.SetEscrow(k.Address(), w.Market.Address(), 1<<50)
	w.regrant(func(g *policy.Grant) {
		g.ID, g.Researchers = "of two", append(g.Researchers, k.Address().String())
		g.Purposes = append(g.Purposes, policy.DataUse{Permission: duo.POA})
	})
	return k
}

// sign makes an order that of k, who has drawn nothing yet.
func (w *world) sign(o *marketplace.Order, k *ledger.Key) {
	o.Signature, o.Voucher = w.SignAsk(k, o.Ask), uint64(w.price)
	o.VoucherBy = k.Sign(w.Domain.VoucherDigest(ledger.Voucher{
		Researcher: k.Address(), Marketplace: w.market.Address(), Cumulative: o.Voucher,
	}))
}

// The researchers of a study share its answers, whoever paid.
func TestResearchersOfAStudyShareItsAnswers(t *testing.T) {
	w := open(t)
	colleague := w.colleague()
	first := w.answered(w.same("one", nil))
	hers := w.same("two", nil)
	w.sign(&hers, colleague)
	w.repeated(colleague, hers, first)
	for who, want := range map[*ledger.Key]bool{w.Researcher: true, colleague: true, w.Committee: false} {
		named, err := w.market.Named(t.Context(), w.grant, who.Address())
		ok(t, err)
		equal(t, "named", named, want)
	}
	if _, err := w.market.Named(t.Context(), ledger.Hash{1}, colleague.Address()); !errors.Is(err, marketplace.ErrUnknownGrant) {
		t.Errorf("named on no study: %v", err)
	}
}

// What is another question is asked and paid.
func TestAnotherQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(*world)
		ask     func(*ledger.Ask)
	}{
		"another version": {arrange: func(w *world) {
			w.Metadata.Version = "2"
			w.Restart()
		}},
		"another grant": {arrange: func(w *world) {
			w.regrant(func(g *policy.Grant) {
				g.ID, g.Purposes = "another", append(g.Purposes, policy.DataUse{Permission: duo.POA})
			})
		}},
		"another purpose": {ask: func(a *ledger.Ask) { a.Purpose.Permission = string(duo.GRU) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.Policy()
			p.Revision, p.PermittedUse = 2, append(p.PermittedUse, policy.DataUse{Permission: duo.GRU})
			ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
			w.regrant(func(g *policy.Grant) {
				g.ID, g.Purposes = "wide", append(g.Purposes, policy.DataUse{Permission: duo.GRU})
			})
			first := w.answered(w.same("one", nil))
			if c.arrange != nil {
				c.arrange(w)
			}
			second := w.answered(w.same("two", c.ask))
			equal(t, "state", w.drawn(), "2 drawn, 2 charged, 2 receipts")
			if second.Statement.Ask.RequestID == first.Statement.Ask.RequestID {
				t.Error("the answer is the first one's")
			}
		})
	}
}

// An answer older than the ask wants is no answer to it: it is asked anew, and
// what is then there is shown to whoever wants no less.
func TestARepeatIsNotOlderThanAsked(t *testing.T) {
	w := open(t)
	first := w.answered(w.same("one", nil))
	token := w.Prefer(providertest.Withdrawal(), 1)
	late := func(a *ledger.Ask) { a.AtLeastAsOf = token }
	w.repeated(w.Researcher, w.same("on the first log", func(a *ledger.Ask) { a.AtLeastAsOf = first.AsOf() }), first)
	second := w.answered(w.same("two", late))
	if second.AsOf() < token || first.AsOf() >= token {
		t.Fatalf("as of %d, then %d; the token is %d", first.AsOf(), second.AsOf(), token)
	}
	w.repeated(w.Researcher, w.same("three", late), second)
	r, err := w.market.Ask(t.Context(), w.Researcher.Address(), w.same("four", nil))
	ok(t, err)
	equal(t, "whose", r.Receipt.Statement.Ask, first.Statement.Ask)
}

// A repeat is for who may ask now. Only budgets do not matter to it.
func TestG2ARepeatIsAllowedOrRefused(t *testing.T) {
	stranger := providertest.NewKey(t)
	for name, c := range map[string]struct {
		arrange func(*world)
		who     *ledger.Key
		ask     func(*ledger.Ask)
		want    []policy.ReasonCode // none: shown
	}{
		"the dataset's budget is spent": {arrange: func(w *world) {
			w.policy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = w.price / providertest.Price })
		}},
		"the cap of a query is lower": {arrange: func(w *world) {
			w.policy(func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerQuery = 1 })
		}},
		"revoked": {arrange: func(w *world) {
			r, _, err := w.Chain.Grant(w.t.Context(), w.grant, w.Committee.Address())
			ok(w.t, err)
			r.Status = ledger.GrantRevoked
			w.Chain.Put(r)
		}, want: []policy.ReasonCode{policy.ReasonGrantRevoked}},
		"over":         {arrange: func(w *world) { w.Clock.Advance(1_000_001) }, want: []policy.ReasonCode{policy.ReasonGrantExpired}},
		"a stranger":   {who: stranger, want: []policy.ReasonCode{policy.ReasonGrantResearcher}},
		"not for this": {ask: func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }, want: []policy.ReasonCode{policy.ReasonGrantPurpose, policy.ReasonDatasetPurpose}},
		"taken back":   {arrange: func(w *world) { w.policy(func(p *policy.DatasetPolicy) { p.Columns = p.Columns[1:] }) }, want: []policy.ReasonCode{policy.ReasonColumnNotReleased}},
		"and overspent": {arrange: func(w *world) {
			w.policy(func(p *policy.DatasetPolicy) { p.TotalNanoRho, p.Columns = 1, p.Columns[1:] })
		}, want: []policy.ReasonCode{policy.ReasonColumnNotReleased, policy.ReasonEpsilonDatasetBudget}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			first := w.answered(w.same("one", nil))
			if c.arrange != nil {
				c.arrange(w)
			}
			o, who := w.same("two", c.ask), w.Researcher
			if c.who != nil {
				who = c.who
				w.sign(&o, who)
			}
			if c.want == nil {
				w.repeated(who, o, first)
				return
			}
			w.refused(t, nil, func() error {
				_, err := w.market.Ask(context.WithoutCancel(t.Context()), who.Address(), o)
				var refused *provider.RefusedError
				if !errors.As(err, &refused) {
					t.Fatalf("error %v, want a refusal", err)
				}
				equal(t, "reasons", refused.Reasons, c.want)
				return err
			})
		})
	}
}

// policy sets the second revision of the policy.
func (w *world) policy(change func(*policy.DatasetPolicy)) {
	w.t.Helper()
	p := w.Policy()
	p.Revision = 2
	change(&p)
	ok(w.t, w.SetPolicy(w.t.Context(), w.SignPolicy(p)))
}

// An ask that is void is void, whatever it would be shown.
func TestARepeatOfAnExpiredAsk(t *testing.T) {
	w := open(t)
	w.answered(w.same("one", nil))
	w.refusedAsk(t, marketplace.ErrExpired, w.same("two", func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() }))
}

// What makes a question another one, and what does not.
func TestQuestion(t *testing.T) {
	base := ledger.Ask{
		RequestID: ledger.Hash{1}, PlanHash: ledger.Hash{2}, Grant: ledger.Hash{3}, Provider: ledger.Address{4}, Dataset: "a",
		Purpose: ledger.Purpose{Permission: "DUO:0000007", Diseases: []string{"MONDO:1", "MONDO:2"}},
	}
	name := func(change func(*ledger.Ask)) ledger.Hash {
		a := base
		change(&a)
		h, err := marketplace.Question(a)
		ok(t, err)
		return h
	}
	want := name(func(*ledger.Ask) {})
	for what, change := range map[string]func(*ledger.Ask){
		"request":           func(a *ledger.Ask) { a.RequestID[0]++ },
		"cost":              func(a *ledger.Ask) { a.MaxNanoRho, a.MaxWork, a.Expiry, a.AtLeastAsOf = 1, 2, 3, 4 },
		"order of diseases": func(a *ledger.Ask) { a.Purpose.Diseases = []string{"MONDO:2", "MONDO:1", "MONDO:2"} },
	} {
		if name(change) != want {
			t.Errorf("%s makes another question", what)
		}
	}
	for what, change := range map[string]func(*ledger.Ask){
		"plan":      func(a *ledger.Ask) { a.PlanHash[0]++ },
		"grant":     func(a *ledger.Ask) { a.Grant[0]++ },
		"hospital":  func(a *ledger.Ask) { a.Provider[0]++ },
		"purpose":   func(a *ledger.Ask) { a.Purpose.Permission = "DUO:0000006" },
		"a disease": func(a *ledger.Ask) { a.Purpose.Diseases = []string{"MONDO:1"} },
	} {
		if name(change) == want {
			t.Errorf("another %s makes the same question", what)
		}
	}
	if a := base.Purpose.Diseases; a[0] != "MONDO:1" {
		t.Errorf("the ask was changed: %q", a)
	}
}
