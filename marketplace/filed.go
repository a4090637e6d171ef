package marketplace

import (
	"context"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// maxUndecided is how many studies of one researcher may wait for a decision, on her side or the committee's.
const maxUndecided = 20

// maxFiled bounds how many documents are remembered; beyond it they are read again.
const maxFiled = 50_000

// filing is what decides whose business a grant document is. A document never changes, and so neither does this.
type filing struct {
	by          ledger.Address // who signed it
	researchers []string
}

// filings remembers them by the document's hash, so that a list of studies reads only those that it shows. Only what
// is on record is in it.
type filings struct {
	mu sync.Mutex
	of map[ledger.Hash]filing
}

func (f *filings) get(h ledger.Hash) (filing, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, ok := f.of[h]
	return one, ok
}

func (f *filings) put(h ledger.Hash, one filing) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil || len(f.of) >= maxFiled {
		f.of = map[ledger.Hash]filing{}
	}
	f.of[h] = one
}

// filed returns what is known of a grant document on record.
func (m *Market) filed(ctx context.Context, grant ledger.Hash) (filing, error) {
	if one, ok := m.filings.get(grant); ok {
		return one, nil
	}
	s, err := m.cfg.Store.Study(ctx, grant)
	if err != nil {
		return filing{}, err
	}
	g, err := parseGrant(s.Request)
	if err != nil {
		return filing{}, err
	}
	one := filing{researchers: g.Researchers}
	if one.by, err = s.Request.Signer(m.cfg.Domain, ledger.KindDataGrant); err != nil {
		return filing{}, err
	}
	m.filings.put(grant, one)
	return one, nil
}

// concerns says whether somebody has to do with a study, without reading it again.
func (m *Market) concerns(ctx context.Context, r Review, p ledger.Participant) (bool, error) {
	one, err := m.filed(ctx, r.Grant)
	if err != nil {
		return false, err
	}
	_, err = roleOf(r, policy.Grant{Researchers: one.researchers}, p)
	return err == nil, nil
}

// mayFile fails with ErrTooManyStudies if a researcher has as many undecided as she may; another filing of the same document is none.
func (m *Market) mayFile(ctx context.Context, id ledger.Hash, researcher ledger.Address) error {
	all, err := m.cfg.Store.Reviews(ctx)
	if err != nil {
		return err
	}
	undecided := 0
	for _, r := range all {
		if r.State.WaitsFor() == "" {
			continue
		}
		one, err := m.filed(ctx, r.Grant)
		if err != nil {
			return err
		}
		if r.Study == id {
			return nil
		}
		if one.by == researcher {
			undecided++
		}
	}
	if undecided >= maxUndecided {
		return ErrTooManyStudies
	}
	return nil
}
