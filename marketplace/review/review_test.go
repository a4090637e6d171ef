package review_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
)

// written is the table in the words of the people who asked for it: role, action, the states in which it is possible, and
// the state after ("=": the same).
const written = `
applicant attach    submitted,questioned,returned,approved =
committee attach    submitted,questioned,returned,approved =
committee inquire   submitted,questioned                   questioned
committee inquire   returned,approved                      =
applicant reply     questioned                             submitted
applicant reply     returned,approved                      =
committee return    submitted,questioned                   returned
applicant resubmit  submitted,questioned,returned          submitted
applicant withdraw  submitted,questioned,returned          withdrawn
committee condition submitted,questioned,approved          =
committee waive     submitted,questioned,approved          =
committee approve   submitted,questioned,approved          approved
committee reject    submitted,questioned,returned          rejected
committee suspend   approved                               =
committee resume    approved                               =
committee renew     approved                               =
applicant report    approved                               =
committee revoke    approved                               revoked
committee close     approved                               closed
`

type move struct {
	by   review.Role
	a    review.Action
	from review.State
}

// model is written, read.
func model(t *testing.T) map[move]review.State {
	t.Helper()
	all := map[move]review.State{{review.Applicant, review.Submit, ""}: review.Submitted}
	for line := range strings.Lines(strings.TrimSpace(written)) {
		f := strings.Fields(line)
		for from := range strings.SplitSeq(f[2], ",") {
			next := review.State(f[3])
			if next == "=" {
				next = review.State(from)
			}
			m := move{review.Role(f[0]), review.Action(f[1]), review.State(from)}
			if _, twice := all[m]; twice {
				t.Fatalf("%v stands there twice", m)
			}
			all[m] = next
		}
	}
	return all
}

// Every state, action and role, words that are none included: what is not written down is denied.
func TestEveryStep(t *testing.T) {
	want := model(t)
	for _, from := range append(review.States(), "", "elsewhere") {
		for _, a := range append(review.Actions(), "", "destroy") {
			for _, by := range []review.Role{review.Applicant, review.Committee, "", "steward"} {
				next, possible := want[move{by, a, from}]
				got, err := review.Next(from, a, by)
				switch {
				case possible && (err != nil || got != next):
					t.Errorf("%s %s when %s: %s, %v; want %s", by, a, from, got, err, next)
				case !possible && (!errors.Is(err, review.ErrNotNow) && !errors.Is(err, review.ErrNotYours) || got != from):
					t.Errorf("%s %s when %q: %s, %v; want a refusal", by, a, from, got, err)
				}
			}
		}
	}
}

// However people go on, a study is where the model says, the end is the end, nothing is approved but by the committee, and
// an applicant never decides.
func TestWalks(t *testing.T) {
	want := model(t)
	rapid.Check(t, func(t *rapid.T) {
		state, approved := review.State(""), false
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			by := rapid.SampledFrom([]review.Role{review.Applicant, review.Committee}).Draw(t, "by")
			a := rapid.SampledFrom(review.Actions()).Draw(t, "action")
			next, err := review.Next(state, a, by)
			if expected, possible := want[move{by, a, state}]; possible != (err == nil) || possible && next != expected {
				t.Fatalf("%s %s when %s: %s, %v", by, a, state, next, err)
			}
			if next != state && slices.Contains([]review.State{review.Rejected, review.Withdrawn, review.Revoked, review.Closed}, state) {
				t.Fatalf("%s was not the end", state)
			}
			approved = approved || a == review.Approve && err == nil && by == review.Committee
			if (next == review.Approved || next == review.Closed) && !approved {
				t.Fatalf("%s without an approval", next)
			}
			state = next
		}
	})
}

func TestWaitsFor(t *testing.T) {
	for s, want := range map[review.State]review.Role{
		review.Submitted: review.Committee, review.Questioned: review.Applicant, review.Returned: review.Applicant,
		review.Approved: "", review.Rejected: "", review.Closed: "",
	} {
		if got := s.WaitsFor(); got != want {
			t.Errorf("%s waits for %q, want %q", s, got, want)
		}
	}
}

