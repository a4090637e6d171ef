package main

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/institution"
	"github.com/medmarket/medmarket/marketplace/server"
)

// vouchable are the words for roles that an institution may vouch for.
var vouchable = map[string]ledger.Role{
	"researcher": ledger.RoleResearcher, "committee": ledger.RoleCommittee, "steward": ledger.RoleSteward,
}

// readInstitutions reads what --oidc names: nil for none; with the names of the organisations that they vouch for.
func readInstitutions(file string) (_ server.Institutions, organisations []string, _ error) {
	if file == "" {
		return nil, nil, nil
	}
	var d struct {
		Issuers []struct {
			Issuer   string `json:"issuer"`
			ClientID string `json:"client_id"`
			Rules    []struct {
				Claim        string `json:"claim"`
				Value        string `json:"value"`
				Role         string `json:"role"`
				Organisation string `json:"organisation"`
			} `json:"rules"`
			People map[string]ledger.Address `json:"people"`
		} `json:"issuers"`
	}
	if err := readDocument(file, &d); err != nil {
		return nil, nil, err
	}
	var cfg institution.Config
	for _, i := range d.Issuers {
		one := institution.Issuer{URL: i.Issuer, ClientID: i.ClientID, People: i.People}
		for _, r := range i.Rules {
			if r.Organisation == "" {
				return nil, nil, fmt.Errorf("%s: a rule of %s names no organisation", file, i.Issuer)
			}
			organisations = append(organisations, r.Organisation)
			one.Rules = append(one.Rules, institution.Rule{
				Claim: r.Claim, Value: r.Value, Role: vouchable[r.Role], Organisation: organisation(r.Organisation),
			})
		}
		cfg.Issuers = append(cfg.Issuers, one)
	}
	all, err := institution.New(cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, organisations, nil
}
