package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// lines are the server's log, one map a line.
func (w *world) lines() (all []map[string]any) {
	w.tb.Helper()
	for line := range strings.Lines(w.log.String()) {
		var m map[string]any
		ok(w.tb, json.Unmarshal([]byte(line), &m))
		all = append(all, m)
	}
	return all
}

// G1, G7: the log says that there was a request, and nothing of what was in it.
func TestG1LogHasNoContent(t *testing.T) {
	w := newWorld(t)
	methods := slices.Sorted(maps.Keys(matrix))
	// After these the grant is suspended, and the patient has another key.
	for _, last := range []string{pb.GrantService_ChangeGrant_FullMethodName, pb.PatientService_ChangeKey_FullMethodName} {
		methods = append(slices.DeleteFunc(methods, func(m string) bool { return m == last }), last)
	}
	for _, method := range methods {
		r := matrix[method]
		for _, name := range []string{r.caller(), otherSteward, anonymous} {
			_ = w.call(name, method, r.request(w, name)) // refused or not, it is logged
		}
	}
	lines := w.lines()
	if len(lines) < 3*len(matrix) {
		t.Fatalf("%d lines for %d requests", len(lines), 3*len(matrix))
	}
	for _, line := range lines {
		if diff := cmp.Diff([]string{"code", "level", "method", "msg", "request", "time", "took"}, slices.Sorted(maps.Keys(line))); diff != "" {
			t.Errorf("attributes of a line (-want +got):\n%s", diff)
		}
		if line["msg"] != "request" || line["level"] != "INFO" {
			t.Errorf("line says %v at level %v", line["msg"], line["level"])
		}
	}
	for _, k := range w.keys {
		if strings.Contains(w.log.String(), k.Address().String()) {
			t.Errorf("the log names an address:\n%s", w.log)
		}
	}
}

var internal = regexp.MustCompile(`^internal error; request ([0-9a-f]{16})$`)

// What goes wrong inside is told to nobody but the log, where the request id
// that the caller got leads to it.
func TestUnknownErrorIsOpaque(t *testing.T) {
	for name, c := range map[string]struct {
		fail    func(string) error
		logged  string
		missing string
	}{
		"error":              {fail: func(string) error { return errors.New("dial tcp 10.0.0.7") }, logged: "dial tcp 10.0.0.7"},
		"panic with a value": {fail: func(string) error { panic("patient 471108154711") }, logged: "panic: string", missing: "471108154711"},
		"panic of the runtime": {
			fail:   func(s string) error { return fmt.Errorf("%v", [1]byte([]byte(s)[:0])) },
			logged: "cannot convert slice with length 0",
		},
	} {
		for _, where := range []string{"Participant", "Escrow"} { // before the handler and in it
			t.Run(name+" in "+where, func(t *testing.T) {
				w := newWorld(t)
				w.chain.Fail = func(method string) error {
					if method != where {
						return nil
					}
					return c.fail(method)
				}
				err := w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
				said := internal.FindStringSubmatch(status.Convert(err).Message())
				if reason(err) != "INTERNAL" || said == nil {
					t.Fatalf("the caller was told %q (%v)", reason(err), err)
				}
				line := w.lines()[0]
				if line["request"] != said[1] || line["level"] != "ERROR" || !strings.Contains(fmt.Sprint(line["err"]), c.logged) {
					t.Errorf("logged %v for request %s", line, said[1])
				}
				if c.missing != "" && strings.Contains(w.log.String(), c.missing) {
					t.Errorf("logged %v", line)
				}
				w.chain.Fail = nil
				ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{}))
			})
		}
	}
}

// Where a hospital is, and what the network says of it, is not for researchers.
func TestUnavailableHospitalIsOpaque(t *testing.T) {
	w := newWorld(t)
	w.link.Break = func() error { return fmt.Errorf("%w: dial tcp 10.0.0.7", marketplace.ErrUnavailable) }
	err := w.call(researcher, pb.QueryService_Quote_FullMethodName, quote(w, researcher))
	if reason(err) != "HOSPITAL_UNAVAILABLE" || status.Convert(err).Message() != marketplace.ErrUnavailable.Error() {
		t.Errorf("the caller was told %q (%v)", reason(err), err)
	}
	if line := w.lines()[0]; !strings.Contains(fmt.Sprint(line["err"]), "10.0.0.7") {
		t.Errorf("logged %v", line)
	}
}

func TestNewWantsItsFields(t *testing.T) {
	w := newWorld(t)
	right := server.Config{Origin: origin, Domain: w.Domain, Participant: w.chain.Participant, Log: slog.New(slog.DiscardHandler)}
	for name, change := range map[string]func(*server.Config){
		"Domain":      func(c *server.Config) { c.Domain = ledger.Domain{} },
		"Participant": func(c *server.Config) { c.Participant = nil },
		"Log":         func(c *server.Config) { c.Log = nil },
		"Origin":      func(c *server.Config) { c.Origin = "" },
		"a host only": func(c *server.Config) { c.Origin = "https://medmarket.example/" },
	} {
		cfg := right
		change(&cfg)
		if _, err := server.NewMarket(cfg, w.market); err == nil {
			t.Errorf("a marketplace's server without %s", name)
		}
		if _, err := server.NewProvider(cfg, w.Node, w.index); err == nil {
			t.Errorf("a hospital's server without %s", name)
		}
	}
	if _, err := server.NewMarket(right, nil); err == nil {
		t.Error("a server without a marketplace")
	}
	if _, err := server.NewProvider(right, nil, w.index); err == nil {
		t.Error("a server without a node")
	}
	if _, err := server.NewMarket(right, w.market); err != nil {
		t.Error(err)
	}
}
