package main

import (
	"context"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

func TestHere(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:7070": true, "127.8.8.8:1": true, "[::1]:7070": true, "localhost:7070": true, "hospital.example:7070": false, "10.0.0.1:7070": false,
		"localhost.example:7070": false, "0.0.0.0:7070": false, "[::]:7070": false, "127.0.0.1": false, "": false, "dns:///127.0.0.1:1": false,
	} {
		if got := here(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// A server elsewhere is spoken to by TLS, under an authority that is trusted, and gets nothing else: no signed request goes out plainly.
func TestElsewhereByTLS(t *testing.T) {
	asked := make(chan string, 9)
	service := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		asked <- "asked"
		return status.Error(codes.Unimplemented, "")
	}))
	t.Cleanup(service.Stop)
	secure := httptest.NewUnstartedServer(service)
	secure.EnableHTTP2 = true
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	served := make(chan struct{})
	go func() { defer close(served); _ = service.Serve(plain) }()
	t.Cleanup(func() { service.Stop(); <-served })

	key, err := ledger.NewKey()
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	for name, c := range map[string]struct {
		listener net.Listener
		roots    *x509.CertPool
		want     string // in the error; empty: it is asked
	}{
		"trusted":     {secure.Listener, roots, ""},
		"not trusted": {secure.Listener, x509.NewCertPool(), "by TLS only"},
		"plain":       {plain, roots, "by TLS only"},
	} {
		n := network{roots: c.roots}
		_, port, err := net.SplitHostPort(c.listener.Addr().String())
		must(t, err)
		conn, err := n.dial("passthrough:///example.com:"+port, key, ledger.Address{1}, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", c.listener.Addr().String())
		}))
		must(t, err)
		_, err = pb.NewRecordServiceClient(conn).GetIndexSecret(t.Context(), &pb.GetIndexSecretRequest{SealingKey: make([]byte, 32)})
		must(t, conn.Close())
		switch {
		case c.want == "" && (status.Code(err) != codes.Unimplemented || len(asked) != 1):
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || len(asked) != 0):
			t.Errorf("%s: %v, asked %d", name, err, len(asked))
		}
		for len(asked) > 0 {
			<-asked
		}
	}
}

// REST goes the same way.
func TestRESTElsewhere(t *testing.T) {
	c := restCommand{Verb: http.MethodGet, Path: "/v1/datasets", Hospital: true}
	key, err := ledger.NewKey()
	must(t, err)
	for host, want := range map[string]string{"127.0.0.1:1": "http://127.0.0.1:1/v1/datasets", "hospital.example:443": "https://hospital.example:443/v1/datasets"} {
		n := network{HospitalHTTP: host}
		n.Trust.Providers, n.Trust.Marketplaces = []ledger.Address{{1}}, []ledger.Address{{2}}
		r, _, err := c.request(t.Context(), n, key)
		must(t, err)
		if r.URL.String() != want {
			t.Errorf("%s: %s", host, r.URL)
		}
	}
}
