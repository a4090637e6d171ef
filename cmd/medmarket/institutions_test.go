package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/medmarket/medmarket/marketplace/institution/institutiontest"
)

func TestReadInstitutions(t *testing.T) {
	const rule = `{"claim": "groups", "value": "x", "role": "researcher", "organisation": "University"}`
	for text, want := range map[string]string{
		`{"issuers": [{"issuer": "https://a.example", "client_id": "c", "rules": [` + rule + `]}]}`:                                                                   "",
		`{"issuers": [{"issuer": "https://a.example", "client_id": "c", "rules": [` + rule + `], "people": {"anna": "0x0000000000000000000000000000000000000001"}}]}`: "",
		`{"issuers": []}`: "1 to 32 issuers",
		`{"issuers": [{"issuer": "http://a.example", "client_id": "c", "rules": [` + rule + `]}]}`:                                                                "begins with https",
		`{"issuers": [{"issuer": "https://a.example", "client_id": "c", "rules": [` + strings.Replace(rule, "researcher", "operator", 1) + `]}]}`:                 "vouches for",
		`{"issuers": [{"issuer": "https://a.example", "client_id": "c", "rules": [` + strings.Replace(rule, `"University"`, `""`, 1) + `]}]}`:                     "names no organisation",
		`{"issuers": [{"issuer": "https://a.example", "client_secret": "s", "client_id": "c", "rules": [` + rule + `]}]}`:                                         "unknown field",
		`{"issuers": [{"issuer": "https://a.example", "client_id": "c", "rules": [` + rule + `], "people": {"": "0x0000000000000000000000000000000000000001"}}]}`: "missing",
	} {
		file := filepath.Join(t.TempDir(), "oidc.json")
		must(t, os.WriteFile(file, []byte(text), 0o600))
		all, named, err := readInstitutions(file)
		switch {
		case want == "" && (err != nil || len(all.Clients()) != 1 || all.Clients()[0].ID != "c" || !slices.Equal(named, []string{"University"})):
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if all, named, err := readInstitutions(""); all != nil || named != nil || err != nil {
		t.Errorf("no file: %v, %v", all, err)
	}
}

// institutionOfScripts is an institution at which scripts sign in.
type institutionOfScripts struct{ *institutiontest.Provider }

// cmdInstitution writes what an operator says of it, to oidc.json, for the organisation that is named, and the client's
// secret to secret; has the script's programs trust its certificate; and sets ISSUER: institution ORGANISATION.
func (p institutionOfScripts) cmdInstitution(ts *testscript.TestScript, _ bool, args []string) {
	b, err := json.Marshal(map[string]any{"issuers": []any{map[string]any{
		"issuer": p.Issuer(), "client_id": p.ClientID, "rules": []any{map[string]string{
			"claim": "groups", "value": "stewards", "role": "steward", "organisation": args[0],
		}},
	}}})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("oidc.json"), b, 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("secret"), []byte(p.ClientSecret+"\n"), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), p.CA(), 0o600))
	ts.Setenv("SSL_CERT_FILE", ts.MkAbs("ca.pem"))
	ts.Setenv("ISSUER", p.Issuer())
}

// cmdSignIn runs a command of medmarket that has somebody sign in, and her browser: signin SUBJECT ARG... What the command
// writes is in the files signin.out and signin.err. With ! it must fail; without, it is tried again while what it needs is not
// final on the chain.
func (p institutionOfScripts) cmdSignIn(ts *testscript.TestScript, neg bool, args []string) {
	for tries := 1; ; tries++ {
		out, said, err := p.signIn(ts, args[0], args[1:])
		ts.Check(os.WriteFile(ts.MkAbs("signin.out"), []byte(out), 0o600))
		ts.Check(os.WriteFile(ts.MkAbs("signin.err"), []byte(said), 0o600))
		switch {
		case (err != nil) == neg:
			return
		case neg || tries == 100 || !strings.Contains(said, "counts once it is final"):
			ts.Fatalf("signing in: %v\n%s", err, said)
		}
	}
}

func (p institutionOfScripts) signIn(ts *testscript.TestScript, subject string, args []string) (out, said string, err error) {
	p.Next(subject, map[string]any{"groups": []string{"stewards"}})
	program, err := exec.LookPath("medmarket")
	ts.Check(err)
	var stdout, rest strings.Builder
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout = ts.Getenv("WORK"), append(os.Environ(), "SSL_CERT_FILE="+ts.Getenv("SSL_CERT_FILE")), &stdout
	stderr, err := cmd.StderrPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, p.Issuer()) {
			p.Open(line)
			continue
		}
		rest.WriteString(line + "\n")
	}
	err = cmd.Wait()
	return stdout.String(), rest.String(), err
}
