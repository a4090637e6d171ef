package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// TestGrantChanges suspends, resumes and revokes a grant from the command line; each
// time the researcher's asks follow once it is final. Then she takes her escrow back.
func TestGrantChanges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	change := grantChange{access: d.access, Grant: d.grant, Payer: d.access.Key}
	change.Key = filepath.Join(d.s.cfg.dir, "keys", "committee.key")
	must(t, d.ask(t))

	suspend, resume := &grantSuspendCommand{grantChange: change, Reason: "a complaint"}, &grantResumeCommand{grantChange: change}
	revoke := &grantRevokeCommand{grantChange: change, Reason: "it was true"}
	resume.Network, revoke.Network = d.direct().Network, d.direct().Network // suspend goes past a marketplace that takes no note
	stranger := *suspend
	stranger.Key = d.access.Key // the researcher's
	if err := stranger.Run(quietEnv(t)); err == nil {
		t.Error("a researcher suspended a grant")
	}
	poor := *suspend
	poor.Payer = ""
	if err := refusedByContract(poor.Run(quietEnv(t))); !errors.Is(err, eth.ErrNoCoins) || !strings.Contains(err.Error(), "--payer") {
		t.Errorf("a committee without coins: %v", err)
	}
	must(t, suspend.Run(quietEnv(t)))
	d.becomes(t, ledger.GrantSuspended)
	d.refused(t, "GRANT_SUSPENDED")
	d.shows(t, "suspended by the committee, final on the chain")
	// The member moves to a new key, which is as good as the old one was.
	next := filepath.Join(d.s.cfg.dir, "keys", "committee-next.key")
	key, err := openKey(next)
	must(t, err)
	rotate := &participantRotateCommand{access: change.access, Next: next, Payer: d.access.Key}
	must(t, rotate.Run(quietEnv(t)))
	d.eventually(t, "the new key has the role", func() bool {
		p, err := d.s.reader.Participant(t.Context(), key.Address())
		must(t, err)
		return p.Roles == ledger.RoleCommittee
	})
	must(t, rotate.Run(quietEnv(t))) // again, as after a failure half-way
	if err := resume.Run(quietEnv(t)); err == nil {
		t.Error("a retired key resumed a grant")
	}
	resume.Key, revoke.Key = next, next
	// Two must sign, until one is enough after all: what she has signed counts then.
	approvals := &participantApprovalsCommand{access: change.access, Organisation: "Ethics Committee", Approvals: 2}
	approvals.Key = filepath.Join(d.s.cfg.dir, "keys", "operator.key")
	must(t, approvals.Run(quietEnv(t)))
	must(t, resume.Run(quietEnv(t)))
	d.eventually(t, "one of two signatures is final", func() bool {
		return strings.Contains(d.said(t, &grantListCommand{access: d.direct()}), "suspended, 1 of 2 signed")
	})
	conclude := &grantConcludeCommand{resume.grantChange}
	if err := conclude.Run(quietEnv(t)); !errors.Is(err, eth.TooFewSignatures) {
		t.Errorf("concluded with one of two signatures: %v", err)
	}
	approvals.Approvals = 1
	must(t, approvals.Run(quietEnv(t)))
	must(t, conclude.Run(quietEnv(t)))
	d.becomes(t, ledger.GrantActive)
	d.margin *= 0.9
	must(t, d.ask(t))

	release := &creditReleaseCommand{access: d.access}
	must(t, release.Run(quietEnv(t)))
	researcher, market := d.cast.researcher.address(), d.s.network.Trust.Marketplaces[0]
	d.eventually(t, "the escrow is announced to go back", func() bool {
		a, err := d.s.reader.Account(t.Context(), researcher, market)
		must(t, err)
		return a.ReleaseAt != 0
	})
	for _, c := range []interface{ Run(*env) error }{release, &creditShowCommand{access: d.direct()}} {
		if said := d.said(t, c); !strings.Contains(said, "can be taken back in about ") || !strings.Contains(said, "minutes") {
			t.Errorf("%T says %q", c, said)
		}
	}
	d.refused(t, "NO_CREDIT")

	must(t, revoke.Run(quietEnv(t)))
	d.becomes(t, ledger.GrantRevoked)
	d.refused(t, "GRANT_REVOKED")
	d.shows(t, "revoked by the committee, final on the chain")
	if err := resume.Run(quietEnv(t)); err == nil {
		t.Error("a revoked grant was resumed")
	}
	log := &grantLogCommand{access: d.direct(), Grant: d.grant}
	d.eventually(t, "every step is final on the chain", func() bool { return strings.Contains(d.said(t, log), "4 steps, each signed by who took it; 4 final") })
	for _, want := range []string{"submit", "approve", "resume", "revoke\n     it was true"} {
		if said := d.said(t, log); !strings.Contains(said, want) {
			t.Errorf("the log does not say %q:\n%s", want, said)
		}
	}
}

// becomes waits until the grant is final in a state.
func (d *desk) becomes(t *testing.T, want ledger.GrantStatus) {
	t.Helper()
	d.eventually(t, "the grant is in its new state", func() bool {
		r, _, err := d.s.reader.Grant(t.Context(), d.grant, d.cast.committee.address())
		must(t, err)
		return r.Status == want
	})
}

// eventually waits for blocks until it is so.
func (d *desk) eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for !so() {
		select {
		case <-deadline:
			t.Fatalf("not within two minutes: %s", what)
		case <-d.s.blocks:
		case <-time.After(time.Second):
		}
	}
}

// direct is the researcher's access past the wire.
func (d *desk) direct() access {
	return access{Network: filepath.Join(d.s.cfg.dir, "network.json"), Key: d.access.Key}
}

// said is what a command prints.
func (d *desk) said(t *testing.T, c interface{ Run(*env) error }) string {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "said"))
	must(t, err)
	e := quietEnv(t)
	e.stdout = out
	must(t, c.Run(e))
	must(t, out.Close())
	text, err := os.ReadFile(out.Name())
	must(t, err)
	return string(text)
}

// shows runs grant show.
func (d *desk) shows(t *testing.T, want string) {
	t.Helper()
	if said := d.said(t, &grantShowCommand{access: d.direct(), Grant: d.grant}); !strings.Contains(said, want) {
		t.Errorf("grant show says %q, want %q", said, want)
	}
}

// refused asks something new, which must be refused for a reason.
func (d *desk) refused(t *testing.T, reason string) {
	t.Helper()
	d.margin *= 0.9
	err := d.ask(t)
	if err == nil || !slices.ContainsFunc(strings.FieldsFunc(err.Error(), func(r rune) bool { return r == ':' || r == ' ' || r == '\n' }),
		func(word string) bool { return word == reason }) {
		t.Errorf("the ask returned %v, want %s", err, reason)
	}
}
