package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/server"
)

// reached is how servers are reached: plainly on this machine, and by TLS elsewhere, whatever a file says.
type reached struct {
	CA string `help:"PEM file of the authorities that vouch for servers elsewhere, which are spoken to by TLS only; default: whom this machine trusts." name:"ca" type:"existingfile" env:"MEDMARKET_CA"`
}

// network reads a network.json whose servers are reached so.
func (r reached) network(path string) (network, error) {
	n, err := readNetwork(path)
	if err != nil || r.CA == "" {
		return n, err
	}
	b, err := os.ReadFile(r.CA)
	if err != nil {
		return n, err
	}
	n.roots = x509.NewCertPool()
	if !n.roots.AppendCertsFromPEM(b) {
		return n, fmt.Errorf("%s: no certificate in PEM", r.CA)
	}
	return n, nil
}

// dial connects to the server of the party with the given address. Requests are signed.
func (n network) dial(address string, key *ledger.Key, party ledger.Address, more ...grpc.DialOption) (*grpc.ClientConn, error) {
	by := insecure.NewCredentials()
	if !here(address) {
		by = credentials.NewTLS(n.tls())
	}
	return grpc.NewClient(address, append(more,
		grpc.WithTransportCredentials(by),
		grpc.WithChainUnaryInterceptor(reaching(address), patiently, server.SignRequests(key, n.Trust.Domain(), party)),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply)))...)
}

func (n network) tls() *tls.Config {
	return &tls.Config{RootCAs: n.roots, MinVersion: tls.VersionTLS12}
}

// client is what REST is spoken with.
func (n network) client() *http.Client {
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: n.tls(), ForceAttemptHTTP2: true}}
}

// scheme is how the HTTP server at host:port is reached.
func scheme(address string) string {
	if here(address) {
		return "http"
	}
	return "https"
}

// here reports whether host:port is on this machine: a loopback address or localhost, which no resolver may say is elsewhere (RFC 6761).
func here(address string) bool {
	return loopback(address) == nil
}
