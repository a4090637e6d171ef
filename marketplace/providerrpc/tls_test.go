package providerrpc_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// untouched fails if a call reached the node.
func (w *world) untouched(t *testing.T) {
	t.Helper()
	if n := w.store.reads.Load(); n != 0 {
		t.Errorf("the node read its store %d times", n)
	}
}

func TestPinnedPairWorks(t *testing.T) {
	w := newWorld(t)
	_, err := w.link().Describe(t.Context())
	ok(t, err)
	if w.store.reads.Load() == 0 {
		t.Error("the node was not asked")
	}
}

func TestG1OnlyThePinnedMarketplaceGetsIn(t *testing.T) {
	w := newWorld(t)
	for name, h := range map[string]*providerrpc.Hospital{
		"another marketplace":    w.dial(identity(t, "marketplace"), w.node.Fingerprint()),
		"the node itself":        w.dial(w.node, w.node.Fingerprint()),
		"another node is wanted": w.dial(w.market, identity(t, "hospital").Fingerprint()),
		"no node is wanted":      w.dial(w.market, ledger.Hash{}),
	} {
		if _, err := h.Describe(t.Context()); !errors.Is(err, marketplace.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", name, err, marketplace.ErrUnavailable)
		}
		if err := h.Decide(t.Context(), w.Question("one", w.Approve(w.Grant()), w.Query(1000), nil)); !errors.Is(err, marketplace.ErrUnavailable) {
			t.Errorf("%s, to decide: got %v, want %v", name, err, marketplace.ErrUnavailable)
		}
		if _, err := h.Charged(t.Context(), ledger.Hash{1}); !errors.Is(err, marketplace.ErrUnavailable) {
			t.Errorf("%s, whether it charged: got %v, want %v", name, err, marketplace.ErrUnavailable)
		}
	}
	w.untouched(t)
}

// Clients that are not ours: each lacks one thing of the pinned pair, and gets nothing of any method that there is.
func TestForeignClientsAreRefused(t *testing.T) {
	w := newWorld(t)
	market := pemOf(t, "marketplace")
	pair, err := tls.X509KeyPair(market, market)
	ok(t, err)
	foreign := pemOf(t, "marketplace")
	chained, err := tls.X509KeyPair(foreign, foreign)
	ok(t, err)
	chained.Certificate = append(chained.Certificate, pair.Certificate[0])
	stolen := tls.Certificate{Certificate: pair.Certificate, PrivateKey: chained.PrivateKey}
	w.market, err = providerrpc.ParseIdentity(market)
	ok(t, err)
	w.serve() // anew, with a marketplace whose key this test has

	with := func(c *tls.Config) credentials.TransportCredentials {
		c.InsecureSkipVerify = true
		return credentials.NewTLS(c)
	}
	for name, c := range map[string]struct {
		credentials credentials.TransportCredentials
		admitted    bool
	}{
		"pinned certificate":         {with(&tls.Config{Certificates: []tls.Certificate{pair}}), true},
		"no certificate":             {with(&tls.Config{}), false},
		"pinned second in the chain": {with(&tls.Config{Certificates: []tls.Certificate{chained}}), false},
		"pinned, without its key":    {with(&tls.Config{Certificates: []tls.Certificate{stolen}}), false},
		"pinned, in TLS 1.2":         {with(&tls.Config{Certificates: []tls.Certificate{pair}, MaxVersion: tls.VersionTLS12}), false},
		"no TLS":                     {insecure.NewCredentials(), false},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.store.reads.Load()
			conn, err := grpc.NewClient(w.address, grpc.WithTransportCredentials(c.credentials))
			ok(t, err)
			defer conn.Close()
			for _, method := range pb.ProviderNodeService_ServiceDesc.Methods {
				err := conn.Invoke(t.Context(), "/"+pb.ProviderNodeService_ServiceDesc.ServiceName+"/"+method.MethodName, &emptypb.Empty{}, &emptypb.Empty{})
				if (status.Code(err) != codes.Unavailable) != c.admitted {
					t.Errorf("%s: got %v; admitted should be %v", method.MethodName, err, c.admitted)
				}
			}
			if asked := w.store.reads.Load() > before; asked != c.admitted {
				t.Errorf("the node was asked: %v; admitted should be %v", asked, c.admitted)
			}
		})
	}
}

func TestIdentity(t *testing.T) {
	b := pemOf(t, "hospital")
	one, err := providerrpc.ParseIdentity(b)
	ok(t, err)
	again, err := providerrpc.ParseIdentity(b)
	ok(t, err)
	block, _ := pem.Decode(b)
	if one.Fingerprint() != again.Fingerprint() || one.Fingerprint() != ledger.HashBytes(block.Bytes) {
		t.Error("the fingerprint is not the SHA-256 of the certificate")
	}
	if other := identity(t, "hospital"); other.Fingerprint() == one.Fingerprint() {
		t.Error("two identities have one fingerprint")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	ok(t, err)
	if c.Subject.CommonName != "hospital" {
		t.Errorf("name is %q", c.Subject.CommonName)
	}
	key := bytes.Index(b, []byte("-----BEGIN PRIVATE KEY"))
	for name, wrong := range map[string][]byte{"nothing": nil, "text": []byte("text"), "no key": b[:key], "no certificate": b[key:], "cut short": b[:len(b)-40]} {
		if _, err := providerrpc.ParseIdentity(wrong); err == nil {
			t.Errorf("%s passes for an identity", name)
		}
	}
}
