package review

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds.
const (
	MaxText        = 8000    // bytes of the text of a step
	MaxAttachments = 8       // of a step
	MaxFile        = 1 << 20 // bytes of a file
	MaxFiles       = 32      // of a study, by the applicants and by the committee each
	MaxSteps       = 1000    // of a study
	MaxApplicants  = 500     // of MaxSteps, those by applicants; so that no applicant keeps the committee from taking any
)

// ErrMalformed is a step that is not whole.
var ErrMalformed = errors.New("malformed step")

// Step is what somebody does in the review of a study, as she signs it (ledger.KindReviewStep, whose revision is Number).
// Submit and Approve are not signed as steps: the one has the applicant's signature of the grant document, the other the
// member's of its terms.
type Step struct {
	Study  ledger.Hash `json:"study"`  // that names the study: its first document
	Number uint64      `json:"number"` // of the step, from 1: two of the same number do not both count
	Action Action      `json:"action"`
	// Grant is the grant document that it is about: the present one, or the new one of a Resubmit.
	Grant       ledger.Hash  `json:"grant"`
	Text        string       `json:"text,omitempty"`
	Attachments []Attachment `json:"attachments,omitempty"`
	Waiver      *Waiver      `json:"waiver,omitempty"`    // of a Waive
	ReviewBy    int64        `json:"review_by,omitempty"` // of a Renew: the next review, Unix seconds
}

// Attachment is a file by its hash.
type Attachment struct {
	Name string      `json:"name"` // a line of 1 to 200 bytes
	Size int64       `json:"size"` // bytes
	Hash ledger.Hash `json:"hash"` // SHA-256
}

// Waiver is the documentation of a waiver, or an alteration, of the authorisation that a patient would have to give: what
// 45 CFR 164.512(i)(2) wants, (v) of which is the signature of the step.
type Waiver struct {
	Board      string `json:"board"`       // (i) the IRB or privacy board, by name
	ApprovedOn string `json:"approved_on"` // (i) day on which it was approved, as 2026-11-27
	// Criteria is (ii) the statement that the board has determined that the criteria of (A) to (C) are satisfied.
	Criteria string `json:"criteria"`
	// Information is (iii) a brief description of the protected health information that is necessary.
	Information string    `json:"information"`
	Procedure   Procedure `json:"procedure"` // (iv)
	SignedAs    Signer    `json:"signed_as"` // (v)
}

// Procedure is how a board reviewed a waiver.
type Procedure string

// The procedures.
const (
	NormalReview    Procedure = "normal"
	ExpeditedReview Procedure = "expedited"
)

// Signer is as what a member signs a waiver.
type Signer string

// The signers.
const (
	Chair    Signer = "chair"
	Designee Signer = "designee" // another member, whom the chair has named for it
)

// needs says what a step of an action must have.
var needs = map[Action]func(Step) bool{
	Attach:    func(s Step) bool { return len(s.Attachments) > 0 },
	Inquire:   func(s Step) bool { return s.Text != "" },
	Reply:     func(s Step) bool { return s.Text != "" || len(s.Attachments) > 0 },
	Return:    func(s Step) bool { return s.Text != "" },
	Condition: func(s Step) bool { return s.Text != "" },
	Waive:     func(s Step) bool { return s.Waiver != nil },
	Reject:    func(s Step) bool { return s.Text != "" },
	Suspend:   func(s Step) bool { return s.Text != "" },
	Renew:     func(s Step) bool { return s.ReviewBy > 0 },
	Report:    func(s Step) bool { return len(s.Attachments) > 0 },
	Revoke:    func(s Step) bool { return s.Text != "" },
}

// Validate returns every fault of the step, joined, each ErrMalformed; or nil.
func (s Step) Validate() error {
	var faults []error
	fault := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...))
		}
	}
	fault(!s.Study.IsZero() && !s.Grant.IsZero(), "study and grant are required")
	fault(s.Number >= 1 && s.Number <= MaxSteps, "number: from 1 to %d", MaxSteps)
	fault(slices.Contains(Actions(), s.Action), "action: there is no %q", string(s.Action))
	fault(text(s.Text, MaxText), "text: at most %d bytes of text", MaxText)
	fault(len(s.Attachments) <= MaxAttachments, "attachments: at most %d", MaxAttachments)
	for _, a := range s.Attachments {
		fault(line(a.Name, 200), "attachments: a name is a line of 1 to 200 bytes")
		fault(a.Size >= 1 && a.Size <= MaxFile, "attachments: a file has 1 to %d bytes", MaxFile)
	}
	need, wants := needs[s.Action]
	fault(!wants || need(s), "%s: text, attachments, waiver or date are missing", s.Action)
	fault((s.Waiver == nil) == (s.Action != Waive), "waiver: of the action %s only", Waive)
	fault((s.ReviewBy == 0) == (s.Action != Renew), "review_by: of the action %s only", Renew)
	if s.Waiver != nil {
		faults = append(faults, s.Waiver.validate()...)
	}
	return errors.Join(faults...)
}

func (w Waiver) validate() (faults []error) {
	fault := func(ok bool, words string) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: waiver: %s", ErrMalformed, words))
		}
	}
	fault(line(w.Board, 200), "board is the name of the IRB or privacy board")
	fault(day(w.ApprovedOn), "approved_on is a day, as 2026-11-27")
	fault(w.Criteria != "" && text(w.Criteria, MaxText), "criteria is the statement that they are satisfied")
	fault(w.Information != "" && text(w.Information, MaxText), "information describes what is necessary")
	fault(w.Procedure == NormalReview || w.Procedure == ExpeditedReview, "procedure is normal or expedited")
	fault(w.SignedAs == Chair || w.SignedAs == Designee, "signed_as is chair or designee")
	return faults
}

func text(s string, most int) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }
	return len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, control)
}

func line(s string, most int) bool {
	return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
