package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// withReason is an error of the API.
func withReason(t *testing.T, reason string, meta map[string]string) error {
	t.Helper()
	s, err := status.New(codes.PermissionDenied, "so it is").WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "medmarket", Metadata: meta})
	must(t, err)
	return s.Err()
}

func TestErrorsInWords(t *testing.T) {
	refused := withReason(t, "REFUSED", map[string]string{"reasons": "GRANT_MISSING,COLUMN_NOT_RELEASED"})
	for name, c := range map[string]struct {
		err   error
		wants []string
	}{
		"a refusal": {refused, []string{
			"REFUSED: so it is\n", "\n  GRANT_MISSING: " + policy.Explain(policy.ReasonGrantMissing), finality,
			"\n  COLUMN_NOT_RELEASED: " + policy.Explain(policy.ReasonColumnNotReleased) + " Ask without the columns",
		}},
		"not registered":       {withReason(t, "FORBIDDEN", nil), []string{"FORBIDDEN: so it is\n", finality}},
		"what to do":           {withReason(t, "UNKNOWN_DATASET", nil), []string{"UNKNOWN_DATASET: so it is\n  Choose a dataset out of `medmarket dataset list`."}},
		"no error of the API":  {errors.New("disk full"), []string{"disk full"}},
		"a contract's refusal": {refusedByContract(fmt.Errorf("escrowing: %w", &eth.RefusedError{Refusal: eth.InsufficientCredit, Values: "credit 1, wanted 2"})), []string{"less free credit", "InsufficientCredit (credit 1, wanted 2)"}},
	} {
		got := explain(c.err).Error()
		for _, want := range c.wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: says %q, without %q", name, got, want)
			}
		}
		if strings.Contains(got, "rpc error") || strings.HasSuffix(got, "\n") {
			t.Errorf("%s: says %q", name, got)
		}
	}
	for n, name := range pb.ErrorReason_name { // none leaves people without
		if reason := strings.TrimPrefix(name, "ERROR_REASON_"); n != 0 && !strings.Contains(explain(withReason(t, reason, nil)).Error(), "so it is\n  ") {
			t.Errorf("%s: nobody is told what to do", reason)
		}
	}
}

// Whoever is not there is named, in place of what the transport says.
func TestUnreachableServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	nobody := l.Addr().String()
	must(t, l.Close())
	dir := t.TempDir()
	a := access{Network: filepath.Join(dir, "network.json"), Key: filepath.Join(dir, "her.key")}
	_, err = openKey(a.Key)
	must(t, err)
	one := []ledger.Address{{1}}
	must(t, writeJSON(a.Network, network{
		Trust:     verifier.Trust{ChainID: 1, Genesis: ledger.Hash{1}, Confirmations: 1, Marketplaces: one, Providers: one},
		Contracts: eth.Addresses{Registry: one[0], WorkBudget: one[0], Grants: one[0], Anchors: one[0]},
		Chain:     "http://" + nobody, Marketplace: nobody, Hospital: nobody, MarketplaceHTTP: nobody, HospitalHTTP: nobody,
	}))
	for name, c := range map[string]struct {
		command interface{ Run(*env) error }
		want    string
	}{
		"gRPC":     {&datasetListCommand{access: a}, "cannot reach the server at " + nobody},
		"hospital": {&preferWithdrawCommand{access: a}, "cannot reach the server at " + nobody},
		"REST":     {&restCommand{keyless: keyless(a), Verb: "GET", Path: "/v1/grants"}, "cannot reach the server at " + nobody},
		"chain":    {&creditClaimCommand{access: a}, "cannot reach the chain at http://" + nobody},
	} {
		err := c.command.Run(quietEnv(t))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.Error(), "medmarket serve") {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A connection that breaks during a call is not one that never was.
func TestLostConnection(t *testing.T) {
	cut := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return errCut }
	err := explain(reaching("there:7101")(t.Context(), "m", nil, nil, nil, cut))
	if err.Error() != "lost the connection to the server at there:7101" || status.Code(err) != codes.Unavailable {
		t.Errorf("says %q, code %v", err, status.Code(err))
	}
	for _, other := range []error{nil, withReason(t, "HOSPITAL_UNAVAILABLE", nil), context.DeadlineExceeded} {
		same := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return other }
		if got := reaching("there")(t.Context(), "m", nil, nil, nil, same); !errors.Is(got, other) {
			t.Errorf("%v became %v", other, got)
		}
	}
}

// G5: an ask is thrown away only when nothing was charged for it, and only by a
// refusal that says so; every reason of the API is decided on.
func TestG5SettledAsks(t *testing.T) {
	first := map[string]bool{ // kept when it was sent for the first time
		"TIMED_OUT": true, "HOSPITAL_UNAVAILABLE": true, "QUERY_FAILED": true, "INTERNAL": true, "REQUEST_REPLAYED": true,
	}
	again := map[string]bool{ // kept besides, when it was sent before
		"UNAUTHENTICATED": true, "REQUEST_STALE": true, "TOO_MANY_REQUESTS": true, "FORBIDDEN": true, "WRONG_SIGNATURE": true,
		"MESSAGE_TOO_LARGE": true, "UNKNOWN_PATH": true,
	}
	for n, name := range pb.ErrorReason_name {
		reason := strings.TrimPrefix(name, "ERROR_REASON_")
		if n == 0 {
			continue
		}
		err := withReason(t, reason, nil)
		if got := !settled(err, false); got != first[reason] {
			t.Errorf("%s: kept when sent for the first time: %t", reason, got)
		}
		if got := !settled(err, true); got != (first[reason] || again[reason]) {
			t.Errorf("%s: kept when sent again: %t", reason, got)
		}
	}
	for _, err := range []error{errCut, context.Canceled, &unreachableError{"x", true, errCut}} {
		if settled(err, false) || settled(err, true) {
			t.Errorf("%v: thrown away", err)
		}
	}
}
