package verifier_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// count says how many of the steps are in each state, and which failed.
func count(steps []verifier.Step) (n map[verifier.State]int, failed int) {
	n, failed = map[verifier.State]int{}, -1
	for i, s := range steps {
		n[s.State]++
		if s.State == verifier.StateMismatch {
			failed = i
		}
	}
	return n, failed
}

func TestSteps(t *testing.T) {
	all, _ := count(verifier.Steps(nil))
	if all[verifier.StateMatches] != 11 || len(all) != 1 {
		t.Errorf("a receipt that matches: %v", all)
	}
	pending, _ := count(verifier.Steps(verifier.ErrPending))
	if pending[verifier.StateMatches] != 9 || pending[verifier.StatePending] != 2 {
		t.Errorf("a receipt that is not anchored: %v", pending)
	}
	for part, want := range map[string]int{
		"form": 0, "genesis": 1, "plan": 2, "ask": 3, "ask: signature": 3, "releases": 4, "release of 0x00": 4, "release of 0x00: signature": 4,
		"time": 5, "cost": 5, "marketplace": 6, "statement": 6, "statement: signature": 6, "inclusion": 7, "answer": 8, verify.PartTrust: 9,
		verify.PartHeaders: 9, verify.PartBlock: 10, verify.PartAccount: 10, verify.PartStorage: 10, verify.PartRoot: 10,
		"something new": 0, "": 0,
	} {
		err := fmt.Errorf("checking: %w", &ledger.MismatchError{Part: part, Err: errors.New("is another")})
		steps := verifier.Steps(err)
		n, failed := count(steps)
		if failed != want || n[verifier.StateMatches] != want || n[verifier.StateUnchecked] != len(steps)-want-1 || !errors.Is(steps[failed].Err, err) {
			t.Errorf("%q: %v, failed %d, want %d", part, n, failed, want)
		}
	}
	if n, failed := count(verifier.Steps(errors.New("of no part"))); failed != 0 || n[verifier.StateMatches] != 0 {
		t.Errorf("an unknown error: %v", n)
	}
}

// Every part that a check names has its step: the sources are read for parts.
func TestEveryPartHasAStep(t *testing.T) {
	literal := regexp.MustCompile(`(?:Part: |mismatch\(|checkSigned\([^"\n]*, )"([^"]+)"`)
	seen := 0
	for _, file := range []string{"../../ledger/receipt.go", "verifier.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
			seen++
			_, failed := count(verifier.Steps(&ledger.MismatchError{Part: m[1], Err: errors.New("is another")}))
			if failed == 0 && m[1] != "form" {
				t.Errorf("%s: %q has no step", file, m[1])
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d parts found", seen)
	}
}

// A receipt that is altered anywhere fails at one step, and what is before it matched.
func TestStepsOfAlteredReceipts(t *testing.T) {
	g := read(t)
	if _, err := g.verify(); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(g.content); at += len(g.content) / 50 {
		altered := g
		altered.content = []byte(strings.Clone(string(g.content)))
		altered.content[at] ^= 1
		_, err := altered.verify()
		n, failed := count(verifier.Steps(err))
		if err == nil || n[verifier.StateMismatch] != 1 || n[verifier.StateMatches] != failed || n[verifier.StatePending] != 0 {
			t.Errorf("byte %d: %v, %v", at, err, n)
		}
	}
}
