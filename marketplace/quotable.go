package marketplace

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// quotable is what hospitals last said of their datasets, to whoever asked. A quote may be made of it for a moment (Config.QuoteFor),
// so that a hospital need not be asked for each; an ask never is. The zero value is ready for use; it holds what Config.Hospitals has.
type quotable struct {
	mu   sync.Mutex
	said map[string]said // by dataset
}

type said struct {
	provider.Description
	at time.Time // by the clock that only measures
}

// note remembers what a hospital said, if it was asked later than what is remembered.
func (q *quotable) note(dataset string, d provider.Description, asked time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.said == nil {
		q.said = map[string]said{}
	}
	if !q.said[dataset].at.After(asked) {
		q.said[dataset] = said{d, asked}
	}
}

// since is what a hospital said at a time or later.
func (q *quotable) since(dataset string, t time.Time) (provider.Description, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, found := q.said[dataset]
	return s.Description, found && !s.at.Before(t)
}

// LastSaid is what a hospital last said of its dataset, to whoever asked; zero while this process heard nothing of it. It is not asked.
func (m *Market) LastSaid(dataset string) provider.Description {
	d, _ := m.quotable.since(dataset, time.Time{})
	return d
}

// hearEvery is how often hospitals are asked of which nothing was heard.
const hearEvery = time.Minute

// hear asks the hospitals of which this process heard nothing yet, so that the register knows their titles after a restart.
func (m *Market) hear(ctx context.Context) (err error) {
	var unheard []string
	for _, dataset := range slices.Sorted(maps.Keys(m.cfg.Hospitals)) {
		if _, heard := m.quotable.since(dataset, time.Time{}); !heard {
			unheard = append(unheard, dataset)
		}
	}
	for i, d := range m.describe(ctx, unheard) {
		if d.err != nil && !errors.Is(d.err, provider.ErrNoPolicy) { // which is not on offer yet
			err = errors.Join(err, fmt.Errorf("hearing of dataset %s: %w", unheard[i], d.err))
		}
	}
	return err
}

// forQuotes is describe, but for what hospitals said within the last QuoteFor.
func (m *Market) forQuotes(ctx context.Context, datasets []string) []described {
	out := make([]described, len(datasets))
	var asked []string
	var places []int
	since := time.Now().Add(-m.cfg.QuoteFor)
	for i, dataset := range datasets {
		var known bool
		if out[i].Description, known = m.quotable.since(dataset, since); !known || m.cfg.QuoteFor <= 0 {
			asked, places = append(asked, dataset), append(places, i)
		}
	}
	for n, d := range m.describe(ctx, asked) {
		out[places[n]] = d
	}
	return out
}
