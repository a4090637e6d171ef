package server_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// refusal is a way for a user to be refused, by a request to a running system
// whose state is as arranged.
type refusal struct {
	reason  string              // as in docs/errors.md
	policy  []policy.ReasonCode // all reasons of REFUSED
	other   bool                // in other words than the sample's, out of several that the reason has
	caller  string              // the researcher, unless it says
	method  string
	arrange func(*world)
	request func(*world) proto.Message
	headers func(map[string]string) // see sending
	twice   bool
}

// notAUsers are reasons that no request of a user is refused for, and why.
var notAUsers = map[string]string{
	"INTERNAL":           "our own fault",
	"RECORD_MISSING":     "a record that the hospital lost: TestAlteredRecords of package recordindex",
	"RECORD_ALTERED":     "a record that somebody changed: likewise",
	"RECORD_SUPERSEDED":  "a record that was amended: TestAmended of package recordindex",
	"RECORD_UNAVAILABLE": "a FHIR server that does not answer: TestServerBesideTables of package recordindex",
	"RECORD_FAULTY":      "a FHIR server that breaks the standard: likewise",
	"DECISION_DIFFERS":   "a record that somebody changed: TestReplayNamesWhatChanged of package store",
	"QUERY_FAILED":       "after the charge, which stands: TestG5FailureKeepsTheCharge of package provider",
	"TIMED_OUT":          "a minute of waiting: TestCallsEnd",
	"NO_VISAS":           "what the operator left out: TestVisasAreOfGrantsInForce of package marketplace",
	"TOO_MANY_REQUESTS":  "half a million a minute: TestNonces",
}

// TestG3EveryRefusalHasItsReasonAndChangesNothing provokes each error that a user
// can cause, over every transport: code, reason, words and the reasons of the
// policy are those of docs/errors.md, the same over each, and no row of a store,
// nothing on the chain and nothing in the engine is another afterwards, but that a hospital keeps which question it refused. With -short it provokes a quarter of them.
func TestG3EveryRefusalHasItsReasonAndChangesNothing(t *testing.T) {
	table := server.Documented(t)
	for i, name := range slices.Sorted(maps.Keys(refusals)) {
		if testing.Short() && i%4 > 0 {
			continue
		}
		c := refusals[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if c.arrange != nil {
				c.arrange(w)
			}
			request := c.request(w)
			seen := map[string]outcome{}
			for _, via := range transports {
				before := w.digest()
				caller := c.caller
				if caller == "" {
					caller = researcher
				}
				got := via.send(w, sending{caller, c.method, request, c.headers, c.twice})
				after := w.digest()
				if c.reason == "REFUSED" { // a hospital keeps what it refused
					delete(before, "hospital.db: refusals")
					delete(after, "hospital.db: refusals")
				}
				if diff := cmp.Diff(before, after); diff != "" {
					t.Errorf("%s: refused, and this changed (-before +after):\n%s", via.name, diff)
				}
				c.check(t, via.name, table[c.reason], got)
				got.http = 0
				seen[via.name] = got
			}
			for _, via := range transports[1:] {
				if seen[via.name] != seen[transports[0].name] {
					t.Errorf("over %s: %+v; over %s: %+v", via.name, seen[via.name], transports[0].name, seen[transports[0].name])
				}
			}
		})
	}
}

// check compares what was seen with the row of the table.
func (c refusal) check(t *testing.T, via string, want server.DocumentedError, got outcome) {
	t.Helper()
	var reasons []string
	for _, r := range c.policy {
		reasons = append(reasons, string(r))
	}
	if got.reason != c.reason || got.code.String() != want.Code || got.policy != strings.Join(reasons, ",") {
		t.Errorf("%s: got %v %s, policy %q (%s); want %s %s, policy %q",
			via, got.code, got.reason, got.policy, got.message, want.Code, c.reason, strings.Join(reasons, ","))
	}
	if got.http != 0 && fmt.Sprint(got.http) != want.HTTP {
		t.Errorf("%s: HTTP %d, want %s", via, got.http, want.HTTP)
	}
	if !c.other && !got.matches(want.Sample) {
		t.Errorf("%s: says %q, and the sample is %q", via, got.message, want.Sample)
	}
}

// Every reason of the API has a case that shows its sample, every reason of the
// policy one that is refused for it.
func TestEveryReasonIsProvoked(t *testing.T) {
	provoked, sampled, refused := map[string]bool{}, map[string]bool{}, map[policy.ReasonCode]bool{}
	for _, c := range refusals {
		provoked[c.reason] = true
		sampled[c.reason] = sampled[c.reason] || !c.other
		for _, r := range c.policy {
			refused[r] = true
		}
	}
	for reason := range restOnly {
		provoked[reason], sampled[reason] = true, true
	}
	var want []string
	for n, name := range pb.ErrorReason_name {
		short := strings.TrimPrefix(name, "ERROR_REASON_")
		if n != 0 && notAUsers[short] == "" {
			want = append(want, short)
		}
		if provoked[short] && !sampled[short] {
			t.Errorf("%s: no case has its sample", short)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(provoked))); diff != "" {
		t.Errorf("reasons (-of the API +provoked):\n%s", diff)
	}
	policies := policy.QueryReasons()
	slices.Sort(policies)
	if diff := cmp.Diff(policies, slices.Sorted(maps.Keys(refused))); diff != "" {
		t.Errorf("reasons of the policy (-there are +provoked):\n%s", diff)
	}
}
