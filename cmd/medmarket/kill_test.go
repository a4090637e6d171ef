package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// TestG5KilledServe kills serve (kill -9) at moments of chance: under everything
// that its users do, while it starts, and while it makes good what the kill before
// cut off. After each start nothing that was acknowledged is lost, and the same
// request gets the same bytes. What was cut off is done once, or not at all if
// nobody asks again.
//
// With MEDMARKET_LONG it is killed 200 times, in sieges beside one another.
func TestG5KilledServe(t *testing.T) {
	t.Parallel()
	sieges, kills, first := 1, 3, 1
	if long {
		sieges, kills, first = 4, 46, 16
	}
	for i := range sieges {
		t.Run(fmt.Sprintf("siege %d", i), func(t *testing.T) {
			t.Parallel()
			testSiege(t, kills)
		})
	}
	t.Run("first start", func(t *testing.T) {
		t.Parallel()
		for range first {
			testKilledFirstStart(t)
		}
	})
}

// How a round of a siege goes.
const (
	underLoad  = iota // check, then kill under load
	resuming          // the same without a check: clients ask again for what was cut off, under load
	starting          // kill while it starts
	moments           // how many there are
	longAttack = 4 * time.Second
)

func testSiege(t *testing.T, kills int) {
	s := newSiege(t)
	d := &daemon{}
	defer d.kill()
	began, startUp := time.Now(), 500*time.Millisecond
	for round := range kills {
		moment := round % moments
		if moment == starting {
			must(t, d.launch(s.s.cfg.dir, string(s.s.cfg.records), s.flags()...))
			killAfter(d, startUp)
			continue
		}
		launched := time.Now()
		must(t, d.start(s.s.cfg.dir, string(s.s.cfg.records), s.flags()...))
		startUp = time.Since(launched) * 5 / 4
		s.enter(t, d)
		if moment == underLoad {
			s.check(t, round > 0 && round%15 == 0)
		}
		s.attack(t, d)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	must(t, d.start(s.s.cfg.dir, string(s.s.cfg.records), s.flags()...))
	s.enter(t, d)
	s.check(t, true)
	s.leave()
	must(t, d.stop())
	for what, n := range map[string]int{
		"anchored receipts": len(s.anchored), "anchored proofs": len(s.proven), "claims": s.claims, "escrows": s.escrows, "studies": len(s.studies),
	} {
		if long && n == 0 {
			t.Errorf("no %s: nothing shows that kills do not lose them", what)
		}
	}
	t.Logf("bench: %d kills of serve, %.1f s each: %d questions, %d of them cut off and finished later, %d receipts and %d proofs of consent anchored; "+
		"%d preferences and %d on paper, %d studies, %d claims, %d escrows; %d blocks", kills, time.Since(began).Seconds()/float64(kills),
		len(s.asks), s.cut, len(s.anchored), len(s.proven), len(s.preferences), s.recorded.Load(), len(s.studies), s.claims, s.escrows, s.head.number)
}

// killAfter kills serve after a time of chance, at most limit.
func killAfter(d *daemon, limit time.Duration) {
	delay := time.NewTimer(rand.N(limit))
	<-delay.C
	d.kill()
}

// testKilledFirstStart kills serve while it makes keys, chain and contracts. What
// it had made so far is there at the next start, unchanged.
func testKilledFirstStart(t *testing.T) {
	t.Helper()
	dir, records := t.TempDir(), imported(t, generated(t, 20))
	flags := []string{"--interval", "1s", "--confirmations", "1"}
	d := &daemon{}
	defer d.kill()
	must(t, d.launch(dir, records, flags...))
	killAfter(d, 7*time.Second)
	made := kept(t, dir)
	must(t, d.start(dir, records, flags...))
	n := d.network(t)
	for name, content := range made {
		again, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		if !bytes.Equal(content, again) {
			t.Errorf("%s was\n%s\nbefore the kill and is now\n%s", name, content, again)
		}
	}
	// It is whole: the operator may register, and that is there after another kill.
	operator, err := openKey(filepath.Join(dir, "keys", "operator.key"))
	must(t, err)
	p, err := newPerson(operator, n)
	must(t, err)
	stranger, err := ledger.NewKey()
	must(t, err)
	must(t, p.register(t.Context(), stranger.Address(), "University", pb.Role_ROLE_RESEARCHER))
	must(t, p.close())
	d.kill()
	must(t, d.start(dir, records, flags...))
	again := d.network(t)
	if again.Trust.Genesis != n.Trust.Genesis || again.Contracts != n.Contracts {
		t.Errorf("the network is another: %+v, want %+v", again, n)
	}
	p, err = newPerson(operator, again)
	must(t, err)
	address := stranger.Address()
	eventually(t, "the registration is final", func() (bool, error) {
		r, err := pb.NewParticipantServiceClient(p.market).GetParticipant(t.Context(), &pb.GetParticipantRequest{Address: address[:]})
		return len(r.GetParticipant().GetRoles()) == 1, err
	})
	must(t, p.close())
	must(t, d.stop())
}

// kept reads what a first start makes once and for all, as far as it is there.
func kept(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, name := range []string{
		"keys/operator.key", "keys/marketplace.key", "keys/provider.key", "keys/marketplace.pem", "keys/provider.pem",
		"chain/genesis.json",
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			found[name] = content
		} else if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return found
}
