package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/store"
)

// A backup of a store that is being written is of one moment, and says that it is a copy until it was held against the chain.
func TestBackup(t *testing.T) {
	dir := t.TempDir()
	file, to := filepath.Join(dir, "hospital.db"), filepath.Join(dir, "a b?c.db")
	p := openProvider(t, file)
	must(t, p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000))
	charged := make(chan error)
	go func() {
		var err error
		for i := 0; i < 50 && err == nil; i++ {
			_, err = p.Charge(t.Context(), crashRequest(i), decideCrash)
		}
		charged <- err
	}()
	must(t, os.WriteFile(to+".partial", []byte("cut off"), 0o600))
	must(t, store.Backup(t.Context(), file, to))
	must(t, <-charged)
	must(t, store.Backup(t.Context(), file, to+"2"))
	if err := store.Backup(t.Context(), file, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another backup: %v", err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v, %v", info.Mode(), err)
	}
	for name, want := range map[string]bool{file: false, to: true, to + "2": true} {
		s := openProvider(t, name)
		e, err := s.Extent(t.Context())
		must(t, err)
		spent, err := s.Spent(t.Context(), crashScope)
		must(t, err)
		if e.Copied != want || spent.Spent.NanoRho != e.Used.NanoRho || e.Used.Size != 64*e.Used.Delta || name != to && e.Used.NanoRho != 150 {
			t.Errorf("%s: extent %+v, spent %+v", name, e, spent)
		}
		_, err = s.Restore(t.Context(), ledger.Allowance{NanoRho: 200, Delta: 60}, 3000)
		must(t, err)
		if e, err = s.Extent(t.Context()); err != nil || e.Copied || e.Used.NanoRho != 200 {
			t.Errorf("%s: held against the chain it is %+v, %v", name, e, err)
		}
	}
}

func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	file, to := filepath.Join(dir, "file"), filepath.Join(dir, "to")
	if err := store.Backup(t.Context(), file, to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of nothing: %v", err)
	}
	must(t, os.WriteFile(file, nil, 0o600))
	execute(t, file, `CREATE TABLE theirs (a INTEGER)`)
	if err := store.Backup(t.Context(), file, to); !errors.Is(err, store.ErrForeignFile) {
		t.Errorf("of another application's file: %v", err)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made: %v", err)
	}
}
