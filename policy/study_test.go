package policy_test

import (
	"testing"

	"github.com/medmarket/medmarket/policy"
)

// What becomes of a running study stops it, to the second, and so do terms that were not signed.
func TestRunningStudies(t *testing.T) {
	terms := &policy.DatasetTerms{Revision: 2, Text: "Keep it to yourself."}
	for name, c := range map[string]struct {
		change func(*scene)
		want   policy.ReasonCode
	}{
		"superseded":                     {func(s *scene) { s.GrantStatus = policy.GrantSuperseded }, "GRANT_SUPERSEDED"},
		"closed":                         {func(s *scene) { s.GrantStatus = policy.GrantClosed }, "GRANT_CLOSED"},
		"review due later":               {func(s *scene) { s.Grant.ReviewBy = 101 }, ""},
		"review due now":                 {func(s *scene) { s.Grant.ReviewBy = 100 }, "GRANT_REVIEW_DUE"},
		"put off to later":               {func(s *scene) { s.Grant.ReviewBy, s.ReviewBy = 99, 101 }, ""},
		"put off to now":                 {func(s *scene) { s.Grant.ReviewBy, s.ReviewBy = 99, 100 }, "GRANT_REVIEW_DUE"},
		"put off to before":              {func(s *scene) { s.Grant.ReviewBy, s.ReviewBy = 99, 98 }, "GRANT_REVIEW_DUE"},
		"put off, though there was none": {func(s *scene) { s.ReviewBy = 50 }, ""},
		"an amendment":                   {func(s *scene) { s.Grant.Amends = university }, ""},
		"no terms signed":                {func(s *scene) { s.Policy.Terms = terms }, "TERMS_NOT_ACCEPTED"},
		"older terms signed":             {func(s *scene) { s.Policy.Terms, s.TermsAccepted = terms, 1 }, "TERMS_NOT_ACCEPTED"},
		"newer terms signed":             {func(s *scene) { s.Policy.Terms, s.TermsAccepted = terms, 3 }, "TERMS_NOT_ACCEPTED"},
		"terms signed":                   {func(s *scene) { s.Policy.Terms, s.TermsAccepted = terms, 2 }, ""},
		"terms signed of which are none": {func(s *scene) { s.TermsAccepted = 2 }, ""},
		"a review before time began":     {func(s *scene) { s.ReviewBy = -1 }, "INPUT_INVALID"},
		"a study from before time began": {func(s *scene) { s.Since = -1 }, "INPUT_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			c.change(&s)
			check(t, policy.Decide(s.Input), c.want)
		})
	}
}

// G2: a study began with the first of its grants, however early; a time that is later than its grant's start makes it no younger.
func TestG2AStudyBeganWithItsFirstGrant(t *testing.T) {
	for since, want := range map[int64]int64{0: 50, 1: 1, 49: 49, 51: 50} {
		s := base(t)
		s.Grant.Period.Start, s.Since = 50, since
		if got := s.Terms().Recipient.Since; got != want {
			t.Errorf("first granted at %d, again at 50: since %d, want %d", since, got, want)
		}
	}
}
