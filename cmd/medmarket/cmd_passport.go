package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// shown is what a researcher shows of herself.
type shown struct {
	Passport string `help:"File of your GA4GH visas, one a line, or a JSON object with ga4gh_passport_v1 as a broker's userinfo has it, for datasets that require some (see required_visas of dataset show). With them you sign that all are about you." type:"existingfile"`
}

// passport is of the visas in the file that was named, or else of those given.
func (s shown) passport(p *person, visas []string) (*pb.Passport, error) {
	if s.Passport != "" {
		b, err := os.ReadFile(s.Passport)
		if err != nil {
			return nil, err
		}
		if visas, err = visasIn(b); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Passport, err)
		}
	}
	if len(visas) == 0 {
		return nil, nil
	}
	return p.passport(visas)
}

// passport has her sign that she is whom the visas are about.
func (p *person) passport(visas []string) (*pb.Passport, error) {
	out := &pb.Passport{Visas: visas}
	var hers []policy.Identity
	for i, v := range visas {
		id, err := passport.Claimed(v)
		if err != nil {
			return nil, fmt.Errorf("visa %d: %w", i+1, err)
		}
		if slices.Contains(hers, id) {
			continue
		}
		hers = append(hers, id)
		link, err := p.sign(ledger.KindIdentityLink, id, 0)
		if err != nil {
			return nil, err
		}
		out.Links = append(out.Links, link)
	}
	return out, nil
}

type grantVisaCommand struct {
	access
	outcome
	Grant   ledger.Hash `arg:"" help:"Id of the grant."`
	Dataset string      `help:"Dataset of the grant." required:""`
}

func (c *grantVisaCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewVisaServiceClient(p.market).CreateVisa(e.ctx, &pb.CreateVisaRequest{Grant: c.Grant[:], Dataset: c.Dataset})
		if err != nil {
			return err
		}
		fmt.Fprintf(e.stderr, "good until %s\n", instant(r.GetExpiresAt()))
		return c.say(e, map[string]any{"visa": r.GetVisa(), "until": r.GetExpiresAt()}, "%s", r.GetVisa())
	})
}

func visasIn(b []byte) ([]string, error) {
	if !strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		return strings.Fields(string(b)), nil
	}
	var claims struct {
		Visas []string `json:"ga4gh_passport_v1"`
	}
	if err := json.Unmarshal(b, &claims); err != nil {
		return nil, err
	}
	return claims.Visas, nil
}
