package verifier

import (
	"errors"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
)

// Step is one check of a receipt.
type Step struct {
	Name  string // what is checked, in words
	State State
	Err   error // why not, for StateMismatch
}

// State is what came of a check. Its zero value says nothing good.
type State int

// The states of a check.
const (
	StateUnchecked State = iota // one before it failed
	StateMatches
	StatePending // cannot be checked before the receipt is anchored
	StateMismatch
)

// steps are the checks of [Receipt] in their order, each with the parts that a
// [*ledger.MismatchError] names when it fails; a part that ends in a space is a prefix.
var steps = []struct {
	name  string
	parts []string
}{
	{"The file is a receipt in its one canonical form", []string{"form"}},
	{"It is of the trusted chain", []string{"genesis"}},
	{"The plans are the ones the researcher named", []string{"plan"}},
	{"The researcher signed the ask", []string{"ask", "ask: signature"}},
	{"A trusted hospital signed each release, for this ask", []string{"releases", "release of ", "partial"}},
	{"Time, cost and price are what was decided and charged, within what the researcher signed", []string{"time", "cost"}},
	{"A trusted marketplace signed the statement", []string{"marketplace", "statement", "statement: signature"}},
	{"The receipt is in the marketplace's log", []string{"inclusion"}},
	{"The answer is the sum of the hospitals' vectors with the intervals of their noise", []string{"answer"}},
	{"The headers are a chain of sealed blocks from the trusted first one", []string{verify.PartTrust, verify.PartHeaders}},
	{"The log's root is on that chain, under the trusted number of confirmations", []string{
		verify.PartBlock, verify.PartAccount, verify.PartStorage, verify.PartRoot,
	}},
}

// anchored is how many of the steps are about the anchor.
const anchored = 2

// Steps lists the checks of a receipt for which [Receipt] returned err, and what
// came of each.
func Steps(err error) []Step {
	out := make([]Step, len(steps))
	for i, s := range steps {
		out[i].Name = s.name
	}
	failed := failedStep(err)
	for i := range out {
		switch {
		case err == nil, errors.Is(err, ErrPending) && i < len(out)-anchored:
			out[i].State = StateMatches
		case errors.Is(err, ErrPending):
			out[i].State = StatePending
		case i < failed:
			out[i].State = StateMatches
		case i == failed:
			out[i].State, out[i].Err = StateMismatch, err
		}
	}
	return out
}

// failedStep is the number of the step that err is of; the first if it is of
// none that is known, so that nothing passes by mistake.
func failedStep(err error) int {
	var m *ledger.MismatchError
	if !errors.As(err, &m) {
		return 0
	}
	for i, s := range steps {
		for _, part := range s.parts {
			if m.Part == part || (strings.HasSuffix(part, " ") && strings.HasPrefix(m.Part, part)) {
				return i
			}
		}
	}
	return 0
}
