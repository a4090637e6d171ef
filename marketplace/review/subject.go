package review

import (
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
)

// ErrOtherDocument is a step about another study or document than who takes it has named.
var ErrOtherDocument = errors.New("the study has another document now, or it is another study")

// Subject is what a step is about, as a marketplace says it: a study, by its first document, and its present document.
type Subject struct {
	Study, Grant ledger.Hash
	By           ledger.Address // the researcher who is named in the present document and signed it
}

// Check says whether somebody who has named a document may sign a step about it. A decision of a committee is about the
// document that was named and no other. An applicant, or who attaches files, may name any document of the study. Log is
// the study's, each entry checked ([Entry.Check]); it is looked at only where the present document is not the first: then
// who signed the present document must have signed, too, that it takes the place of the one before in this study. Error:
// ErrOtherDocument.
func (s Subject) Check(a Action, named ledger.Hash, log []Entry) error {
	documents := []ledger.Hash{s.Study}
	if s.Grant != s.Study {
		documents = s.filed(log)
	}
	switch {
	case documents[len(documents)-1] != s.Grant:
		return fmt.Errorf("%w: nobody has filed %s in the place of %s", ErrOtherDocument, s.Grant, s.Study)
	case named == s.Grant:
		return nil
	case !slices.Contains(documents, named):
		return fmt.Errorf("%w: %s is not a document of the study %s", ErrOtherDocument, named, s.Study)
	case !ofApplicants(a):
		return fmt.Errorf("%w: %s has taken the place of %s", ErrOtherDocument, s.Grant, named)
	}
	return nil
}

// filed are the documents of the study by its log, in their order; the first at least. The present one is not among them
// unless who signed it filed it.
func (s Subject) filed(log []Entry) []ledger.Hash {
	all := []ledger.Hash{s.Study}
	for _, e := range log {
		if e.Step.Action == Resubmit && e.Step.Study == s.Study && (e.Step.Grant != s.Grant || e.By == s.By) {
			all = append(all, e.Step.Grant)
		}
	}
	return all
}

// ofApplicants says whether applicants may ever take an action.
func ofApplicants(a Action) bool {
	for _, rules := range table {
		if slices.Contains(rules[a].by, Applicant) {
			return true
		}
	}
	return false
}