func waiver() *review.Waiver {
	return &review.Waiver{
		Board: "IRB of the university", ApprovedOn: "2026-11-27", Criteria: "The criteria of 45 CFR 164.512(i)(2)(ii)(A) to (C) are satisfied.",
		Information: "Age, sex and diagnoses.", Procedure: review.ExpeditedReview, SignedAs: review.Chair,
	}
}

func step(a review.Action, change func(*review.Step)) review.Step {
	s := review.Step{Study: ledger.Hash{1}, Number: 2, Action: a, Grant: ledger.Hash{2}, Text: "Why?"}
	if a == review.Waive {
		s.Waiver = waiver()
	}
	if a == review.Renew {
		s.ReviewBy = 99
	}
	if a == review.Attach || a == review.Report {
		s.Attachments = []review.Attachment{{Name: "protocol.pdf", Size: 7, Hash: ledger.Hash{3}}}
	}
	if change != nil {
		change(&s)
	}
	return s
}

func TestValidate(t *testing.T) {
	for _, a := range review.Actions() {
		if err := step(a, nil).Validate(); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	bare := func(s *review.Step) { s.Text, s.Attachments = "", nil }
	for name, s := range map[string]review.Step{
		"no study":              step(review.Attach, func(s *review.Step) { s.Study = ledger.Hash{} }),
		"no grant":              step(review.Attach, func(s *review.Step) { s.Grant = ledger.Hash{} }),
		"number 0":              step(review.Attach, func(s *review.Step) { s.Number = 0 }),
		"number 1001":           step(review.Attach, func(s *review.Step) { s.Number = 1001 }),
		"no action":             step("", nil),
		"unknown action":        step("destroy", nil),
		"long text":             step(review.Inquire, func(s *review.Step) { s.Text = strings.Repeat("x", review.MaxText+1) }),
		"control characters":    step(review.Inquire, func(s *review.Step) { s.Text = "\x1b[2J" }),
		"broken text":           step(review.Inquire, func(s *review.Step) { s.Text = "\xff" }),
		"too many files":        step(review.Attach, func(s *review.Step) { s.Attachments = slices.Repeat(s.Attachments, review.MaxAttachments+1) }),
		"a file of two lines":   step(review.Attach, func(s *review.Step) { s.Attachments[0].Name = "a\nb" }),
		"a file without a name": step(review.Attach, func(s *review.Step) { s.Attachments[0].Name = "" }),
		"an empty file":         step(review.Attach, func(s *review.Step) { s.Attachments[0].Size = 0 }),
		"a large file":          step(review.Attach, func(s *review.Step) { s.Attachments[0].Size = review.MaxFile + 1 }),
		"no file":               step(review.Attach, bare),
		"no question":           step(review.Inquire, bare),
		"no reply":              step(review.Reply, bare),
		"no reason to return":   step(review.Return, bare),
		"no reason to reject":   step(review.Reject, bare),
		"no reason to suspend":  step(review.Suspend, bare),
		"no reason to revoke":   step(review.Revoke, bare),
		"no condition":          step(review.Condition, bare),
		"no report":             step(review.Report, bare),
		"no waiver":             step(review.Waive, func(s *review.Step) { s.Waiver = nil }),
		"a waiver by the way":   step(review.Inquire, func(s *review.Step) { s.Waiver = waiver() }),
		"no date":               step(review.Renew, func(s *review.Step) { s.ReviewBy = 0 }),
		"a date before all":     step(review.Renew, func(s *review.Step) { s.ReviewBy = -1 }),
		"a date by the way":     step(review.Inquire, func(s *review.Step) { s.ReviewBy = 5 }),
		"waiver without board":  step(review.Waive, func(s *review.Step) { s.Waiver.Board = "" }),
		"waiver without day":    step(review.Waive, func(s *review.Step) { s.Waiver.ApprovedOn = "yesterday" }),
		"waiver, no criteria":   step(review.Waive, func(s *review.Step) { s.Waiver.Criteria = "" }),
		"waiver of nothing":     step(review.Waive, func(s *review.Step) { s.Waiver.Information = "" }),
		"waiver, no procedure":  step(review.Waive, func(s *review.Step) { s.Waiver.Procedure = "quick" }),
		"waiver by nobody":      step(review.Waive, func(s *review.Step) { s.Waiver.SignedAs = "secretary" }),
	} {
		if err := s.Validate(); !errors.Is(err, review.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

// An entry is its actor's word: nobody else's, and of nothing else.
func TestEntry(t *testing.T) {
	key, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	domain := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{9}}
	s := step(review.Inquire, nil)
	signed, err := ledger.NewSignedDocument(key, domain, ledger.KindReviewStep, s, s.Number, 50)
	if err != nil {
		t.Fatal(err)
	}
	entry := review.Entry{Step: s, By: key.Address(), At: 5, Salt: ledger.Hash{4}, Expiry: 50, Signature: signed.Signature}
	if err := entry.Check(domain); err != nil {
		t.Error(err)
	}
	seen := map[ledger.Hash]string{}
	for name, change := range map[string]func(*review.Entry){
		"": func(*review.Entry) {}, "text": func(e *review.Entry) { e.Step.Text = "Because." }, "by": func(e *review.Entry) { e.By[0]++ },
		"number": func(e *review.Entry) { e.Step.Number++ }, "expiry": func(e *review.Entry) { e.Expiry++ },
		"signature": func(e *review.Entry) { e.Signature = ledger.Signature{} },
		"terms":     func(e *review.Entry) { e.Terms = &review.Terms{} }, "revision": func(e *review.Entry) { e.Revision = 1 },
	} {
		e := entry
		change(&e)
		if err := e.Check(domain); (err == nil) != (name == "") {
			t.Errorf("another %s: %v", name, err)
		}
		h, err := e.Hash()
		if before, twice := seen[h]; err != nil || twice {
			t.Errorf("another %s hashes like another %s (%v)", name, before, err)
		}
		seen[h] = name
	}
	heads, err := review.Heads([]review.Entry{entry, entry})
	if err != nil || len(heads) != 3 || !heads[0].IsZero() || heads[1] == heads[2] {
		t.Errorf("heads %v, %v", heads, err)
	}
	other := entry
	other.At++
	if changed, err := review.Heads([]review.Entry{other, entry}); err != nil || changed[2] == heads[2] {
		t.Errorf("the head does not tell that a step before was another (%v)", err)
	}
}

// A filing is the applicant's word and an approval the member's, as every other step is its actor's.
func TestEntryOfSubmitAndApprove(t *testing.T) {
	key, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	domain := ledger.Domain{ChainID: 7, Genesis: ledger.Hash{9}}
	document := ledger.Hash{2}
	submit := review.Entry{Step: step(review.Submit, nil), By: key.Address(), Expiry: 50, Revision: 3}
	submit.Step.Text = ""
	submit.Signature = key.Sign(domain.DocumentDigest(ledger.Document{Kind: ledger.KindDataGrant, Hash: document, Revision: 3, Expiry: 50}))
	approve := review.Entry{Step: step(review.Approve, nil), By: key.Address(), Terms: &review.Terms{Revision: 3, Expiry: 60, TermsHash: ledger.Hash{5}}}
	approve.Step.Text = ""
	approve.Signature = key.Sign(domain.GrantTermsDigest(ledger.GrantTerms{Document: document, Revision: 3, Expiry: 60, TermsHash: ledger.Hash{5}}))
	for action, entry := range map[review.Action]review.Entry{review.Submit: submit, review.Approve: approve} {
		for name, change := range map[string]func(*review.Entry){
			"": func(*review.Entry) {}, "signature": func(e *review.Entry) { e.Signature = ledger.Signature{} },
			"grant": func(e *review.Entry) { e.Step.Grant[0]++ }, "by": func(e *review.Entry) { e.By[0]++ },
			"text": func(e *review.Entry) { e.Step.Text = "under no condition" }, "revision": func(e *review.Entry) { e.Revision++ },
			"file":   func(e *review.Entry) { e.Step.Attachments = step(review.Attach, nil).Attachments },
			"action": func(e *review.Entry) { e.Step.Action = review.Reject },
			"terms":  func(e *review.Entry) { e.Terms = &review.Terms{Revision: 4} },
		} {
			e := entry
			change(&e)
			if err := e.Check(domain); (err == nil) != (name == "") {
				t.Errorf("%s with another %s: %v", action, name, err)
			}
		}
	}
}

// A log that could not have come about is none.
func TestReplay(t *testing.T) {
	log := func(actions ...review.Action) (all []review.Entry) {
		present := ledger.Hash{1}
		for i, a := range actions {
			if a == review.Resubmit {
				present = ledger.Hash{byte(i + 1)}
			}
			by := review.Committee
			switch a {
			case review.Submit, review.Reply, review.Resubmit:
				by = review.Applicant
			}
			all = append(all, review.Entry{Role: by, Step: step(a, func(s *review.Step) { s.Number, s.Grant = uint64(i)+1, present })})
		}
		return all
	}
	whole := func() []review.Entry {
		return log(review.Submit, review.Inquire, review.Reply, review.Return, review.Resubmit, review.Approve, review.Close)
	}
	if s, err := review.Replay(whole()); err != nil || s != review.Closed {
		t.Errorf("%s, %v", s, err)
	}
	if s, err := review.Replay(nil); err != nil || s != "" {
		t.Errorf("of nothing: %q, %v", s, err)
	}
	for name, entries := range map[string][]review.Entry{
		"no filing":                      log(review.Approve),
		"filed twice":                    log(review.Submit, review.Submit),
		"approved after it was rejected": log(review.Submit, review.Reject, review.Approve),
		"closed before it was approved":  log(review.Submit, review.Close),
	} {
		if _, err := review.Replay(entries); !errors.Is(err, review.ErrNotNow) {
			t.Errorf("%s: %v", name, err)
		}
	}
	own := log(review.Submit, review.Approve)
	own[1].Role = review.Applicant
	if _, err := review.Replay(own); !errors.Is(err, review.ErrNotYours) {
		t.Errorf("approved by the applicant: %v", err)
	}
	for name, change := range map[string]func([]review.Entry) []review.Entry{
		"a step left out":  func(all []review.Entry) []review.Entry { return slices.Delete(all, 2, 3) },
		"another study":    func(all []review.Entry) []review.Entry { all[2].Step.Study[0]++; return all },
		"another document": func(all []review.Entry) []review.Entry { all[5].Step.Grant = ledger.Hash{1}; return all },
	} {
		if _, err := review.Replay(change(whole())); !errors.Is(err, review.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever applicants do, the committee can decide, and they can withdraw.
func TestRoom(t *testing.T) {
	by := func(r review.Role, n int) []review.Entry { return slices.Repeat([]review.Entry{{Role: r}}, n) }
	full := by(review.Applicant, review.MaxApplicants)
	for name, c := range map[string]struct {
		entries []review.Entry
		a       review.Action
		by      review.Role
		room    bool
	}{
		"the applicants' last":       {full[1:], review.Attach, review.Applicant, true},
		"one more":                   {full, review.Attach, review.Applicant, false},
		"but to withdraw":            {full, review.Withdraw, review.Applicant, true},
		"then the committee":         {full, review.Attach, review.Committee, true},
		"however much it said":       {by(review.Committee, review.MaxSteps-1), review.Reply, review.Applicant, true},
		"the committee's last":       {append(by(review.Committee, 499), full...), review.Reject, review.Committee, true},
		"the end":                    {append(by(review.Committee, 500), full...), review.Reject, review.Committee, false},
		"the end, also to withdraw":  {append(by(review.Committee, 500), full...), review.Withdraw, review.Applicant, false},
		"applicants after the whole": {append(by(review.Committee, 500), full...), review.Reply, review.Applicant, false},
	} {
		if err := review.Room(c.entries, c.a, c.by); (err == nil) != c.room || err != nil && !errors.Is(err, review.ErrNotNow) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
