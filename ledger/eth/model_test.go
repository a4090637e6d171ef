package eth_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace"
)

// pair is a researcher with a marketplace, by name.
type pair struct{ Researcher, Marketplace string }

// budgetModel is WorkBudget in Go: what each call must do.
type budgetModel struct {
	Credit   map[string]uint64
	Accounts map[pair]eth.Account
}

// grantModel is one organisation's grant under one document.
type grantModel struct {
	Status      string
	Terms       int
	Suspensions uint64
	Signed      map[string]bool // in this round
	Approved    map[string]bool // ever
}

// model is what the contracts must hold, by names of accounts.
type model struct {
	budgetModel
	Grants     map[string]*grantModel // by document; of one organisation
	Needed     int                    // approvals that it wants now
	Allowances map[string]uint64
	Newest     map[string]uint64 // of the one log of each account
	Signers    map[string]bool
	Offended   map[string]bool
	Votes      map[string]map[string]bool // on whom, by whom, for a change
}

// actors of the model. Keepers are providers, the first of them researchers or
// marketplaces as well. Movers change their keys: nothing of theirs is kept by account
// but the newest size of a log.
var (
	researchers  = []string{"r1", "r2"}
	marketplaces = []string{"m1", "m2"}
	members      = []string{"c1", "c2", "c3"}
	keepers      = []string{"r1", "r2", "m1", "m2", "p1", "p2"}
	movers       = []string{"p1", "p2", "c1", "c2", "c3"}
	documents    = []string{"study 1", "study 2", "study 3"}
)

// run is a random sequence of calls, each held against the model.
type run struct {
	*world
	t     *testing.T
	rand  *rand.Rand
	model model
	by    map[string]*eth.Transactor
	moves map[string]int // how often each mover has changed her key
	calls map[string]int // by outcome
}

// TestModel makes random calls of every kind and predicts the outcome of each, and
// the state they leave: no order of calls makes work, revives a grant, lowers an
// allowance or a size, takes a seat without the votes for it, or does any of that by a
// new key.
func TestModel(t *testing.T) {
	seeds, calls := 2, 220
	switch {
	case os.Getenv("MEDMARKET_LONG") != "":
		seeds, calls = 60, 1000
	case testing.Short():
		seeds, calls = 1, 40
	}
	outcomes := map[string]int{}
	for seed := range uint64(seeds) {
		r := newRun(t, seed, outcomes)
		for i := range calls {
			r.step()
			if t.Failed() {
				t.Fatalf("seed %d, call %d", seed, i)
			}
		}
		r.compare()
	}
	t.Logf("outcomes: %v", outcomes)
	for _, want := range []string{
		"escrow: ", "settle: ", "announce: ", "withdraw: ", "release: ", "approve: ", "suspend: ", "resume: ", "revoke: ", "allow: ", "anchor: ", "vote: ",
		"rotate: ", "replace: ", "approvals: ", "conclude: ", "offend: ",
		"rotate: NotNew", "replace: IsSigner", "conclude: TooFewSignatures", "conclude: WrongStatus", "offend: NotSigner", "vote: Offender",
		"escrow: InsufficientCredit", "settle: InsufficientEscrow", "settle: VoucherSuperseded", "withdraw: ReleaseTooEarly", "release: ReleaseSuperseded",
		"approve: OtherTerms", "resume: signed before", "suspend: WrongStatus", "allow: AllowanceFell", "anchor: SizeFell",
	} {
		if outcomes[want] == 0 && !testing.Short() {
			t.Errorf("no call had the outcome %q: the test tests less than it says", want)
		}
	}
}

func newRun(t *testing.T, seed uint64, outcomes map[string]int) *run {
	r := &run{
		world: newWorld(t, func(d *eth.Deployment) {
			for _, name := range []string{"r1", "r2", "p1"} {
				d.Signers = append(d.Signers, eth.Signer{Address: keyOf(t, name).Address(), Organisation: otherOrg})
			}
		}),
		t: t, rand: rand.New(rand.NewPCG(seed, 7)), by: map[string]*eth.Transactor{}, moves: map[string]int{}, calls: outcomes,
		model: model{
			budgetModel: budgetModel{map[string]uint64{}, map[pair]eth.Account{}},
			Grants:      map[string]*grantModel{}, Allowances: map[string]uint64{}, Newest: map[string]uint64{},
			Needed:  2,
			Signers: map[string]bool{"r1": true, "r2": true, "p1": true}, Offended: map[string]bool{}, Votes: map[string]map[string]bool{},
		},
	}
	for _, name := range keepers {
		role := ledger.RoleProvider
		switch {
		case slices.Contains(researchers, name):
			role |= ledger.RoleResearcher
		case slices.Contains(marketplaces, name):
			role |= ledger.RoleMarketplace
		}
		r.by[name] = r.transactor(t, name)
		r.register(t, r.by[name].Address(), role, otherOrg)
	}
	for _, name := range members {
		r.register(t, keyOf(t, name).Address(), ledger.RoleCommittee, hospitalOrg)
	}
	must(t, r.operator.SetApprovals(t.Context(), hospitalOrg, 2))
	for _, name := range researchers {
		headers := r.seal(t, [20]byte(r.by[name].Address()), 5)
		r.finalise(t)
		r.seal(t, [20]byte{1}, 1)
		must(t, r.hospital.ClaimHeaders(t.Context(), headers...))
		r.model.Credit[name] = uint64(workOf(t, headers...))
	}
	return r
}

