package review_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
)

// G2: nobody signs a step about another study, or decides on another document, than she named, whatever the marketplace says.
func TestG2StepsAreAboutWhatWasNamed(t *testing.T) {
	first, second, other := ledger.Hash{1}, ledger.Hash{2}, ledger.Hash{3}
	her := ledger.Address{7}
	resubmit := func(study, document ledger.Hash) review.Entry {
		return review.Entry{Step: review.Step{Study: study, Action: review.Resubmit, Grant: document}, By: her}
	}
	forged := resubmit(first, second)
	forged.By[0]++
	log := []review.Entry{{Step: review.Step{Study: first, Action: review.Submit, Grant: first}}, resubmit(first, second)}
	for name, c := range map[string]struct {
		subject              review.Subject
		named                ledger.Hash
		log                  []review.Entry
		committee, applicant bool // may sign
	}{
		"the only document":                     {review.Subject{Study: first, Grant: first}, first, nil, true, true},
		"another study":                         {review.Subject{Study: other, Grant: other}, first, nil, false, false},
		"the present document":                  {review.Subject{Study: first, Grant: second}, second, log, true, true},
		"the document before":                   {review.Subject{Study: first, Grant: second}, first, log, false, true},
		"a document of no study":                {review.Subject{Study: first, Grant: second}, other, log, false, false},
		"another study with this document":      {review.Subject{Study: other, Grant: second}, second, log, false, false},
		"this study with another document":      {review.Subject{Study: first, Grant: other}, first, log, false, false},
		"another document, and nothing to show": {review.Subject{Study: first, Grant: second}, second, nil, false, false},
		"another document that she did not":     {review.Subject{Study: first, Grant: second}, second, []review.Entry{forged}, false, false},
		"filed in the place of another study's": {review.Subject{Study: first, Grant: second}, second, []review.Entry{resubmit(other, second)}, false, false},
	} {
		c.subject.By = her
		for _, a := range review.Actions() {
			may := c.committee
			switch a {
			case review.Submit, review.Attach, review.Reply, review.Resubmit, review.Withdraw, review.Report:
				may = c.applicant
			}
			if err := c.subject.Check(a, c.named, c.log); (err == nil) != may || err != nil && !errors.Is(err, review.ErrOtherDocument) {
				t.Errorf("%s, %s: %v", name, a, err)
			}
		}
	}
}
