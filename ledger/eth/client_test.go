package eth_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

func TestNewRefusesConfig(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		change func(*eth.Config)
		want   error
	}{
		"no client":        {func(c *eth.Config) { c.Client = nil }, eth.ErrConfig},
		"no registry":      {func(c *eth.Config) { c.Addresses.Registry = ledger.Address{} }, eth.ErrConfig},
		"no anchors":       {func(c *eth.Config) { c.Addresses.Anchors = ledger.Address{} }, eth.ErrConfig},
		"no domain":        {func(c *eth.Config) { c.Domain = ledger.Domain{} }, eth.ErrConfig},
		"no confirmations": {func(c *eth.Config) { c.Confirmations = 0 }, eth.ErrConfig},
		"negative poll":    {func(c *eth.Config) { c.Poll = -time.Second }, eth.ErrConfig},
		"other chain id":   {func(c *eth.Config) { c.Domain.ChainID++ }, eth.ErrWrongChain},
		"other genesis":    {func(c *eth.Config) { c.Domain.Genesis[0] ^= 1 }, eth.ErrWrongChain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := w.config()
			test.change(&cfg)
			if _, err := eth.New(t.Context(), cfg); !errors.Is(err, test.want) {
				t.Errorf("New returned %v, want %v", err, test.want)
			}
		})
	}
	if _, err := eth.NewTransactor(w.client, nil); !errors.Is(err, eth.ErrConfig) {
		t.Errorf("NewTransactor without a key returned %v, want ErrConfig", err)
	}
}

func TestDeployRefuses(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		change func(*eth.Deployment)
		want   error
	}{
		"no client":        {func(d *eth.Deployment) { d.Client = nil }, eth.ErrConfig},
		"no key":           {func(d *eth.Deployment) { d.Key = nil }, eth.ErrConfig},
		"no organisation":  {func(d *eth.Deployment) { d.Organisation = ledger.Hash{} }, eth.ErrConfig},
		"no confirmations": {func(d *eth.Deployment) { d.Confirmations = 0 }, eth.ErrConfig},
		"other genesis":    {func(d *eth.Deployment) { d.Domain.Genesis[0] ^= 1 }, eth.ErrWrongChain},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := w.deployment(t)
			test.change(&d)
			if _, err := eth.Deploy(t.Context(), d); !errors.Is(err, test.want) {
				t.Errorf("Deploy returned %v, want %v", err, test.want)
			}
		})
	}
}

func TestReadsAreFinal(t *testing.T) {
	w := newWorld(t)
	who := keyOf(t, "newcomer").Address()
	w.register(t, who, ledger.RoleResearcher|ledger.RoleSteward, hospitalOrg)

	got, err := w.client.Participant(t.Context(), who)
	must(t, err)
	if diff := cmp.Diff(ledger.Participant{Address: who}, got); diff != "" {
		t.Errorf("right after the block the participant is (-want +got):\n%s", diff)
	}
	w.finalise(t)
	got, err = w.client.Participant(t.Context(), who)
	must(t, err)
	want := ledger.Participant{Address: who, Roles: ledger.RoleResearcher | ledger.RoleSteward, Organisation: hospitalOrg}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("when final the participant is (-want +got):\n%s", diff)
	}
	head, err := w.client.Head(t.Context())
	must(t, err)
	if final, err := w.client.FinalBlock(t.Context()); err != nil || final != head-w.chain.Confirmations() {
		t.Errorf("FinalBlock is %d, %v; want %d below %d", final, err, w.chain.Confirmations(), head)
	}
}

func TestReadWithoutContract(t *testing.T) {
	w := newWorld(t)
	cfg := w.config()
	cfg.Addresses.Grants = ledger.Address{9}
	c, err := eth.New(t.Context(), cfg)
	must(t, err)
	if _, _, err := c.Grant(t.Context(), ledger.Hash{1}, ledger.Address{}); !errors.Is(err, eth.ErrNoContract) {
		t.Errorf("Grant returned %v, want ErrNoContract", err)
	}
}

func TestRegistry(t *testing.T) {
	w := newWorld(t)
	ctx, someone := t.Context(), keyOf(t, "someone").Address()
	good := ledger.Participant{Address: someone, Roles: ledger.RoleProvider, Organisation: hospitalOrg}
	with := func(change func(*ledger.Participant)) ledger.Participant {
		p := good
		change(&p)
		return p
	}
	refused(t, w.researcher.Register(ctx, good), eth.NotOperator)
	refused(t, w.researcher.Remove(ctx, w.hospital.Address()), eth.NotOperator)
	refused(t, w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Roles = 0 })), eth.BadRoles)
	refused(t, w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Roles = 64 })), eth.BadRoles)
	refused(t, w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Address = ledger.Address{} })), eth.ZeroValue)
	refused(t, w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Organisation = ledger.Hash{} })), eth.ZeroValue)
	refused(t, w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Address = w.operator.Address() })), eth.OwnOperatorRole)
	refused(t, w.operator.Remove(ctx, w.operator.Address()), eth.OwnOperatorRole)
	refused(t, w.operator.Remove(ctx, someone), eth.NotRegistered)
	if err := w.operator.Register(ctx, with(func(p *ledger.Participant) { p.Roles |= 1 << 32 })); !errors.Is(err, eth.ErrRange) {
		t.Errorf("a role beyond 32 bits: got %v, want ErrRange", err)
	}

	must(t, w.operator.Register(ctx, with(func(p *ledger.Participant) {
		p.Address, p.Roles = w.operator.Address(), ledger.RoleOperator|ledger.RoleSteward
	})))
	must(t, w.operator.Register(ctx, good))
	must(t, w.operator.Remove(ctx, someone))
	refused(t, w.operator.Remove(ctx, someone), eth.NotRegistered)
	w.finalise(t)
	got, err := w.client.Participant(ctx, someone)
	must(t, err)
	if diff := cmp.Diff(ledger.Participant{Address: someone}, got); diff != "" {
		t.Errorf("after removal the participant is (-want +got):\n%s", diff)
	}
}
