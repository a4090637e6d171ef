package marketplace_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
)

// file files another study of the researcher's and returns its id.
func (w *world) file(name string, change func(*policy.Grant)) ledger.Hash {
	w.t.Helper()
	g := w.Grant()
	g.ID = name
	if change != nil {
		change(&g)
	}
	id, err := w.market.RequestGrant(w.t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(w.t, err)
	return id
}

// step is the next step of a study, signed.
func (w *world) step(by *ledger.Key, study ledger.Hash, a review.Action, change func(*review.Step)) ledger.SignedDocument {
	w.t.Helper()
	r, err := w.store.Review(w.t.Context(), study)
	ok(w.t, err)
	s := review.Step{Study: study, Number: r.Steps + 1, Action: a, Grant: r.Grant, Text: "because"}
	if change != nil {
		change(&s)
	}
	return w.Sign(by, ledger.KindReviewStep, s, s.Number)
}

// takes takes a step that must be possible.
func (w *world) takes(by *ledger.Key, study ledger.Hash, a review.Action, change func(*review.Step)) {
	w.t.Helper()
	_, err := w.market.TakeStep(w.t.Context(), study, w.step(by, study, a, change), nil)
	ok(w.t, err)
}

// person enters somebody new.
func (w *world) person(role ledger.Role, organisation ledger.Hash) *ledger.Key {
	k := providertest.NewKey(w.t)
	w.Chain.Enter(ledger.Participant{Address: k.Address(), Roles: role, Organisation: organisation})
	return k
}

func (w *world) stands(study ledger.Hash, want review.State) {
	w.t.Helper()
	r, err := w.store.Review(w.t.Context(), study)
	ok(w.t, err)
	equal(w.t, "state", r.State, want)
}

// The review of a study from its filing to its approval, with everything in between.
func TestReviewOfAStudy(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	study := w.file("another", nil)
	protocol, err := w.market.AddFile(ctx, w.Researcher.Address(), study, "protocol.pdf", []byte("%PDF-"))
	ok(t, err)
	w.takes(w.Researcher, study, review.Attach, func(s *review.Step) { s.Attachments = []review.Attachment{protocol} })
	w.takes(w.Committee, study, review.Inquire, nil)
	w.stands(study, review.Questioned)
	w.takes(w.Researcher, study, review.Reply, nil)
	w.stands(study, review.Submitted)
	w.takes(w.Committee, study, review.Return, nil)
	w.stands(study, review.Returned)
	w.grant = study
	w.refused(t, review.ErrNotNow, func() error { return w.market.ApproveGrant(ctx, study, w.approval(w.Committee)) })

	g := w.Grant()
	g.ID, g.Protocol = "another", "with fewer purposes"
	again := w.Sign(w.Researcher, ledger.KindDataGrant, g, 2)
	_, err = w.market.TakeStep(ctx, study, w.step(w.Researcher, study, review.Resubmit, func(s *review.Step) { s.Grant = again.Hash() }), &again)
	ok(t, err)
	w.stands(study, review.Submitted)
	w.refused(t, review.ErrNotNow, func() error { return w.market.ApproveGrant(ctx, study, w.approval(w.Committee)) }) // the old document
	w.takes(w.Committee, study, review.Waive, func(s *review.Step) {
		s.Waiver = &review.Waiver{
			Board: "IRB", ApprovedOn: "2026-11-27", Criteria: "satisfied", Information: "diagnoses", Procedure: review.NormalReview, SignedAs: review.Chair,
		}
	})
	w.takes(w.Committee, study, review.Condition, nil)
	w.grant = again.Hash()
	ok(t, w.market.ApproveGrant(ctx, w.grant, w.approval(w.Committee)))
	w.stands(study, review.Approved)
	w.answered(w.order("under the new document", nil))

	seen, err := w.market.Review(ctx, w.Researcher.Address(), study)
	ok(t, err)
	equal(t, "as she sees it", []any{seen.Grant, seen.Status, seen.Role, seen.Waiting}, []any{again.Hash(), ledger.GrantActive, review.Applicant, false})
	entries, recorded, err := w.market.Steps(ctx, w.Committee.Address(), again.Hash())
	ok(t, err)
	var log []string
	for i, e := range entries {
		log = append(log, string(e.Step.Action))
		ok(t, e.Check(w.Domain))
		equal(t, "number", e.Step.Number, uint64(i+1))
	}
	equal(t, "log", strings.Join(log, " "), "submit attach inquire reply return resubmit waive condition approve")
	equal(t, "recorded", recorded, uint64(0))
	f, err := w.market.File(ctx, w.Committee.Address(), study, protocol.Hash)
	ok(t, err)
	equal(t, "file", string(f.Content), "%PDF-")
}

func TestStepRefusals(t *testing.T) {
	w := open(t)
	study := w.file("another", nil)
	expired, err := ledger.NewSignedDocument(w.Committee, w.Domain, ledger.KindReviewStep,
		review.Step{Study: study, Number: 2, Action: review.Inquire, Grant: study, Text: "?"}, 2, w.Clock.Now().Unix())
	ok(t, err)
	member := w.person(ledger.RoleCommittee, ledger.Hash{9})
	both := w.person(ledger.RoleCommittee|ledger.RoleResearcher, ledger.Hash{}) // who sits on the committee and asks for the grant
	conflicted := w.file("conflicted", func(g *policy.Grant) { g.Researchers = append(g.Researchers, both.Address().String()) })
	other := w.file("a third", nil)
	for name, c := range map[string]struct {
		of   ledger.Hash
		step ledger.SignedDocument
		want error
	}{
		"of nothing":                {ledger.Hash{1}, w.step(w.Committee, study, review.Inquire, nil), marketplace.ErrUnknownGrant},
		"of another study":          {other, w.step(w.Committee, study, review.Inquire, nil), marketplace.ErrMalformed},
		"without what it needs":     {study, w.step(w.Committee, study, review.Inquire, func(s *review.Step) { s.Text = "" }), marketplace.ErrMalformed},
		"signed as something else":  {study, w.Sign(w.Committee, ledger.KindAsk, review.Step{Study: study, Number: 2, Action: review.Inquire, Grant: study, Text: "?"}, 2), marketplace.ErrUnknownGrant},
		"the second it expires":     {study, expired, marketplace.ErrExpired},
		"an approval as a step":     {study, w.step(w.Committee, study, review.Approve, nil), marketplace.ErrMalformed},
		"a filing as a step":        {study, w.step(w.Researcher, study, review.Submit, nil), marketplace.ErrMalformed},
		"under another number":      {study, w.Sign(w.Committee, ledger.KindReviewStep, review.Step{Study: study, Number: 2, Action: review.Inquire, Grant: study, Text: "?"}, 3), marketplace.ErrMalformed},
		"too early":                 {study, w.step(w.Committee, study, review.Inquire, func(s *review.Step) { s.Number++ }), marketplace.ErrStaleStep},
		"again":                     {study, w.step(w.Committee, study, review.Inquire, func(s *review.Step) { s.Number-- }), marketplace.ErrStaleStep},
		"about another document":    {study, w.step(w.Committee, study, review.Inquire, func(s *review.Step) { s.Grant = other }), marketplace.ErrMalformed},
		"not in this state":         {study, w.step(w.Committee, study, review.Suspend, nil), review.ErrNotNow},
		"by the applicant":          {study, w.step(w.Researcher, study, review.Reject, nil), review.ErrNotYours},
		"for the applicant":         {study, w.step(w.Committee, study, review.Withdraw, nil), review.ErrNotYours},
		"by another committee":      {study, w.step(member, study, review.Inquire, nil), marketplace.ErrUnknownGrant},
		"by a researcher not named": {study, w.step(w.person(ledger.RoleResearcher, ledger.Hash{}), study, review.Reply, nil), marketplace.ErrUnknownGrant},
		"by nobody":                 {study, w.step(providertest.NewKey(t), study, review.Inquire, nil), marketplace.ErrUnknownGrant},
		"in her own cause":          {conflicted, w.step(both, conflicted, review.Reject, nil), review.ErrNotYours},
		"with a file that is not":   {study, w.step(w.Researcher, study, review.Attach, attaching(ledger.Hash{7})), marketplace.ErrUnknownFile},
		"resubmitted without paper": {study, w.step(w.Researcher, study, review.Resubmit, nil), marketplace.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			w.refused(t, c.want, func() error {
				_, err := w.market.TakeStep(t.Context(), c.of, c.step, nil)
				return err
			})
		})
	}
	w.grant = conflicted
	w.refused(t, review.ErrNotYours, func() error { return w.market.ApproveGrant(t.Context(), conflicted, w.approval(both)) })
}

