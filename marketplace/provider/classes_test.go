package provider

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// shelf has documents of classes, and counts how many it was asked for.
type shelf struct {
	documents map[uint32][]byte
	asked     int
}

func (s *shelf) Documents(_ context.Context, classes []uint32, each func(uint32, []byte) error) error {
	for _, id := range classes {
		s.asked++
		if d, found := s.documents[id]; found {
			if err := each(id, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// Documents are read and parsed once, within the bound of what is kept; and no class is taken for another.
func TestClassesAreParsedOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("parses megabytes, one after another, which make test does: the race detector finds nothing in it")
	}
	s := &shelf{documents: map[uint32][]byte{}}
	for id, bytes := range map[uint32]int{1: 0, 2: 0, 3: maxParsed / 2, 4: maxParsed / 2} {
		d, err := ledger.Canonical(policy.ClassDocument{Decision: policy.Permit, Status: policy.Active, Start: int64(id), RecipientCountries: []string{strings.Repeat("x", bytes)}})
		if err != nil {
			t.Fatal(err)
		}
		s.documents[id] = d
	}
	k := classes{store: s}
	looks := func(read int, ids ...uint32) {
		t.Helper()
		s.asked = 0
		documents, hashes, err := k.of(t.Context(), ids, nil)
		if err != nil {
			t.Fatal(err)
		}
		// A class starts at its id, and permits nothing else at all.
		for i, id := range ids {
			if hashes[i] != ledger.HashBytes(s.documents[id]) {
				t.Errorf("class %d has the hash of another", id)
			}
			for now, want := range map[int64]policy.ReasonCode{int64(id) - 1: policy.PatientNotYetValid, int64(id): policy.PatientPurpose} {
				if got := (policy.Terms{Now: now}).ClassReasons(documents)[i]; got != want {
					t.Errorf("class %d is taken for another: at %d it is %s, want %s", id, now, got, want)
				}
			}
		}
		if s.asked != read || k.size > maxParsed {
			t.Errorf("%d read, want %d; %d bytes kept, at most %d", s.asked, read, k.size, maxParsed)
		}
	}
	looks(2, 1, 2)
	looks(0, 2)
	looks(2, 1, 4, 2, 3)
	looks(1, 3, 4) // one of the two finds no room, and is read again; what is not asked for goes
	looks(2, 1, 3, 4)
	looks(1, 1, 3, 4) // as ever
	looks(0, 1)
	ahead, err := k.read(t.Context(), []uint32{3, 4})
	if err != nil {
		t.Fatal(err)
	}
	s.asked = 0
	if _, hashes, err := k.of(t.Context(), []uint32{3, 4}, ahead); err != nil || s.asked != 0 || hashes[1] != ledger.HashBytes(s.documents[4]) {
		t.Errorf("%d read that were ahead: %v", s.asked, err)
	}
	if _, _, err := k.of(t.Context(), []uint32{1, 5}, nil); err == nil {
		t.Error("a class without a document")
	}
	s.documents[6] = []byte("{")
	if _, _, err := k.of(t.Context(), []uint32{6}, nil); !errors.Is(err, ledger.ErrNotCanonical) {
		t.Errorf("a class that cannot be read: %v", err)
	}
}
