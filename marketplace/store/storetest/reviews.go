package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
)

// file files a study with the one committee there is here.
func (b *bench) file(t tb, s marketplace.Study) error {
	t.Helper()
	return b.Submit(t.Context(), s, name("committee"), step(s.Request.Hash(), 1, review.Submit))
}

// step makes an entry; stores do not look into it but for its number.
func step(study ledger.Hash, number uint64, a review.Action) review.Entry {
	return review.Entry{
		Step: review.Step{Study: study, Number: number, Action: a, Grant: study, Text: "because"},
		By:   person("somebody"), At: 1000 + int64(number), Salt: name("salt %d", number), Expiry: 5000, Signature: signature("step %d", number),
	}
}

func testReviews(t *testing.T, b *bench) {
	ctx := t.Context()
	old, young := b.study(t, "old"), b.study(t, "young")
	ok(t, b.file(t, marketplace.Study{Request: document(1, "old"), CreatedAt: 99})) // again
	want := marketplace.Review{Study: old, Grant: old, Organisation: name("committee"), State: review.Submitted, Steps: 1, CreatedAt: 1000}
	got, err := b.Review(ctx, old)
	ok(t, err)
	equal(t, "review", got, want)
	take := func(study ledger.Hash, number uint64, s *marketplace.Study) func(context.Context) error {
		return func(ctx context.Context) error {
			return b.TakeStep(ctx, study, step(study, number, review.Return), review.Returned, s)
		}
	}
	b.refused(t, marketplace.ErrUnknownGrant, take(name("no study"), 2, nil))
	b.refused(t, marketplace.ErrStaleStep, take(old, 1, nil))
	b.refused(t, marketplace.ErrStaleStep, take(old, 3, nil))
	ok(t, take(old, 2, nil)(ctx))
	b.refused(t, marketplace.ErrStaleStep, take(old, 2, nil))
	b.refused(t, marketplace.ErrGrantExists, take(old, 3, &marketplace.Study{Request: document(1, "young")}))
	b.refused(t, marketplace.ErrGrantExists, take(old, 3, &marketplace.Study{Request: document(1, "old")}))

	second := marketplace.Study{Request: document(2, "old, again"), CreatedAt: 1001}
	ok(t, b.TakeStep(ctx, old, step(old, 3, review.Resubmit), review.Submitted, &second))
	want.Grant, want.Steps = second.Request.Hash(), 3
	for _, of := range []ledger.Hash{old, second.Request.Hash()} {
		got, err = b.Review(ctx, of)
		ok(t, err)
		equal(t, "review by any document", got, want)
	}
	b.refused(t, marketplace.ErrUnknownGrant, take(second.Request.Hash(), 4, nil)) // the first document names a study
	ok(t, b.file(t, second))                                                       // on record: nothing new
	all, err := b.Reviews(ctx)
	ok(t, err)
	equal(t, "reviews", len(all), 2)
	equal(t, "oldest first", []ledger.Hash{all[0].Study, all[1].Study}, []ledger.Hash{old, young})
	_, err = b.Review(ctx, name("no study"))
	b.refused(t, marketplace.ErrUnknownGrant, func(context.Context) error { return err })
	steps, err := b.Steps(ctx, old)
	ok(t, err)
	equal(t, "steps", steps, []review.Entry{step(old, 1, review.Submit), step(old, 2, review.Return), step(old, 3, review.Resubmit)})
	none, err := b.Steps(ctx, name("no study"))
	ok(t, err)
	equal(t, "steps of nothing", len(none), 0)
	testUnrecorded(t, b, old, young)
	b.survives(t)
}

func testUnrecorded(t *testing.T, b *bench, old, young ledger.Hash) {
	ctx := t.Context()
	for _, c := range []struct {
		study ledger.Hash
		steps uint64
		left  []ledger.Hash
	}{
		{old, 2, []ledger.Hash{old, young}}, {old, 3, []ledger.Hash{young}}, {old, 1, []ledger.Hash{young}}, {young, 1, nil},
	} {
		ok(t, b.SaveRecorded(ctx, c.study, c.steps))
		var left []ledger.Hash
		all, err := b.Unrecorded(ctx)
		ok(t, err)
		for _, r := range all {
			left = append(left, r.Study)
		}
		equal(t, "unrecorded", left, c.left)
	}
	b.refused(t, marketplace.ErrUnknownGrant, func(ctx context.Context) error { return b.SaveRecorded(ctx, name("no study"), 1) })
	b.refused(t, nil, func(ctx context.Context) error { return b.SaveRecorded(ctx, young, 2) }) // it has one step
}

