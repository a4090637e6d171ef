package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/medmarket/medmarket/marketplace/institution"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// browserFor is how long somebody may take to sign in: as long as the server's nonce is good.
const browserFor = 5 * time.Minute

// browserFlags are those of signing in at an institution.
type browserFlags struct {
	Scope        []string `help:"Scopes to ask the institution for beside openid, such as groups, if it tells claims only then; repeat for more."`
	ClientSecret string   `help:"File with the client's secret, if the institution wants one even of programs on people's machines." type:"existingfile"`
}

// signIn has her sign in, in her browser, for the server behind conn. It returns her ID token and who she is there, as the
// institution says it.
func (f browserFlags) signIn(e *env, conn grpc.ClientConnInterface, issuer string) (token, subject string, err error) {
	n, err := pb.NewSessionServiceClient(conn).CreateNonce(e.ctx, &pb.CreateNonceRequest{})
	if err != nil {
		return "", "", err
	}
	i := slices.IndexFunc(n.GetInstitutions(), func(i *pb.Institution) bool { return i.GetIssuer() == issuer })
	if i < 0 {
		return "", "", fmt.Errorf("nobody signs in there by %s: its operator names it in the file of 'medmarket serve --oidc'", issuer)
	}
	secret, err := readSecret(f.ClientSecret)
	if err != nil {
		return "", "", err
	}
	ctx, cancel := context.WithTimeout(e.ctx, browserFor)
	defer cancel()
	token, err = institution.Browser{
		Issuer: issuer, ClientID: n.GetInstitutions()[i].GetClientId(), Secret: secret, Nonce: n.GetNonce(), Scopes: f.Scope,
		Show: func(address string) { fmt.Fprintf(e.stderr, "open in your browser:\n  %s\n", address) },
	}.SignIn(ctx)
	if err != nil {
		return "", "", err
	}
	subject, err = institution.Subject(token)
	return token, subject, err
}
