package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// card is a hospital's card as provider init makes it.
func card(t *testing.T) hospitalCard {
	t.Helper()
	dir := t.TempDir()
	c := providerInitCommand{Dir: dir, Hospital: "St Bo", Dataset: "st-bo", Endpoint: "127.0.0.1:7110"}
	must(t, c.Run(quietEnv(t)))
	made, err := readHospitalCard(filepath.Join(dir, cardFile))
	must(t, err)
	return made
}

// G6: a card counts as it was signed by the key that it names, and not otherwise: nobody gives another's key a role by one.
func TestACardIsItsKeys(t *testing.T) {
	t.Parallel()
	made := card(t)
	other, err := ledger.NewKey()
	must(t, err)
	for name, change := range map[string]func(*hospitalCard){
		"hospital":      func(c *hospitalCard) { c.Hospital = "General Hospital" },
		"dataset":       func(c *hospitalCard) { c.Dataset = "hospital" },
		"another's key": func(c *hospitalCard) { c.Address = other.Address() },
		"certificate":   func(c *hospitalCard) { c.Certificate[0] ^= 1 },
		"endpoint":      func(c *hospitalCard) { c.Endpoint = "127.0.0.1:7111" },
		"signature":     func(c *hospitalCard) { c.Signature[40] ^= 1 },
		"no signature":  func(c *hospitalCard) { c.Signature = ledger.Signature{} },
		"another's signature": func(c *hospitalCard) {
			d, err := c.digest()
			must(t, err)
			c.Signature = other.Sign(d)
		},
	} {
		changed := made
		change(&changed)
		b, err := json.Marshal(changed)
		must(t, err)
		file := filepath.Join(t.TempDir(), cardFile)
		must(t, os.WriteFile(file, b, 0o600))
		if _, err := readHospitalCards([]string{file}); err == nil {
			t.Errorf("%s: the card was taken", name)
		}
	}
}

// described is a hospital that says something of itself.
type described struct {
	marketplace.Hospital
	provider.Description
}

func (d described) Describe(context.Context) (provider.Description, error) { return d.Description, nil }

// G6: a node that says it has another key, dataset or organisation than its card counts as one that is not there.
func TestAHospitalThatIsNotItsCard(t *testing.T) {
	t.Parallel()
	made := card(t)
	itself := provider.Description{Provider: made.Address, Organisation: organisation("St Bo"), Metadata: dp.Metadata{Dataset: "st-bo"}}
	if got, err := (held{described{Description: itself}, made}).Describe(t.Context()); err != nil || got.Provider != made.Address {
		t.Errorf("itself: %+v, %v", got, err)
	}
	for name, change := range map[string]func(*provider.Description){
		"key":          func(d *provider.Description) { d.Provider[0] ^= 1 },
		"dataset":      func(d *provider.Description) { d.Metadata.Dataset = "hospital" },
		"organisation": func(d *provider.Description) { d.Organisation = organisation("General Hospital") },
	} {
		other := itself
		change(&other)
		if got, err := (held{described{Description: other}, made}).Describe(t.Context()); !errors.Is(err, marketplace.ErrUnavailable) || got.Provider != (ledger.Address{}) {
			t.Errorf("another %s: %+v, %v", name, got, err)
		}
	}
}

// G6: a card registers who never was anything, or is a provider of that hospital already. It takes no other role away, brings nobody back whom
// the operator took out, and fails for one who has moved to another key.
func TestCardsTakeNobodysRoles(t *testing.T) {
	t.Parallel()
	me, next := ledger.Address{1}, ledger.Address{2}
	wanted := ledger.Participant{Address: me, Roles: ledger.RoleProvider, Organisation: organisation("St Bo")}
	as := func(roles ledger.Role, of string) ledger.Participant {
		return ledger.Participant{Address: me, Roles: roles, Organisation: organisation(of)}
	}
	for name, c := range map[string]struct {
		entry entry
		may   bool
	}{
		"new":                {entry{ledger.Participant{Address: me}, me, false}, true},
		"there already":      {entry{wanted, me, true}, true},
		"taken out":          {entry{ledger.Participant{Address: me}, me, true}, false},
		"moved":              {entry{ledger.Participant{Address: me}, next, true}, false},
		"a committee member": {entry{as(ledger.RoleCommittee, "St Bo"), me, true}, false},
		"more than that":     {entry{as(ledger.RoleProvider|ledger.RoleSteward, "St Bo"), me, true}, false},
		"another hospital's": {entry{as(ledger.RoleProvider, "General Hospital"), me, true}, false},
		"another operator":   {entry{as(ledger.RoleOperator, "medmarket"), me, true}, false},
	} {
		if err := c.entry.admits(wanted); (err == nil) != c.may {
			t.Errorf("%s: %v", name, err)
		}
	}
}
