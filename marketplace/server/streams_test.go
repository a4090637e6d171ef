package server_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// stream is a stream of events, of the marketplace at url, under somebody's session, until the test ends.
func (w *web) stream(url, token string) (*bufio.Reader, error) {
	w.tb.Helper()
	r := w.plain(http.MethodGet, url+"/v1/live", nil)
	r.Header.Set("Accept", "text/event-stream")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	back, err := w.client.Do(r)
	ok(w.tb, err)
	w.tb.Cleanup(func() { _ = back.Body.Close() }) // only read from
	if back.StatusCode == http.StatusOK {
		if kind := back.Header.Get("Content-Type"); kind != "text/event-stream" {
			w.tb.Errorf("Content-Type %q", kind)
		}
		return bufio.NewReader(back.Body), nil
	}
	b, err := io.ReadAll(back.Body)
	ok(w.tb, err)
	return nil, statusOf(w.tb, httpAnswer{back.Status, back.StatusCode, back.Header}, b)
}

// event reads the next event of a stream.
func event(t *testing.T, in *bufio.Reader) *pb.GetLiveResponse {
	t.Helper()
	var lines [3]string
	for i := range lines {
		line, err := in.ReadString('\n')
		ok(t, err)
		lines[i] = strings.TrimSuffix(line, "\n")
	}
	data, is := strings.CutPrefix(lines[1], "data: ")
	if lines[0] != "event: live" || !is || lines[2] != "" {
		t.Fatalf("%q is no event", lines)
	}
	out := &pb.GetLiveResponse{}
	ok(t, protojson.Unmarshal([]byte(data), out))
	return out
}

func TestStreamsOfEvents(t *testing.T) {
	w := newWeb(t)
	token := w.signInAt(researcher, w.marketAt)
	in, err := w.stream(w.marketURL, token)
	ok(t, err)
	first := event(t, in)
	w.Chain.Seal()
	w.Clock.Advance(2)
	second := event(t, in)
	if second.GetHead().GetNumber() == first.GetHead().GetNumber() {
		t.Errorf("head %d both times", first.GetHead().GetNumber())
	}
	// G3: who may not see it by GetLive sees no stream either.
	for token, want := range map[string]string{"": "UNAUTHENTICATED", strings.Repeat("A", 43): "UNAUTHENTICATED", w.signInAt(patient, w.marketAt): "FORBIDDEN"} {
		if _, err := w.stream(w.marketURL, token); reason(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := w.stream(w.clinicURL, token); reason(err) != "UNAUTHENTICATED" {
		t.Errorf("at the hospital: %v", err)
	}
	for range 3 {
		_, err = w.stream(w.marketURL, token)
		ok(t, err)
	}
	if _, err = w.stream(w.marketURL, token); reason(err) != "TOO_MANY_REQUESTS" {
		t.Errorf("a fifth stream of one key: %v", err)
	}
	// A stream ends with its session.
	ok(t, w.with(token, pb.SessionService_CloseSessions_FullMethodName, &pb.CloseSessionsRequest{}))
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("after the session there came %q, %v", rest, err)
	}
}

// A server that shuts down waits for no stream.
func TestStreamsEndWithTheServer(t *testing.T) {
	w := newWeb(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	h, done := w.marketServer.HTTP(nil), make(chan error, 1)
	go func() { done <- h.Serve(w.marketServer.Listener(l)) }()
	in, err := w.stream("http://"+l.Addr().String(), w.signInAt(committee, w.marketAt))
	ok(t, err)
	event(t, in)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	ok(t, h.Shutdown(ctx))
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 {
		t.Errorf("after the end there came %q, %v", rest, err)
	}
}
