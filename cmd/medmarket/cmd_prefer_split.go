package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// preferSplitCommand asks nobody: a split is signed with the preference that carries it, at each hospital.
type preferSplitCommand struct {
	outcome
	CapEpsilon float64          `help:"The most you may ever lose at all of them together, at delta 1e-6." required:""`
	Share      map[string]int64 `help:"A hospital's address and how many parts of the whole are its share; once for each hospital." required:"" placeholder:"ADDRESS=PARTS"`
	Out        string           `help:"Where to write it; for you alone, as it says where you are a patient." required:"" type:"path" placeholder:"FILE"`
}

// splitFile is a split cap and what opens its shares, by hospital.
type splitFile struct {
	Split policy.CapSplit                `json:"cap_split"`
	Salts map[ledger.Address]ledger.Hash `json:"salts"`
}

func (c *preferSplitCommand) Run(e *env) error {
	f, err := c.split()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	b, err := ledger.Canonical(f)
	if err != nil {
		return err
	}
	if err := writeFile(c.Out, append(b, '\n'), 0o600); err != nil {
		return err
	}
	shares, words := map[string]policy.Loss{}, ""
	for _, hospital := range sortedHospitals(f.Salts) {
		own, _ := f.at(hospital)
		shares[hospital.String()] = own
		words += fmt.Sprintf("%s: %.4f epsilon\n", hospital, capEpsilon(own))
	}
	return c.say(e, map[string]any{"file": c.Out, "shares": shares},
		"%sepsilons do not add up, what is counted by does; sign it at each of them: medmarket prefer set ... --split %s", words, c.Out)
}

func sortedHospitals(salts map[ledger.Address]ledger.Hash) []ledger.Address {
	return slices.SortedFunc(maps.Keys(salts), func(a, b ledger.Address) int { return slices.Compare(a[:], b[:]) })
}

func (c *preferSplitCommand) split() (f splitFile, err error) {
	whole, err := capOf(c.CapEpsilon)
	if err != nil {
		return f, fmt.Errorf("--cap-epsilon: %w", err)
	}
	var parts []int64
	f.Salts = map[ledger.Address]ledger.Hash{}
	var hospitals []ledger.Address
	for _, name := range slices.Sorted(maps.Keys(c.Share)) {
		hospital, err := ledger.ReadAddress(name)
		if err != nil {
			return f, fmt.Errorf("--share: %w", err)
		}
		if _, twice := f.Salts[hospital]; twice {
			return f, fmt.Errorf("--share: %s is named twice", hospital)
		}
		var salt ledger.Hash
		rand.Read(salt[:]) // never fails
		f.Salts[hospital] = salt
		hospitals, parts = append(hospitals, hospital), append(parts, c.Share[name])
	}
	shares, total, err := policy.SplitCap(whole, parts)
	if err != nil {
		return f, fmt.Errorf("--share: %w", err)
	}
	f.Split.Total = total
	for i, hospital := range hospitals {
		f.Split.Shares = append(f.Split.Shares, policy.CapShare{Hospital: provider.ShareOf(f.Salts[hospital], hospital).String(), Cap: shares[i]})
	}
	return f, nil
}

// at is the share of a hospital; false if it has none.
func (f splitFile) at(hospital ledger.Address) (own policy.Loss, found bool) {
	salt, named := f.Salts[hospital]
	for _, s := range f.Split.Shares {
		if named && s.Hospital == provider.ShareOf(salt, hospital).String() {
			return s.Cap, true
		}
	}
	return own, false
}

// capOf is a cap in the unit that it is counted in, rounded down.
func capOf(eps float64) (policy.Loss, error) {
	nanoRho, err := accountant.RhoFromEpsilon(eps, displayDelta-accountant.DeltaOf(capDelta))
	if err == nil && nanoRho < 1 {
		err = accountant.ErrEpsilon
	}
	return policy.Loss{NanoRho: nanoRho, Delta: capDelta}, err
}

// take has d carry the share of a hospital, of which she has lost some already.
func (f splitFile) take(d *policy.ReleasePreference, hospital ledger.Address, lost *pb.Cost) error {
	own, found := f.at(hospital)
	if !found {
		return fmt.Errorf("the split has no share for this hospital, %s", hospital)
	}
	if lost.GetNanoRho() > own.NanoRho || lost.GetDelta() > own.Delta {
		return errors.New("you have lost more at this hospital already than its share: give it a larger one, or the whole is passed")
	}
	d.OwnCap, d.CapSplit, d.CapSalt = &own, &f.Split, f.Salts[hospital].String()
	return nil
}

// keepCap has d keep the cap that there is, and the split that it is a share of.
func keepCap(d *policy.ReleasePreference, current policy.ReleasePreference) {
	if d.OwnCap == nil {
		d.OwnCap = current.OwnCap
	}
	if d.CapSplit == nil && d.OwnCap != nil && current.OwnCap != nil && *d.OwnCap == *current.OwnCap {
		d.CapSplit, d.CapSalt = current.CapSplit, current.CapSalt
	}
}

// splitLine says of what whole her cap is a share; empty if it is none.
func splitLine(p policy.ReleasePreference) string {
	if p.CapSplit == nil {
		return ""
	}
	hash, err := ledger.HashOf(*p.CapSplit)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("your cap here is a share of %.4f epsilon over %d hospitals, split %s: the same at each of them", capEpsilon(p.CapSplit.Total), len(p.CapSplit.Shares), hash)
}
