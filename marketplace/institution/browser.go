package institution

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Browser is a sign-in at an institution in the person's own browser: authorisation code with PKCE, back to a loopback address
// (RFC 8252, RFC 7636).
type Browser struct {
	Issuer   string            // required
	ClientID string            // required
	Secret   string            // default none, which is what programs on people's machines have
	Nonce    string            // required: of the server that the token is for
	Scopes   []string          // default openid only
	Show     func(url string)  // required: has her open the address
	Base     http.RoundTripper // default http.DefaultTransport
}

// redirectPath is where she comes back to.
const redirectPath = "/callback"

// SignIn waits until she has signed in, or ctx ends, and returns her ID token, which is for the server to check.
func (b Browser) SignIn(ctx context.Context) (token string, err error) {
	ctx = oidc.ClientContext(ctx, newClient(b.Base))
	p, err := oidc.NewProvider(ctx, b.Issuer)
	if err != nil {
		return "", err
	}
	for _, address := range []string{p.Endpoint().AuthURL, p.Endpoint().TokenURL} {
		if !secure(address) {
			return "", fmt.Errorf("%s: an address to sign in at does not begin with https", b.Issuer)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	cfg := oauth2.Config{
		ClientID: b.ClientID, ClientSecret: b.Secret, Endpoint: p.Endpoint(), RedirectURL: "http://" + l.Addr().String() + redirectPath,
		Scopes: append([]string{oidc.ScopeOpenID}, b.Scopes...),
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	b.Show(cfg.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier), oidc.Nonce(b.Nonce)))
	code, err := receive(ctx, l, state)
	if err != nil {
		return "", err
	}
	answer, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", err
	}
	token, ok := answer.Extra("id_token").(string)
	if !ok {
		return "", errors.New("the institution sent no ID token")
	}
	return token, nil
}

// outcome is how she came back.
type outcome struct {
	code string
	err  error
}

// receive serves l until she comes back under that state, and returns the code that she brings.
func receive(ctx context.Context, l net.Listener, state string) (string, error) {
	back := make(chan outcome, 1)
	s := &http.Server{Handler: callback(state, back), ReadTimeout: fetchWithin, WriteTimeout: fetchWithin, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	var got outcome
	select {
	case got = <-back:
	case <-ctx.Done():
		got.err = ctx.Err()
	case err := <-ended:
		return "", err
	}
	quit, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if s.Shutdown(quit) != nil {
		got.err = errors.Join(got.err, s.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		got.err = errors.Join(got.err, err)
	}
	return got.code, got.err
}

// callback takes the first that comes under the state, which nobody else was told; others are turned away.
func callback(state string, back chan<- outcome) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+redirectPath, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
			http.Error(w, "This is not the sign-in that was begun.", http.StatusBadRequest)
			return
		}
		got := outcome{code: q.Get("code")}
		if got.code == "" {
			got.err = fmt.Errorf("the institution says %q", q.Get("error"))
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("Signed in. Go back to where you started; this page can be closed.\n")) // she has gone if it fails
		select {
		case back <- got:
		default: // a second time
		}
	})
	return mux
}
