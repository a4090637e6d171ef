package providerrpc_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// sentinels are all of package provider, and whether each arrives as itself.
// The others are of calls that do not go this way.
var sentinels = map[string]struct {
	err     error
	crosses bool
}{
	"ErrMalformed":       {provider.ErrMalformed, true},
	"ErrSignature":       {provider.ErrSignature, true},
	"ErrExpired":         {provider.ErrExpired, true},
	"ErrNoPolicy":        {provider.ErrNoPolicy, true},
	"ErrPlanMismatch":    {provider.ErrPlanMismatch, true},
	"ErrCheckpointStale": {provider.ErrCheckpointStale, true},
	"ErrNotReady":        {provider.ErrNotReady, true},
	"ErrAllowance":       {provider.ErrAllowance, true},
	"ErrPrice":           {provider.ErrPrice, true},
	"ErrNoCredit":        {provider.ErrNoCredit, true},
	"ErrRequestReused":   {provider.ErrRequestReused, true},
	"ErrFailed":          {provider.ErrFailed, true},
	"ErrNotEnrolled":     {provider.ErrNotEnrolled, false},
	"ErrAlreadyEnrolled": {provider.ErrAlreadyEnrolled, false},
	"ErrUnknownPatient":  {provider.ErrUnknownPatient, false},
	"ErrStaleRevision":   {provider.ErrStaleRevision, false},
	"ErrNoPreference":    {provider.ErrNoPreference, false},
	"ErrHasKey":          {provider.ErrHasKey, false},
	"ErrNoInterval":      {provider.ErrNoInterval, false},
	"ErrReplay":          {provider.ErrReplay, false},
	"ErrNotReached":      {provider.ErrNotReached, false},
	"ErrNoEntry":         {provider.ErrNoEntry, false},
	"ErrUnknownRequest":  {provider.ErrUnknownRequest, false},
	"ErrStale":           {provider.ErrStale, false},
	"ErrOtherDataset":    {provider.ErrOtherDataset, false},
	"ErrPersons":         {provider.ErrPersons, false},
	"ErrCode":            {provider.ErrCode, false},
	"ErrTooOften":        {provider.ErrTooOften, false},
	"ErrNoTile":          {provider.ErrNoTile, false},
	"ErrNoMandate":       {provider.ErrNoMandate, false},
	"ErrTooManyMandates": {provider.ErrTooManyMandates, false},
	"ErrTooManyChanges":  {provider.ErrTooManyChanges, false},
	"ErrCapRaised":       {provider.ErrCapRaised, false},
	"ErrWidens":          {provider.ErrWidens, false},
}

// failing returns what Describe, Release and Decide say when the node meets err.
func (w *world) failing(t *testing.T, err error) map[string]error {
	t.Helper()
	h, q := w.link(), w.Question("one", w.Approve(w.Grant()), w.Query(1000), nil)
	w.store.Before = func(context.Context) error { return err }
	defer func() { w.store.Before = nil }()
	_, described := h.Describe(t.Context())
	_, released := h.Release(t.Context(), q)
	return map[string]error{"Describe": described, "Release": released, "Decide": h.Decide(t.Context(), q)}
}

func TestSentinelsArriveAsThemselves(t *testing.T) {
	w := newWorld(t)
	for name, s := range sentinels {
		for call, got := range w.failing(t, fmt.Errorf("reading: %w", s.err)) {
			want := marketplace.ErrUnavailable
			if s.crosses {
				want = s.err
			}
			if !errors.Is(got, want) || (s.crosses && errors.Is(got, marketplace.ErrUnavailable)) {
				t.Errorf("%s of %s arrives as %v", name, call, got)
			}
			for other, o := range sentinels {
				if other != name && errors.Is(got, o.err) {
					t.Errorf("%s of %s arrives as %s too", name, call, other)
				}
			}
		}
	}
}

// A hospital whose time is over by its own clock is slow, not down.
func TestDeadlineArrivesAsItself(t *testing.T) {
	for call, got := range newWorld(t).failing(t, fmt.Errorf("reading: %w", context.DeadlineExceeded)) {
		if !errors.Is(got, context.DeadlineExceeded) || !errors.Is(got, marketplace.ErrUnavailable) {
			t.Errorf("%s: %v", call, got)
		}
	}
}

// A sentinel that package provider declares and the table above does not have
// fails here.
func TestEverySentinelIsConsidered(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "provider", "*.go"))
	ok(t, err)
	var declared []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		ok(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			v, isValue := n.(*ast.ValueSpec)
			if isValue && strings.HasPrefix(v.Names[0].Name, "Err") {
				declared = append(declared, v.Names[0].Name)
			}
			_, isFunc := n.(*ast.FuncDecl)
			return !isFunc
		})
	}
	slices.Sort(declared)
	if diff := cmp.Diff(declared, slices.Sorted(maps.Keys(sentinels))); diff != "" {
		t.Errorf("sentinels (-declared +considered):\n%s", diff)
	}
}

func TestRefusalArrivesWithItsReasons(t *testing.T) {
	w := newWorld(t)
	for _, want := range []*provider.RefusedError{
		{Reasons: []policy.ReasonCode{policy.ReasonGrantMissing}},
		{Reasons: policy.QueryReasons()},
		{Reasons: []policy.ReasonCode{policy.ReasonColumnNotReleased}, Columns: []string{"person.gender_concept_id", "person.year_of_birth"}},
		{},
	} {
		for call, err := range w.failing(t, fmt.Errorf("deciding: %w", want)) {
			var got *provider.RefusedError
			if !errors.As(err, &got) {
				t.Errorf("%s: got %v, want a refusal", call, err)
				continue
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-node +marketplace):\n%s", call, diff)
			}
		}
	}
}

// A refusal by the real decision, not by a broken store.
func TestRealRefusal(t *testing.T) {
	w := newWorld(t)
	unapproved := w.Sign(w.Researcher, ledger.KindDataGrant, w.Grant(), 1)
	_, err := w.link().Release(t.Context(), w.Question("one", unapproved, w.Query(1000), nil))
	var refused *provider.RefusedError
	if !errors.As(err, &refused) || !slices.Contains(refused.Reasons, policy.ReasonGrantMissing) {
		t.Errorf("got %v, want a refusal for want of a grant", err)
	}
}

// G1: what goes wrong inside a hospital is not told to its marketplace; the
// ask stays open, since the hospital may have charged.
func TestG1UnknownErrorsAreUnavailable(t *testing.T) {
	w := newWorld(t)
	for call, err := range w.failing(t, errors.New("row 17 of patient 4711")) {
		if !errors.Is(err, marketplace.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", call, err, marketplace.ErrUnavailable)
		}
		if strings.Contains(err.Error(), "4711") {
			t.Errorf("%s tells %q", call, err)
		}
	}
}