func (r *run) pick(names []string) string { return names[r.rand.IntN(len(names))] }

// key is the one that somebody uses now.
func (r *run) key(name string) *ledger.Key { return keyOf(r.t, keyName(name, r.moves[name])) }

func (r *run) address(name string) ledger.Address { return r.key(name).Address() }

// expect compares the outcome of a call with the refusal that the model predicts.
func (r *run) expect(call string, err error, want eth.Refusal) (done bool) {
	r.t.Helper()
	r.calls[call+": "+string(want)]++
	var got *eth.RefusedError
	switch {
	case err == nil && want == "":
		return true
	case errors.As(err, &got) && got.Refusal == want:
		return false
	}
	r.t.Errorf("%s returned %v, the model says %q", call, err, want)
	return false
}

func (r *run) step() {
	switch r.rand.IntN(19) {
	case 0, 1:
		r.escrow()
	case 2, 3:
		r.settle()
	case 4:
		r.announce()
	case 5:
		r.withdraw()
	case 6:
		r.release()
	case 7, 8:
		r.decide()
	case 9:
		r.allow()
	case 10:
		r.anchor()
	case 11:
		r.vote()
	case 12, 13:
		r.move()
	case 14, 15:
		r.conclude()
	case 16:
		r.offend()
	default:
		r.decide()
	}
}

// compare reads everything at the final block and holds it against the model.
func (r *run) compare() {
	r.t.Helper()
	r.finalise(r.t)
	ctx := r.t.Context()
	var sum, earned uint64
	for _, name := range researchers {
		credit, err := r.client.Credit(ctx, r.address(name))
		must(r.t, err)
		if uint64(credit) != r.model.Credit[name] {
			r.t.Errorf("credit of %s is %d, the model says %d", name, credit, r.model.Credit[name])
		}
		sum += uint64(credit)
		for _, market := range marketplaces {
			account, err := r.client.Account(ctx, r.address(name), r.address(market))
			must(r.t, err)
			if diff := cmp.Diff(r.model.Accounts[pair{name, market}], account); diff != "" {
				r.t.Errorf("%s with %s (-model +chain):\n%s", name, market, diff)
			}
			sum += uint64(account.Held + account.Burnt)
		}
	}
	for n := uint64(1); n <= r.chain.Head().Number; n++ {
		if claimed, err := r.client.IsClaimed(ctx, n); err != nil || !claimed {
			must(r.t, err)
			continue
		}
		header, err := r.chain.Client().HeaderByNumber(ctx, number(n))
		must(r.t, err)
		earned += uint64(workOf(r.t, encode(r.t, header)))
	}
	if sum != earned {
		r.t.Errorf("credit, escrow and burnt work come to %d, the claimed blocks to %d", sum, earned)
	}
	for _, name := range keepers {
		if got, err := r.client.Allowance(ctx, r.address(name), "liver"); err != nil || uint64(got) != r.model.Allowances[name] {
			r.t.Errorf("allowance of %s is %d, %v; the model says %d", name, got, err, r.model.Allowances[name])
		}
	}
	for document, g := range r.model.Grants {
		r.compareGrant(document, g)
	}
	names := make([]string, 0, len(r.model.Signers))
	for name := range r.model.Signers {
		names = append(names, keyName(name, r.moves[name]))
	}
	r.wantSigners(r.t, names...)
}

func (r *run) compareGrant(document string, g *grantModel) {
	r.t.Helper()
	for _, member := range members {
		record, ok, err := r.client.Grant(r.t.Context(), ledger.HashBytes([]byte(document)), r.address(member))
		must(r.t, err)
		status := map[string]ledger.GrantStatus{"active": ledger.GrantActive, "suspended": ledger.GrantSuspended, "revoked": ledger.GrantRevoked}[g.Status]
		if !g.Approved[member] {
			status = 0
		}
		if ok != (status != 0) || record.Status != status {
			r.t.Errorf("%s as %s approved it: status %d, %t; the model says %d", document, member, record.Status, ok, status)
		}
	}
}