func attaching(hash ledger.Hash) func(*review.Step) {
	return func(s *review.Step) { s.Attachments = []review.Attachment{{Name: "report.pdf", Size: 3, Hash: hash}} }
}

// Who has nothing to do with a study cannot tell it from one that is not there.
func TestStudiesAreSeenByTheirOwn(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	study := w.file("another", nil)
	a, err := w.market.AddFile(ctx, w.Committee.Address(), study, "letter.pdf", []byte("Dear"))
	ok(t, err)
	colleague, stranger := w.person(ledger.RoleCommittee, ledger.Hash{}), w.person(ledger.RoleResearcher, ledger.Hash{})
	elsewhere, steward := w.person(ledger.RoleCommittee, ledger.Hash{9}), w.person(ledger.RoleSteward|ledger.RoleOperator, ledger.Hash{})
	for name, c := range map[string]struct {
		who  *ledger.Key
		sees bool
	}{
		"applicant": {w.Researcher, true}, "member named": {w.Committee, true}, "colleague of hers": {colleague, true},
		"another researcher": {stranger, false}, "another committee": {elsewhere, false}, "others": {steward, false}, "nobody": {providertest.NewKey(t), false},
	} {
		who := c.who.Address()
		_, review1 := w.market.Review(ctx, who, study)
		_, _, steps := w.market.Steps(ctx, who, study)
		_, file := w.market.File(ctx, who, study, a.Hash)
		_, adding := w.market.AddFile(ctx, who, study, "x.pdf", []byte(name))
		for what, err := range map[string]error{"study": review1, "steps": steps, "file": file, "adding": adding} {
			if (err == nil) != c.sees || err != nil && !errors.Is(err, marketplace.ErrUnknownGrant) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		all, err := w.reviews(who, false)
		if err != nil || (len(all) == 2) != c.sees || !c.sees && len(all) > 0 {
			t.Errorf("%s sees %d studies, %v", name, len(all), err)
		}
	}
	if _, err := w.market.File(ctx, w.Committee.Address(), study, ledger.Hash{1}); !errors.Is(err, marketplace.ErrUnknownFile) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := w.market.AddFile(ctx, w.Committee.Address(), study, "", []byte("x")); !errors.Is(err, marketplace.ErrMalformed) {
		t.Errorf("a file without a name: %v", err)
	}
	w.takes(w.Committee, study, review.Reject, nil)
	if _, err := w.market.AddFile(ctx, w.Researcher.Address(), study, "late.pdf", []byte("x")); !errors.Is(err, review.ErrNotNow) {
		t.Errorf("a file of a study that is over: %v", err)
	}
}

// reviews lists all pages, of one each.
func (w *world) reviews(who ledger.Address, waiting bool) (all []marketplace.Reviewed, err error) {
	for after, more := uint64(0), true; more; more = after != 0 {
		var page []marketplace.Reviewed
		if page, after, err = w.market.Reviews(w.t.Context(), who, marketplace.ReviewFilter{Waiting: waiting}, after, 1); err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	return all, nil
}

func TestPagesOfReviews(t *testing.T) {
	w := open(t)
	for i := range 4 {
		w.file(string(rune('a'+i)), nil)
	}
	for limit, want := range map[int]string{1: "1 1 1 1 1", 2: "2 2 1", 5: "5", 100: "5"} {
		var sizes []string
		for after, more := uint64(0), true; more; more = after != 0 {
			page, next, err := w.market.Reviews(t.Context(), w.Researcher.Address(), marketplace.ReviewFilter{}, after, limit)
			ok(t, err)
			sizes, after = append(sizes, strconv.Itoa(len(page))), next
		}
		equal(t, "sizes of pages", strings.Join(sizes, " "), want)
	}
	for _, limit := range []int{0, -1, marketplace.MaxPage + 1} {
		if _, _, err := w.market.Reviews(t.Context(), w.Researcher.Address(), marketplace.ReviewFilter{}, 0, limit); !errors.Is(err, marketplace.ErrMalformed) {
			t.Errorf("a page of %d: %v", limit, err)
		}
	}
}

// A researcher's undecided studies are bounded, so that nobody fills the committee's list; what is withdrawn or filed again does not count, and
// another researcher has her own. A list reads only what it shows.
func TestUndecidedStudiesAreBounded(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	request := func(k *ledger.Key, id string) (ledger.SignedDocument, error) {
		g := w.Grant()
		g.ID, g.Researchers = id, []string{k.Address().String()}
		signed := w.Sign(k, ledger.KindDataGrant, g, 1)
		_, err := w.market.RequestGrant(ctx, signed)
		return signed, err
	}
	var last ledger.SignedDocument
	for i := range 20 { // the usual study is approved
		signed, err := request(w.Researcher, "study "+strconv.Itoa(i))
		ok(t, err)
		last = signed
	}
	if _, err := request(w.Researcher, "one too many"); !errors.Is(err, marketplace.ErrTooManyStudies) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := w.market.RequestGrant(ctx, last); err != nil {
		t.Errorf("the last one again: %v", err)
	}
	other := w.person(ledger.RoleResearcher, ledger.Hash{})
	if _, err := request(other, "another's"); err != nil {
		t.Errorf("another's: %v", err)
	}
	all, err := w.reviews(other.Address(), false)
	ok(t, err)
	if len(all) != 1 || all[0].Content.ID != "another's" {
		t.Errorf("she sees %d studies", len(all))
	}
	w.takes(w.Researcher, last.Hash(), review.Withdraw, nil)
	if _, err := request(w.Researcher, "instead"); err != nil {
		t.Errorf("after one was withdrawn: %v", err)
	}
}

// What waits for whom.
func TestWaiting(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	colleague := w.person(ledger.RoleCommittee, ledger.Hash{})
	waits := func(what string, want ...*ledger.Key) {
		t.Helper()
		for name, k := range map[string]*ledger.Key{"applicant": w.Researcher, "member": w.Committee, "colleague": colleague} {
			all, err := w.reviews(k.Address(), true)
			ok(t, err)
			if (len(all) == 1) != slices.Contains(want, k) || len(all) > 1 {
				t.Errorf("%s: %d wait for the %s", what, len(all), name)
			}
		}
	}
	waits("at first")
	due := providertest.Start + 80*24*3600
	study := w.file("another", func(g *policy.Grant) { g.Period.End, g.ReviewBy = int64(due)+9999, int64(due) })
	waits("filed", w.Committee, colleague)
	w.takes(w.Committee, study, review.Inquire, nil)
	waits("questioned", w.Researcher)
	w.takes(w.Researcher, study, review.Reply, nil)
	w.grant = study
	w.Chain.Fail = nil
	ok(t, w.market.ApproveGrant(ctx, study, w.approval(w.Committee)))
	r, _, err := w.chain.Grant(ctx, study, w.Committee.Address())
	ok(t, err)
	r.Status = 0 // it takes another signature
	w.chain.Put(r)
	waits("approved by one", colleague)
	r.Status = ledger.GrantActive
	w.chain.Put(r)
	waits("in force")
	w.Clock.Advance(50*24*3600 - 1)
	waits("31 days before the review")
	w.Clock.Advance(1)
	waits("30 days before the review", w.Committee, colleague)
	r.ReviewBy += 20
	w.chain.Put(r)
	waits("put off")
	w.Clock.Advance(40 * 24 * 3600)
	waits("after its end")
}

// An amendment is for who may ask under the grant, to the same committee, of what is approved.
func TestAmendments(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	first := w.grant
	open := w.file("another", nil)
	amend := func(by *ledger.Key, of ledger.Hash, change func(*policy.Grant)) func() error {
		g := w.Grant()
		g.ID, g.Amends = "amended", of.String()
		g.Researchers = []string{by.Address().String()}
		if change != nil {
			change(&g)
		}
		return func() error {
			_, err := w.market.RequestGrant(ctx, w.Sign(by, ledger.KindDataGrant, g, 2))
			return err
		}
	}
	stranger, elsewhere := w.person(ledger.RoleResearcher, ledger.Hash{}), w.person(ledger.RoleCommittee, ledger.Hash{9})
	w.refused(t, marketplace.ErrUnknownGrant, amend(w.Researcher, ledger.Hash{1}, nil))
	w.refused(t, marketplace.ErrUnknownGrant, amend(stranger, first, nil))
	w.refused(t, review.ErrNotNow, amend(w.Researcher, open, nil))
	w.refused(t, marketplace.ErrMalformed, amend(w.Researcher, first, func(g *policy.Grant) { g.Committee = elsewhere.Address().String() }))

	// Of a ceiling of two and a half questions one is spent before the amendment.
	w.answered(w.order("before", nil))
	cost := w.price / providertest.Price
	g := w.Grant()
	g.ID, g.Amends, g.Datasets[0].NanoRho = "amended", first.String(), 5*cost/2
	signed := w.Sign(w.Researcher, ledger.KindDataGrant, g, 2)
	id, err := w.market.RequestGrant(ctx, signed)
	ok(t, err)
	w.grant = id
	ok(t, w.market.ApproveGrant(ctx, id, w.approval(w.Committee)))
	w.answered(w.order("after", nil))
	w.refusedAsk(t, marketplace.ErrGrantBudget, w.order("more", nil))
	_, err = w.market.TakeStep(ctx, open, w.step(w.Researcher, open, review.Resubmit, func(s *review.Step) { s.Grant = signed.Hash() }), &signed)
	if !errors.Is(err, marketplace.ErrMalformed) {
		t.Errorf("resubmitted as an amendment: %v", err)
	}
}

// Every step is on the chain by its hash, in order, once; a chain with other steps is an error, and no step waits for it.
func TestStepsAreRecorded(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	study := w.file("another", nil)
	w.takes(w.Committee, study, review.Inquire, nil)
	recorded := func(want uint64) {
		t.Helper()
		entries, n, err := w.market.Steps(ctx, w.Committee.Address(), study)
		ok(t, err)
		equal(t, "recorded steps", n, want)
		heads, err := review.Heads(entries)
		ok(t, err)
		head, err := w.chain.StepsHead(ctx, w.market.Address(), study)
		ok(t, err)
		if want > 0 {
			equal(t, "head", head, heads[want])
		}
	}
	ok(t, w.market.Record(ctx))
	recorded(0) // not final yet
	ok(t, w.market.Record(ctx))
	w.takes(w.Researcher, study, review.Reply, nil)
	w.chain.Finalise()
	ok(t, w.market.Record(ctx))
	recorded(2)
	w.chain.Finalise()
	ok(t, w.market.Record(ctx))
	recorded(3)
	left, err := w.store.Unrecorded(ctx)
	ok(t, err)
	equal(t, "left", len(left), 0)

	w.takes(w.Committee, study, review.Return, nil)
	down := errors.New("chain is down")
	w.Chain.Fail = func(string) error { return down }
	if err := w.market.Record(ctx); !errors.Is(err, down) {
		t.Errorf("recording while the chain is down: %v", err)
	}
	w.Chain.Fail = nil
	head, err := w.chain.StepsHead(ctx, w.market.Address(), study)
	ok(t, err)
	ok(t, w.chain.RecordSteps(ctx, study, head, []ledger.Hash{{1}}))
	w.chain.Finalise()
	if err := w.market.Record(ctx); err == nil {
		t.Error("the chain has steps that nobody took here")
	}
}

// G2: no question goes out before the dataset's terms are signed; new terms want another signature.
func TestTermsAreAcceptedFirst(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	terms := func(revision uint64, text string) policy.DatasetTerms {
		t.Helper()
		p := w.Policy()
		p.Revision, p.Terms = revision+1, &policy.DatasetTerms{Revision: revision, Text: text}
		ok(t, w.SetPolicy(ctx, w.SignPolicy(p)))
		return *p.Terms
	}
	accept := func(by *ledger.Key, dataset string, d policy.DatasetTerms) func() error {
		return func() error {
			return w.market.AcceptTerms(ctx, w.Sign(by, ledger.KindTermsAcceptance, provider.AcceptanceOf(dataset, d), d.Revision))
		}
	}
	first := terms(1, "Keep it to yourself.")
	w.refusedReasons(t, w.order("early", nil), policy.ReasonTermsNotAccepted)
	w.refused(t, marketplace.ErrUnknownDataset, accept(w.Researcher, "hospital-b", first))
	w.refused(t, marketplace.ErrMalformed, accept(w.Researcher, providertest.Dataset, policy.DatasetTerms{Revision: 1, Text: "Do as you like."}))
	w.refused(t, marketplace.ErrUnknownPerson, accept(w.Committee, providertest.Dataset, first))
	ok(t, accept(w.Researcher, providertest.Dataset, first)())
	w.answered(w.order("accepted", nil))
	second := terms(2, "Keep it to yourself, and publish.")
	w.refusedReasons(t, w.order("the old ones", nil), policy.ReasonTermsNotAccepted)
	ok(t, accept(w.Researcher, providertest.Dataset, second)())
	w.answered(w.order("accepted again", nil))
}

// However many steps and files an applicant makes of her study, its committee can decide on it and file something.
func TestApplicantsLeaveRoom(t *testing.T) {
	w := open(t)
	ctx := t.Context()
	study := w.file("another", nil)
	for i := range review.MaxFiles {
		_, err := w.market.AddFile(ctx, w.Researcher.Address(), study, "x.pdf", []byte{byte(i)})
		ok(t, err)
	}
	w.refused(t, marketplace.ErrTooManyFiles, func() error {
		_, err := w.market.AddFile(ctx, w.Researcher.Address(), study, "x.pdf", []byte("one more"))
		return err
	})
	_, err := w.market.AddFile(ctx, w.Committee.Address(), study, "letter.pdf", []byte("Dear"))
	ok(t, err)
	for number := uint64(2); number <= review.MaxApplicants; number++ { // as w.takes would, in less time
		ok(t, w.store.TakeStep(ctx, study, review.Entry{
			Step: review.Step{Study: study, Number: number, Action: review.Attach, Grant: study}, Role: review.Applicant,
		}, review.Submitted, nil))
	}
	w.refused(t, review.ErrNotNow, func() error {
		_, err := w.market.TakeStep(ctx, study, w.step(w.Researcher, study, review.Attach, attaching(ledger.HashBytes([]byte{0}))), nil)
		return err
	})
	w.takes(w.Committee, study, review.Inquire, nil)
	w.takes(w.Committee, study, review.Reject, nil)
}

// One member's word ends no review while the chain says that the grant goes on.
func TestReviewEndsWithTheGrant(t *testing.T) {
	for action, c := range map[review.Action]struct {
		status ledger.GrantStatus
		other  ledger.GrantStatus
		ends   review.State
	}{
		review.Revoke: {ledger.GrantRevoked, ledger.GrantClosed, review.Revoked},
		review.Close:  {ledger.GrantClosed, ledger.GrantRevoked, review.Closed},
	} {
		w := open(t)
		for _, status := range []ledger.GrantStatus{ledger.GrantActive, ledger.GrantSuspended, c.other} {
			w.amend(func(r *ledger.GrantRecord) { r.Status = status })
			if _, err := w.market.TakeStep(t.Context(), w.grant, w.step(w.Committee, w.grant, action, nil), nil); !errors.Is(err, review.ErrNotNow) {
				t.Errorf("%s while the chain says %d: %v", action, status, err)
			}
			w.stands(w.grant, review.Approved)
		}
		w.amend(func(r *ledger.GrantRecord) { r.Status = c.status })
		w.takes(w.Committee, w.grant, action, nil)
		w.stands(w.grant, c.ends)
	}
}
