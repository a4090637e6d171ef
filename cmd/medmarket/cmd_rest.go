package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/server"
)

// restTimeout is how long a REST call may take: some wait for a block.
const restTimeout = 5 * time.Minute

// restCommand signs and sends one REST request, or prints it for curl.
type restCommand struct {
	keyless
	Verb     string `arg:"" help:"GET or POST." enum:"GET,POST"`
	Path     string `arg:"" help:"Path with its query, such as /v1/datasets. Addresses and hashes may be 0x and hex digits."`
	Body     string `help:"File with the JSON body." type:"existingfile"`
	Hospital bool   `help:"Ask the hospital instead of the marketplace."`
	Token    string `help:"File with the token of a session, which is sent instead of a signature." type:"existingfile" xor:"how"`
	Curl     bool   `help:"Print the signed request as a curl command instead of sending it; it is good for a minute, once." xor:"how"`
}

func (c *restCommand) Run(e *env) error {
	n, err := c.network(c.Network)
	if err != nil {
		return err
	}
	var key *ledger.Key
	if c.Token == "" {
		if c.Key == "" {
			return &exitError{exitUsage, errors.New("name your key by --key, or the token of a session by --token")}
		}
		if key, err = readKey(c.Key); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(e.ctx, restTimeout)
	defer cancel()
	r, body, err := c.request(ctx, n, key)
	if err != nil {
		return err
	}
	if c.Curl {
		_, err = fmt.Fprintln(e.stdout, c.curl(r))
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	return send(e, r, n.client())
}

// request makes the request and signs it, or shows a session in it.
func (c *restCommand) request(ctx context.Context, n network, key *ledger.Key) (r *http.Request, body []byte, err error) {
	host, party := n.MarketplaceHTTP, n.Trust.Marketplaces[0]
	if c.Hospital {
		host, party = n.HospitalHTTP, n.Trust.Providers[0]
	}
	target, err := url.ParseRequestURI(c.Path)
	if err != nil || !strings.HasPrefix(c.Path, "/") {
		return nil, nil, &exitError{exitUsage, fmt.Errorf("%s is not a path", c.Path)}
	}
	target.Scheme, target.Host = scheme(host), host
	if c.Body != "" {
		if body, err = os.ReadFile(c.Body); err != nil {
			return nil, nil, err
		}
	}
	if r, err = http.NewRequestWithContext(ctx, c.Verb, target.String(), nil); err != nil {
		return nil, nil, err
	}
	if c.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		token, err := readSecret(c.Token)
		r.Header.Set("Authorization", "Bearer "+token)
		return r, body, err
	}
	return r, body, server.SignHTTP(r, body, key, n.Trust.Domain(), party)
}

// curl writes r as a command for a POSIX shell.
func (c *restCommand) curl(r *http.Request) string {
	var b strings.Builder
	b.WriteString("curl -sS -X " + r.Method)
	names := make([]string, 0, len(r.Header))
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString(" \\\n  -H " + quote(name+": "+r.Header.Get(name)))
	}
	if c.CA != "" {
		b.WriteString(" \\\n  --cacert " + quote(c.CA))
	}
	if c.Body != "" {
		b.WriteString(" \\\n  --data-binary " + quote("@"+c.Body))
	}
	b.WriteString(" \\\n  " + quote(r.URL.String()))
	return b.String()
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// send prints the answer, indented; an error of the API comes back with its
// reason code.
func send(e *env, r *http.Request, client *http.Client) error {
	answer, err := client.Do(r)
	if err != nil {
		return dialled("the server at "+r.URL.Host, err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxReply))
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return refusal(answer.Status, b)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	_, err = fmt.Fprintln(e.stdout, out.String())
	return err
}

// refusal is the error in a google.rpc.Status.
func refusal(status string, body []byte) error {
	var s struct {
		Message string `json:"message"`
		Details []struct {
			Reason   string            `json:"reason"`
			Metadata map[string]string `json:"metadata"`
		} `json:"details"`
	}
	if json.Unmarshal(body, &s) != nil || len(s.Details) == 0 || s.Details[0].Reason == "" {
		return errors.New(status)
	}
	return inWords(s.Details[0].Reason, s.Message, s.Details[0].Metadata["reasons"])
}
