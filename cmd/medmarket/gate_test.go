package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// gate stands before a hospital's node, under the hospital's own certificate, and does to what it answers as it is told: a
// hospital's network, or its software, in trouble.
type gate struct {
	pb.UnimplementedProviderNodeServiceServer
	node    pb.ProviderNodeServiceClient
	trouble atomic.Int32
	t       *testing.T
}

// The troubles.
const (
	noTrouble int32 = iota
	isSlow          // by five seconds
	garbles         // what it answers is no answer
	doubles         // each question reaches the node twice, and both answers come
)

// newGate opens a gate where a hospital's card says that it is, with the node behind it at another address, until the test ends.
func newGate(t *testing.T, h *elsewhere, marketplace string) *gate {
	t.Helper()
	cards, err := readHospitalCards([]string{h.card})
	must(t, err)
	h.listen = freeAddress(t)
	identity := func(dir, file string) *tls.Config {
		pem, err := os.ReadFile(filepath.Join(dir, "keys", file))
		must(t, err)
		own, err := tls.X509KeyPair(pem, pem)
		must(t, err)
		// It looks at nobody's certificate: the marketplace and the node on either side check that of whom they speak to, and the gate has both keys.
		return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}, InsecureSkipVerify: true, NextProtos: []string{"h2"}}
	}
	conn, err := grpc.NewClient(h.listen, grpc.WithTransportCredentials(credentials.NewTLS(identity(marketplace, "marketplace.pem"))))
	must(t, err)
	listener, err := net.Listen("tcp", cards[0].Endpoint)
	must(t, err)
	g := &gate{node: pb.NewProviderNodeServiceClient(conn), t: t}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(identity(h.dir, "provider.pem"))))
	pb.RegisterProviderNodeServiceServer(s, g)
	done := make(chan error, 1)
	go func() { done <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) {
			must(t, err)
		}
		must(t, conn.Close())
	})
	return g
}

func (g *gate) Describe(ctx context.Context, r *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return g.node.Describe(ctx, r)
}

func (g *gate) Decide(ctx context.Context, r *pb.DecideRequest) (*pb.DecideResponse, error) {
	return g.node.Decide(ctx, r)
}

func (g *gate) GetCharge(ctx context.Context, r *pb.GetChargeRequest) (*pb.GetChargeResponse, error) {
	return g.node.GetCharge(ctx, r)
}

func (g *gate) Release(ctx context.Context, r *pb.ReleaseRequest) (*pb.ReleaseResponse, error) {
	trouble := g.trouble.Load()
	if trouble == isSlow && !waited(ctx, 5*time.Second) {
		return nil, ctx.Err()
	}
	answer, err := g.node.Release(ctx, r)
	switch {
	case err != nil:
	case trouble == garbles:
		answer.Release = []byte(`{"release":{"vector":[1,2,3]}}`)
	case trouble == doubles:
		again, err := g.node.Release(ctx, r)
		if err == nil && !proto.Equal(again, answer) {
			g.t.Error("a hospital answers one ask in two ways")
		}
		return again, err
	}
	return answer, err
}
