package main

import (
	"context"
	"errors"
	"net"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// liar is a marketplace that answers every question for a study with one, and keeps the steps that it gets signed.
type liar struct {
	pb.UnimplementedGrantServiceServer
	grant *pb.Grant
	taken []*pb.CreateStepRequest
}

func (l *liar) GetGrant(context.Context, *pb.GetGrantRequest) (*pb.GetGrantResponse, error) {
	return &pb.GetGrantResponse{Grant: l.grant}, nil
}

func (l *liar) ListSteps(context.Context, *pb.ListStepsRequest) (*pb.ListStepsResponse, error) {
	return &pb.ListStepsResponse{}, nil
}

func (l *liar) CreateStep(_ context.Context, r *pb.CreateStepRequest) (*pb.CreateStepResponse, error) {
	l.taken = append(l.taken, r)
	return &pb.CreateStepResponse{}, nil
}

// G2: a marketplace gets no signature about another study or document than the one that was named.
func TestG2NoStepAboutAnotherStudy(t *testing.T) {
	content, elsewhere := []byte("the study"), []byte("another study")
	named, other := ledger.HashBytes(content), ledger.HashBytes(elsewhere)
	key, err := ledger.NewKey()
	must(t, err)
	for name, c := range map[string]struct {
		study, id ledger.Hash
		content   []byte
		want      bool
	}{
		"what was named":                     {named, named, content, true},
		"another study":                      {other, other, elsewhere, false},
		"another study that has it now":      {other, named, content, false},
		"another document of the study":      {named, other, elsewhere, false},
		"what was named, under another name": {named, named, elsewhere, false},
	} {
		l := &liar{grant: &pb.Grant{Study: c.study[:], Id: c.id[:], Document: &pb.SignedDocument{Content: c.content}, Steps: 1}}
		p := &person{key: key, net: network{}, market: lyingMarket(t, l)}
		_, err := p.takeStep(t.Context(), named, review.Reject, "no", nil, nil)
		if (err == nil) != c.want || (len(l.taken) == 1) != c.want {
			t.Errorf("%s: %d signed, %v", name, len(l.taken), err)
		}
	}
	l := &liar{grant: &pb.Grant{Study: other[:], Id: other[:], Document: &pb.SignedDocument{Content: elsewhere}}}
	p := &person{key: key, net: network{}, market: lyingMarket(t, l)}
	if _, err := p.takeStep(t.Context(), named, review.Reply, "yes", nil, nil); !errors.Is(err, review.ErrOtherDocument) {
		t.Errorf("an applicant: %v", err)
	}
}

// lyingMarket is a connection to a marketplace that has only studies.
func lyingMarket(t *testing.T, l *liar) *grpc.ClientConn {
	t.Helper()
	listener, server := bufconn.Listen(1<<16), grpc.NewServer()
	pb.RegisterGrantServiceServer(server, l)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	c, err := grpc.NewClient("passthrough:liar", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	must(t, err)
	t.Cleanup(func() {
		must(t, c.Close())
		server.Stop()
		must(t, <-done)
	})
	return c
}
