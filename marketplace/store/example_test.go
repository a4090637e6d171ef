package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

func ExampleOpenProvider() {
	folder, err := os.MkdirTemp("", "medmarket")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder) // a temporary folder
	ctx := context.Background()
	p, err := store.OpenProvider(ctx, store.Config{File: filepath.Join(folder, "hospital.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	defer p.Close() // everything is on disk already
	key := ledger.Address{1}
	fmt.Println(p.Enrol(ctx, []provider.Enrolment{{Patient: 7, Key: key}}, 1_800_000_000))
	_, err = p.Preference(ctx, key)
	fmt.Println(err)
	size, _, err := p.LogRoot(ctx)
	fmt.Println(size, err)
	// Output:
	// <nil>
	// reading a preference: no preference on record
	// 0 <nil>
}
