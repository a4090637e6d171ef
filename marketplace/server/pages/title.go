package pages

import (
	"context"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// titles call datasets as their stewards do, by id, as far as that was heard. A page is whole without.
type titles map[string]string

// titles are those of datasets. Nobody is asked for them: a page for everyone is no way to make hospitals work.
func (p *pages) titles(datasets ...string) titles {
	out := titles{}
	for _, dataset := range datasets {
		out[dataset] = titleOf(p.cfg.Market.LastSaid(dataset))
	}
	return out
}

// Of is a dataset by its title, if it has one, and its id.
func (t titles) Of(dataset string) string {
	if t[dataset] == "" {
		return dataset
	}
	return t[dataset] + " (" + dataset + ")"
}

// organisations are names by the fingerprint that the chain has of them: a name is right, whoever says it, or has another one.
type organisations map[ledger.Hash]string

// organisations are those that the operator names, and those that the hospitals of datasets do. A page is whole without.
func (p *pages) organisations(datasets ...string) organisations {
	out := organisations{}
	for _, name := range p.cfg.Organisations {
		out[ledger.HashBytes([]byte(name))] = name
	}
	for _, dataset := range datasets {
		profile, ok := profileOf(p.cfg.Market.LastSaid(dataset))
		if !ok {
			continue
		}
		for _, r := range profile.Recipients {
			out[ledger.HashBytes([]byte(r.Organisation))] = r.Organisation
		}
	}
	return out
}

// whose are the organisations of keys, by address, as far as the chain has them and a name is known. A page is whole without.
func (p *pages) whose(ctx context.Context, names organisations, addresses ...string) map[string]string {
	out := map[string]string{}
	for _, text := range addresses {
		a, err := ledger.ParseAddress(text)
		if err != nil {
			continue
		}
		who, err := p.cfg.Market.Participant(ctx, a)
		if err != nil {
			p.cfg.Log.WarnContext(ctx, "naming organisations", "err", err)
			break
		}
		out[text] = names[who.Organisation]
	}
	return out
}

// titleBy is what d calls the dataset, if it is of that hospital: an uploaded receipt may be of a dataset of the same id elsewhere.
func titleBy(hospital ledger.Address, d provider.Description) string {
	if d.Provider != hospital {
		return ""
	}
	return titleOf(d)
}

func titleOf(d provider.Description) string {
	profile, _ := profileOf(d)
	return profile.Title
}

func profileOf(d provider.Description) (profile provider.DatasetProfile, ok bool) {
	if d.Profile == nil {
		return profile, false
	}
	profile, err := provider.ParseProfile(*d.Profile)
	return profile, err == nil // it was read before: no title then, but a page
}
