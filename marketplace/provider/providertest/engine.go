// Package providertest has what tests of a hospital's node stand on: an engine
// and a chain in memory, with hooks to fail at each step, and a [Hospital] with
// a steward, patients, a committee and a researcher who sign as real ones do.
//
// The fakes keep the contracts of package provider. They do not stand in for
// its store: tests use the real one.
package providertest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Record is all that a hospital knows of a patient.
type Record struct {
	Patient    int64
	Female     bool
	Born       int
	Conditions []int64
}

var errTally = errors.New("providertest: an engine that counts patients only")

// Engine counts patients of records in memory, by sex, age band and condition, or by whichever condition they have. It implements [provider.Engine].
type Engine struct {
	mu      sync.Mutex
	records []Record
	follows []int64
	counted []provider.Active

	// Hooks, to be set while no one counts. An error of one is the method's.
	OnReady  func() error
	OnFollow func(context.Context) error
	Before   func(context.Context, provider.Active) error // before anything is read
	After    func(context.Context, provider.Active) error // when the counts are made
	Replace  func([]int64) []int64                        // has the last word on the counts
}

// NewEngine returns an engine over records.
func NewEngine(records []Record) *Engine { return &Engine{records: records} }

// Counted returns the active sets that were counted so far, failed ones too.
func (e *Engine) Counted() []provider.Active {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.counted)
}

// Follow implements [provider.Engine].
func (e *Engine) Follow(ctx context.Context, patients []int64) error {
	if e.OnFollow != nil {
		if err := e.OnFollow(ctx); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.follows = patients
	return nil
}

// Follows implements [provider.Engine].
func (e *Engine) Follows() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.follows != nil
}

// Ready implements [provider.Engine].
func (e *Engine) Ready(context.Context, dp.Plan) error {
	if e.OnReady != nil {
		return e.OnReady()
	}
	return nil
}

// Count implements [provider.Engine].
func (e *Engine) Count(ctx context.Context, p dp.Plan, a provider.Active) (dp.Exact, error) {
	e.mu.Lock()
	e.counted = append(e.counted, slices.Clone(a))
	e.mu.Unlock()
	if e.Before != nil {
		if err := e.Before(ctx, a); err != nil {
			return dp.Exact{}, err
		}
	}
	counts, entries, err := e.count(p, a)
	if err == nil && e.After != nil {
		err = e.After(ctx, a)
	}
	if err != nil {
		return dp.Exact{}, err
	}
	if p.Query.PrivateKeys() {
		return dp.NewExactByKey(entries), nil
	}
	if e.Replace != nil {
		counts = e.Replace(counts)
	}
	return dp.NewExact(counts), nil
}

// count returns the numbers of the plan's cells, or those of private keys.
func (e *Engine) count(p dp.Plan, a provider.Active) (counts []int64, entries []dp.Entry, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.follows == nil {
		return nil, nil, provider.ErrStale
	}
	whole, ok := countable(p)
	if !ok {
		return nil, nil, errTally
	}
	cohort := int64(0)
	counts = make([]int64, len(p.Cells))
	having := make(map[int64]int64) // patients, by condition
	for _, r := range e.records {
		if !e.active(r, a) {
			continue
		}
		for i, c := range p.Cells {
			if slices.Equal(c.Key, r.labels(p)) {
				counts[i]++
				cohort++
			}
		}
		for i, c := range r.Conditions {
			if i < p.Query.MaxGroups {
				having[c]++
			}
		}
	}
	if whole {
		counts = append(counts, cohort)
	}
	for _, c := range slices.Sorted(maps.Keys(having)) {
		entries = append(entries, dp.Entry{Key: c, Total: having[c]})
	}
	return counts, entries, nil
}

// countable reports whether it can count what the plan asks for, and whether that is a number of all cells, too.
func countable(p dp.Plan) (whole, ok bool) {
	whole = len(p.Tallies) == 2 && p.Tallies[1].Kind == dp.TallyCohort && !p.Query.PrivateKeys()
	return whole, p.Query.Cohort == nil && p.Tallies[0].Kind == dp.TallyPatients && (whole || len(p.Tallies) == 1)
}

// active reports whether the record's patient may be counted.
func (e *Engine) active(r Record, a provider.Active) bool {
	i, found := slices.BinarySearch(e.follows, r.Patient)
	return found && a.Has(i)
}

// labels is the key of the record's cell.
func (r Record) labels(p dp.Plan) []string {
	var key []string
	for _, g := range p.Query.GroupBy {
		switch g.Kind {
		case dp.Sex:
			key = append(key, map[bool]string{true: "female", false: "male"}[r.Female])
		case dp.AgeBand:
			key = append(key, r.band(g, p.Metadata.ReferenceYear))
		case dp.HasEvent:
			concepts := g.Matches.Has.Events.Records.Concepts
			has := slices.ContainsFunc(r.Conditions, func(id int64) bool {
				return slices.ContainsFunc(concepts, func(c cohort.Concept) bool { return c.ID == id })
			})
			key = append(key, map[bool]string{true: "yes", false: "no"}[has])
		}
	}
	return key
}

// band is the last label that begins at or below the record's age.
func (r Record) band(g dp.Group, year int) (band string) {
	for _, label := range g.Labels() {
		from, _, _ := strings.Cut(strings.TrimSuffix(label, "+"), "-")
		if edge, err := strconv.Atoi(from); err == nil && year-r.Born >= edge {
			band = label
		}
	}
	return band
}
