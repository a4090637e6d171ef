package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/marketplace/server"
)

// What net/http cannot read is refused in JSON with a reason too, and the
// connection ends there; a request that can be read is answered as ever.
func TestUnreadableHTTP(t *testing.T) {
	w := newWeb(t)
	table := server.Documented(t)
	const right = "GET /v1/register/anchor HTTP/1.1\r\nHost: medmarket\r\n"
	for name, c := range map[string]struct{ request, reason string }{
		"a path that is no path":            {"GET /v1/%zz HTTP/1.1\r\nHost: medmarket\r\n\r\n", "MALFORMED"},
		"a blank in the path":               {"GET /v1/patient 471108154711 HTTP/1.1\r\nHost: medmarket\r\n\r\n", "MALFORMED"},
		"no version":                        {"GET /v1/grants\r\n\r\n", "MALFORMED"},
		"a version to come":                 {"GET /v1/grants HTTP/9.9\r\nHost: medmarket\r\n\r\n", "MALFORMED"},
		"no host":                           {"GET /v1/grants HTTP/1.1\r\n\r\n", "MALFORMED"},
		"a header without a colon":          {right + "patient 471108154711\r\n\r\n", "MALFORMED"},
		"an encoding that it does not know": {right + "Transfer-Encoding: patient471108154711\r\n\r\n", "MALFORMED"},
		"headers without end":               {right + strings.Repeat("X-Patient: 471108154711\r\n", 2000) + "\r\n", "MESSAGE_TOO_LARGE"},
		"a right one":                       {right + "Connection: close\r\n\r\n", ""},
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.marketURL, "http://"))
		ok(t, err)
		_, err = io.WriteString(conn, c.request)
		ok(t, err)
		got, err := http.ReadResponse(bufio.NewReader(conn), nil)
		ok(t, err)
		body, err := io.ReadAll(got.Body)
		ok(t, err)
		ok(t, errors.Join(got.Body.Close(), conn.Close()))
		err = statusOf(t, httpAnswer{got.Status, got.StatusCode, got.Header}, body)
		want := "200"
		if c.reason != "" {
			want = table[c.reason].HTTP
		}
		if reason(err) != c.reason || fmt.Sprint(got.StatusCode) != want || got.Header.Get("Content-Type") != "application/json" || !got.Close {
			t.Errorf("%s: got %s, reason %q, headers %v; want %s %q", name, got.Status, reason(err), got.Header, want, c.reason)
		}
	}
	if log := w.log.String(); strings.Contains(log, "471108154711") || !strings.Contains(log, "REST unread") {
		t.Errorf("the log says %s", log)
	}
}
