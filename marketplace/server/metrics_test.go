package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// counted are the lines of a server's metrics that count requests.
func counted(t *testing.T, s *server.Server) (lines []string) {
	t.Helper()
	rec := httptest.NewRecorder()
	s.Metrics().ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(rec.Body.String()) {
		if strings.HasPrefix(line, "medmarket_requests_total") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

// G1: requests are counted by method and code, over gRPC and REST alike; what a
// caller makes up is not there.
func TestG1MetricsHaveNoContent(t *testing.T) {
	w := newWeb(t)
	if got := counted(t, w.marketServer); got != nil {
		t.Errorf("before any request: %q", got)
	}
	for range 2 {
		ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{}))
	}
	_, err := w.rest(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	ok(t, err)
	_ = w.call(anonymous, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})
	_ = w.sendRaw("/medmarket.v1.Patient471108154711/Get", nil)
	_ = w.sendRaw(quoteMethod, []byte("\xff471108154711"))
	w.do(w.plain("PATIENT-471108154711", w.marketURL+"/v1/grants/patient-471108154711", nil))
	want := []string{
		`medmarket_requests_total{code="InvalidArgument",method="/medmarket.v1.QueryService/Quote"} 1`,
		`medmarket_requests_total{code="OK",method="/medmarket.v1.QueryService/GetAccount"} 3`,
		`medmarket_requests_total{code="Unauthenticated",method="/medmarket.v1.QueryService/GetAccount"} 1`,
		`medmarket_requests_total{code="Unimplemented",method="REST other"} 1`,
		`medmarket_requests_total{code="Unimplemented",method="unknown"} 1`,
	}
	if got := counted(t, w.marketServer); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := counted(t, w.clinicServer); got != nil {
		t.Errorf("at the hospital: %q", got)
	}
}
