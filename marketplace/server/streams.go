package server

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Server-sent events: what GetLive returns, again when it has changed. Each stream is the request that asked for it, so that
// there is nothing to run or to wait for besides.

const (
	livePath     = "/v1/live"
	liveMethod   = pb.LiveService_GetLive_FullMethodName
	eventStream  = "text/event-stream"
	repeatEvery  = 15 * time.Second // also without a change, so that nobody in between takes the stream for dead
	eventWithin  = 10 * time.Second // for what is sent to be taken
	maxStreams   = 500              // at once
	maxKeyStream = 4                // of one key
)

// streams bounds how many there are, and ends them.
type streams struct {
	services *services
	stop     chan struct{} // closed when the server shuts down
	stopOnce sync.Once

	mu   sync.Mutex
	open int
	of   map[ledger.Address]int
}

func newStreams(s *services) *streams {
	return &streams{services: s, stop: make(chan struct{}), of: map[ledger.Address]int{}}
}

// end ends all streams, which a server that shuts down would wait for.
func (s *streams) end() { s.stopOnce.Do(func() { close(s.stop) }) }

// wanted reports whether a request is for a stream of this server's.
func (s *streams) wanted(r *http.Request) bool {
	_, has := s.services.methods[liveMethod]
	return has && r.Method == http.MethodGet && r.URL.Path == livePath && r.Header.Get("Accept") == eventStream
}

// take makes room for a stream of a key; give gives it back.
func (s *streams) take(key ledger.Address) (give func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= maxStreams || s.of[key] >= maxKeyStream {
		return nil, &limitError{repeatEvery}
	}
	s.open++
	s.of[key]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if s.of[key]--; s.of[key] == 0 {
			delete(s.of, key)
		}
	}, nil
}

// serve sends events until the request ends, or who sent it may see them no longer. An error says why there is no stream.
func (s *streams) serve(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	now := &pb.GetLiveResponse{}
	if err := s.services.Invoke(ctx, liveMethod, &pb.GetLiveRequest{}, now); err != nil { // it passes the edge as any call does
		return err
	}
	who, _ := verifiedCaller(ctx)
	give, err := s.take(who.key)
	if err != nil {
		return s.services.edge.answer(ctx, liveMethod, s.services.edge.cfg.Now(), err)
	}
	defer give()
	w.Header().Set("Content-Type", eventStream)
	out := http.NewResponseController(w)
	for sent := time.Now(); send(w, out, now) == nil; sent = time.Now() {
		if now, err = s.changed(r, who, now, sent); err != nil {
			return nil // it has begun, and ends
		}
	}
	return nil
}

// changed waits for the full second in which things stand otherwise than they were sent, or for when they are to be sent again.
func (s *streams) changed(r *http.Request, who verified, before *pb.GetLiveResponse, sent time.Time) (*pb.GetLiveResponse, error) {
	for {
		next := time.NewTimer(time.Until(time.Now().Truncate(time.Second).Add(time.Second)))
		select {
		case <-r.Context().Done():
			next.Stop()
			return nil, r.Context().Err()
		case <-s.stop:
			next.Stop()
			return nil, http.ErrServerClosed
		case <-next.C:
		}
		now, err := s.look(r, who)
		if err != nil || !proto.Equal(now, before) || time.Since(sent) >= repeatEvery {
			return now, err
		}
	}
}

// look is GetLive for who has passed the edge before, if her session and her role are still what they were.
func (s *streams) look(r *http.Request, who verified) (*pb.GetLiveResponse, error) {
	e := s.services.edge
	if _, shown, err := e.session(r.Header.Values); shown && err != nil {
		return nil, err
	}
	ctx, err := admit(r.Context(), liveMethod, who, e.cfg.Participant)
	if err != nil {
		return nil, err
	}
	m := s.services.methods[liveMethod]
	out, err := m.handle(m.impl, ctx, func(any) error { return nil }, nil)
	if err != nil {
		return nil, err
	}
	return out.(*pb.GetLiveResponse), nil // by its signature
}

func send(w http.ResponseWriter, out *http.ResponseController, now *pb.GetLiveResponse) error {
	b, err := strictJSON().Marshal(now)
	if err != nil {
		return err
	}
	if err := out.SetWriteDeadline(time.Now().Add(eventWithin)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "event: live\ndata: %s\n\n", b); err != nil {
		return err
	}
	return out.Flush()
}
