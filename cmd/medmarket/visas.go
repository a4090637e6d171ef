package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/medmarket/medmarket/policy/passport"
)

const (
	visaKeysEvery = time.Hour      // how often an issuer's keys are fetched
	visaKeysLast  = 24 * time.Hour // how long they are used while they cannot be
	visaKeysWait  = 10 * time.Second
)

// visaIssuers are the issuers of visas that this process trusts, and where the keys of some are.
type visaIssuers struct {
	trusted *passport.Issuers
	fetch   map[string]string // URL of the key set, by issuer
	client  *http.Client
}

// readVisaIssuers reads what --visa-issuers names: nobody for none.
func readVisaIssuers(file string) (v visaIssuers, err error) {
	if file == "" {
		return v, nil
	}
	var d struct {
		Issuers []struct {
			Issuer   string `json:"issuer"`
			JWKSURL  string `json:"jwks_url"`
			JWKSFile string `json:"jwks_file"`
		} `json:"issuers"`
	}
	if err := readDocument(file, &d); err != nil {
		return v, err
	}
	v.fetch, v.client = map[string]string{}, &http.Client{Timeout: visaKeysWait, CheckRedirect: noRedirect}
	var all []passport.Issuer
	for _, i := range d.Issuers {
		one := passport.Issuer{URL: i.Issuer, JKU: i.JWKSURL}
		if i.JWKSFile == "" {
			if u, err := url.Parse(i.JWKSURL); err != nil || u.Scheme != "https" || u.Host == "" {
				return v, fmt.Errorf("%s: %s has neither a jwks_file nor a jwks_url that begins with https", file, i.Issuer)
			}
			v.fetch[i.Issuer] = i.JWKSURL
			all = append(all, one)
			continue
		}
		path := i.JWKSFile
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		if one.Keys, err = os.ReadFile(path); err != nil {
			return v, err
		}
		all = append(all, one)
	}
	if v.trusted, err = passport.NewIssuers(all); err != nil {
		return v, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

// readVisaKey reads what --visa-key names; nil for none.
func readVisaKey(file, origin string) (*passport.Signer, error) {
	if file == "" {
		return nil, nil
	}
	if origin == "" {
		return nil, errors.New("--visa-key wants --market-origin, which names the issuer")
	}
	key, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s, err := passport.NewSigner(strings.TrimSuffix(origin, "/"), key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// noRedirect keeps to the address that the operator named.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// run fetches keys until ctx ends: at once, and then again and again. Until they are there, and when they could not be
// fetched for a day, their issuer is believed in nothing.
func (v visaIssuers) run(ctx context.Context, log *slog.Logger) {
	if len(v.fetch) == 0 {
		return
	}
	fresh := map[string]time.Time{}
	tick := time.NewTicker(visaKeysEvery)
	defer tick.Stop()
	for {
		v.renew(ctx, log, fresh)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// renew fetches all keys once. fresh is when that went well last, by issuer.
func (v visaIssuers) renew(ctx context.Context, log *slog.Logger, fresh map[string]time.Time) {
	for issuer, address := range v.fetch {
		set, err := v.get(ctx, address)
		if err == nil {
			err = v.trusted.Renew(issuer, set)
		}
		if err == nil {
			fresh[issuer] = time.Now()
			continue
		}
		log.WarnContext(ctx, "keys of an issuer of visas could not be fetched", "issuer", issuer, "err", err)
		if time.Since(fresh[issuer]) > visaKeysLast {
			v.trusted.Forget(issuer)
		}
	}
}

func (v visaIssuers) get(ctx context.Context, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := v.client.Do(r)
	if err != nil {
		return nil, err
	}
	set, err := io.ReadAll(io.LimitReader(answer.Body, passport.MaxKeySet+1))
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, answer.Status)
	}
	return set, nil
}
