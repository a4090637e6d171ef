package pages

import (
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

// titleBy is what d calls the dataset, if it is of that hospital: an uploaded receipt may be of a dataset of the same id elsewhere.
func titleBy(hospital ledger.Address, d provider.Description) string {
	if d.Provider != hospital {
		return ""
	}
	return titleOf(d)
}

func titleOf(d provider.Description) string {
	if d.Profile == nil {
		return ""
	}
	profile, err := provider.ParseProfile(*d.Profile)
	if err != nil { // it was read before: no title then, but a page
		return ""
	}
	return profile.Title
}