func (r *run) escrow() {
	who, market, work := r.pick(researchers), r.pick(marketplaces), 1+r.rand.Uint64N(60)
	var want eth.Refusal
	if work > r.model.Credit[who] {
		want = eth.InsufficientCredit
	}
	if r.expect("escrow", r.by[who].AddEscrow(r.t.Context(), r.address(market), int64(work)), want) {
		a := r.model.Accounts[pair{who, market}]
		a.Held, a.ReleaseAt = a.Held+int64(work), 0
		r.model.Accounts[pair{who, market}] = a
		r.model.Credit[who] -= work
	}
}

func (r *run) settle() {
	who, market := r.pick(researchers), r.pick(marketplaces)
	a := r.model.Accounts[pair{who, market}]
	cumulative := uint64(max(0, a.Burnt-3+r.rand.Int64N(20)))
	v := ledger.Voucher{Researcher: r.address(who), Marketplace: r.address(market), Cumulative: cumulative}
	var want eth.Refusal
	switch {
	case cumulative < uint64(a.Burnt):
		want = eth.VoucherSuperseded
	case cumulative > uint64(a.Burnt+a.Held):
		want = eth.InsufficientEscrow
	}
	err := r.hospital.Settle(r.t.Context(), []marketplace.SignedVoucher{{Voucher: v, Signature: keyOf(r.t, who).Sign(r.domain.VoucherDigest(v))}})
	if r.expect("settle", err, want) {
		a.Held, a.Burnt = a.Held+a.Burnt-int64(cumulative), int64(cumulative)
		r.model.Accounts[pair{who, market}] = a
	}
}

func (r *run) announce() {
	who, market := r.pick(researchers), r.pick(marketplaces)
	a := r.model.Accounts[pair{who, market}]
	var want eth.Refusal
	if a.Held == 0 {
		want = eth.Nothing
	}
	if r.expect("announce", r.by[who].AnnounceRelease(r.t.Context(), r.address(who), r.address(market)), want) {
		a.ReleaseAt = r.chain.Head().Number + releaseDelay
		r.model.Accounts[pair{who, market}] = a
	}
}

func (r *run) withdraw() {
	who, market := r.pick(researchers), r.pick(marketplaces)
	if r.rand.IntN(3) == 0 {
		r.seal(r.t, [20]byte{1}, releaseDelay)
	}
	a := r.model.Accounts[pair{who, market}]
	var want eth.Refusal
	switch {
	case a.ReleaseAt == 0:
		want = eth.NotAnnounced
	case r.chain.Head().Number < a.ReleaseAt: // calls are tried as if in the head
		want = eth.ReleaseTooEarly
	}
	if r.expect("withdraw", r.hospital.Withdraw(r.t.Context(), r.address(who), r.address(market)), want) {
		r.model.Credit[who] += uint64(a.Held)
		a.Held, a.ReleaseAt = 0, 0
		r.model.Accounts[pair{who, market}] = a
	}
}

func (r *run) release() {
	who, market := r.pick(researchers), r.pick(marketplaces)
	a := r.model.Accounts[pair{who, market}]
	word := ledger.EscrowRelease{
		Researcher: r.address(who), Marketplace: r.address(market), Work: 1 + r.rand.Uint64N(20),
		Releases: uint64(max(0, int64(a.Releases)-int64(r.rand.IntN(4)/3))),
	}
	var want eth.Refusal
	switch {
	case word.Releases != a.Releases:
		want = eth.ReleaseSuperseded
	case word.Work > uint64(a.Held):
		want = eth.InsufficientEscrow
	}
	err := r.hospital.ReleaseEscrow(r.t.Context(), word, keyOf(r.t, market).Sign(r.domain.EscrowReleaseDigest(word)))
	if r.expect("release", err, want) {
		a.Held, a.Releases = a.Held-int64(word.Work), a.Releases+1
		r.model.Accounts[pair{who, market}] = a
		r.model.Credit[who] += word.Work
	}
}

func (r *run) allow() {
	who := r.pick(keepers)
	nanoRho := uint64(max(0, int64(r.model.Allowances[who])-2+r.rand.Int64N(10)))
	var want eth.Refusal
	if nanoRho < r.model.Allowances[who] {
		want = eth.AllowanceFell
	}
	if r.expect("allow", r.by[who].Allow(r.t.Context(), "liver", int64(nanoRho)), want) {
		r.model.Allowances[who] = nanoRho
	}
}

func (r *run) anchor() {
	who := r.pick(keepers)
	size := uint64(max(0, int64(r.model.Newest[who])-2+r.rand.Int64N(6)))
	var want eth.Refusal
	if size < r.model.Newest[who] {
		want = eth.SizeFell
	}
	if r.expect("anchor", anchor(r.t.Context(), r.by[who], "log", size, ledger.HashBytes(fmt.Append(nil, size))), want) {
		r.model.Newest[who] = size
	}
}