func testFiles(t *testing.T, b *bench) {
	ctx := t.Context()
	study := b.study(t, "study")
	file := func(i int) marketplace.File {
		content := fmt.Appendf(nil, "file %d", i)
		return marketplace.File{
			Attachment: review.Attachment{Name: fmt.Sprint(i), Size: int64(len(content)), Hash: ledger.HashBytes(content)}, Content: content,
		}
	}
	save := func(study ledger.Hash, i int) func(context.Context) error {
		return func(ctx context.Context) error { return b.SaveFile(ctx, study, review.Applicant, file(i)) }
	}
	b.refused(t, marketplace.ErrUnknownGrant, save(name("no study"), 0))
	var want []review.Attachment
	for i := range review.MaxFiles {
		ok(t, save(study, i)(ctx))
		want = append(want, file(i).Attachment)
	}
	ok(t, save(study, 0)(ctx))
	b.refused(t, marketplace.ErrTooManyFiles, save(study, review.MaxFiles))
	of := file(review.MaxFiles)
	ok(t, b.SaveFile(ctx, study, review.Committee, of)) // who has room
	want = append(want, of.Attachment)
	got, err := b.Files(ctx, study)
	ok(t, err)
	equal(t, "files", got, want)
	one, err := b.File(ctx, study, want[3].Hash)
	ok(t, err)
	equal(t, "file", one, file(3))
	other := b.study(t, "other")
	_, err = b.File(ctx, other, want[3].Hash) // of another study
	b.refused(t, marketplace.ErrUnknownFile, func(context.Context) error { return err })
	ok(t, save(other, 3)(ctx))
	b.survives(t)
}

func testAcceptances(t *testing.T, b *bench) {
	ctx := t.Context()
	want := func(who string, dataset string, want *ledger.SignedDocument) {
		t.Helper()
		got, err := b.Acceptance(ctx, dataset, person("%s", who))
		ok(t, err)
		equal(t, who+" at "+dataset, got, want)
	}
	first, second, other := document(1, "first"), document(2, "second"), document(1, "other")
	want("ada", "hospital-a", nil)
	ok(t, b.SaveAcceptance(ctx, "hospital-a", person("ada"), first))
	ok(t, b.SaveAcceptance(ctx, "hospital-b", person("ada"), other))
	want("ada", "hospital-a", &first)
	ok(t, b.SaveAcceptance(ctx, "hospital-a", person("ada"), second))
	b.Store = b.reopen()
	want("ada", "hospital-a", &second)
	want("ada", "hospital-b", &other)
	want("bob", "hospital-a", nil)
}

// testAmendedAllocation: what is asked under an amendment takes from the study's one allocation, and is listed under the
// amendment.
func testAmendedAllocation(t *testing.T, b *bench) {
	ctx := t.Context()
	first, amendment, ada := b.study(t, "first"), b.study(t, "amendment"), person("ada")
	one := b.reservation("one", ada, first, 600, 10, 10)
	_, err := b.Reserve(ctx, one)
	ok(t, err)
	two := b.reservation("two", ada, amendment, 401, 10, 20)
	two.Study = first
	reserve := func(r marketplace.Reservation) func(context.Context) error {
		return func(ctx context.Context) error { _, err := b.Reserve(ctx, r); return err }
	}
	b.refused(t, marketplace.ErrGrantBudget, reserve(two))
	two.Takings[0].NanoRho = 400
	ok(t, reserve(two)(ctx))
	lost := two
	lost.Study = name("no study")
	lost.Ask.RequestID = name("lost")
	b.refused(t, marketplace.ErrUnknownGrant, reserve(lost))
	ok(t, b.Cancel(ctx, two.Ask.RequestID))
	ok(t, reserve(two)(ctx)) // what was given back is there again
	r, leaf := receipt(t, two)
	_, err = b.Complete(ctx, two.Ask.RequestID, r, leaf)
	ok(t, err)
	for grant, want := range map[ledger.Hash]int{first: 0, amendment: 1} {
		page, err := b.Answers(ctx, marketplace.Page{Grant: grant, Limit: 5})
		ok(t, err)
		equal(t, "answers under the grant", len(page), want)
	}
}
