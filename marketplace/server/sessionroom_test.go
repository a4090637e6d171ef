package server

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// TestStrangersShutNobodyOut: however many keys are made up, and however often one signs
// in, whoever is known signs in; what has ended makes room.
func TestStrangersShutNobodyOut(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s, err := newSessions("https://hospital.example", 7, func() time.Time { return now }, func(context.Context, ledger.Address) (bool, error) { return false, nil })
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	in := func(key uint64, stranger bool, want error) {
		t.Helper()
		n++
		var a ledger.Address
		binary.BigEndian.PutUint64(a[:], key)
		err := s.add(numbered(n), session{key: a, until: now.Add(sessionLife), stranger: stranger}, strconv.Itoa(n), now.Add(nonceLife), now)
		if !errors.Is(err, want) {
			t.Fatalf("sign-in %d of key %d: %v, want %v", n, key, err, want)
		}
	}
	for key := range uint64(maxStrangers) {
		in(1000+key, true, nil)
	}
	in(1, true, errBusy)
	in(2, false, nil)
	for range maxKeyNonces {
		in(3, false, nil)
	}
	in(3, false, errBusy)
	in(4, false, nil)
	if len(s.of[ledger.Address{0, 0, 0, 0, 0, 0, 0, 3}]) != maxOfKey {
		t.Error("sessions of one key have no bound")
	}
	now = now.Add(nonceLife)
	in(3, false, nil)
	in(1, true, errBusy) // their sessions go on
	now = now.Add(sessionLife)
	in(1, true, nil)
	if *s.room[true] != (room{maxStrangers - 1, maxStrangers - 1}) || *s.room[false] != (room{maxSessions, maxSessions}) {
		t.Errorf("room %+v, %+v", *s.room[true], *s.room[false])
	}
}

// A session ends by the monotonic clock, whatever the wall clock says: setting that back makes none longer.
func TestG2SessionsEndWhateverTheClock(t *testing.T) {
	s, err := newSessions("https://hospital.example", 7, time.Now, func(context.Context, ledger.Address) (bool, error) { return true, nil })
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	wall := now.Add(time.Minute).Round(0) // as a message has it
	if _, err := s.begin(session{key: ledger.Address{1}, until: wall}, "nonce", now.Add(nonceLife), now); err != nil {
		t.Fatal(err)
	}
	for _, open := range s.open {
		if !open.until.Equal(wall) || !strings.Contains(open.until.String(), " m=") { // as package time shows a monotonic reading
			t.Errorf("a session until %v ends at %v", wall, open.until)
		}
	}
	if len(s.open) != 1 {
		t.Errorf("%d sessions", len(s.open))
	}
}

// A server that trusts no institution signs nobody in by one, and names none.
func TestNoInstitutions(t *testing.T) {
	s, err := newSessions("https://market.example", 7, time.Now, func(context.Context, ledger.Address) (bool, error) { return true, nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.signInBy(t.Context(), "e30.e30.e30", nil); !errors.Is(err, errSignIn) || len(s.by.clients()) != 0 {
		t.Errorf("got %v", err)
	}
}
