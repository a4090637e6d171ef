package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Adopt registers the records that a node is about to count in: at first whom
// each number means and which dataset it is, later what has changed. Records of
// the version that was adopted last are not gone through again.
//
// Nothing changes on an error: [provider.ErrOtherDataset], or
// *[provider.NumbersError] when numbers other than those in accepted do not mean
// who they meant. The Refresh comes with the latter too. Numbers that are not in
// the records any more stay registered, so that they cannot come back as someone else.
func (p *Provider) Adopt(ctx context.Context, r provider.Records, accepted []int64, now int64) (out provider.Refresh, err error) {
	err = p.write(ctx, "adopting records", func(tx *sql.Tx) error {
		c, err := openRegister(ctx, tx, r, true)
		if err != nil {
			return err
		}
		out, err = c.refresh(ctx, accepted, now)
		return err
	})
	return out, err
}

// Compare is Adopt without its effects: it says what Adopt would find.
func (p *Provider) Compare(ctx context.Context, r provider.Records, accepted []int64, now int64) (out provider.Refresh, err error) {
	err = p.read(ctx, "comparing records", func(tx *sql.Tx) error {
		c, err := openRegister(ctx, tx, r, false)
		if err != nil {
			return err
		}
		out, err = c.refresh(ctx, accepted, now)
		return err
	})
	return out, err
}

// PatientNumbers returns every number that was ever in the records, rising.
func (p *Provider) PatientNumbers(ctx context.Context) (numbers []int64, err error) {
	err = p.read(ctx, "reading patient numbers", func(tx *sql.Tx) error {
		numbers, err = collect(ctx, tx, func(r row) (n int64, err error) {
			err = r.Scan(&n)
			return n, err
		}, `SELECT number FROM persons ORDER BY number`)
		return err
	})
	return numbers, err
}

// register is the table of persons while records are held against it.
type register struct {
	tx      *sql.Tx
	records provider.Records
	write   bool
	from    string // version that was adopted before, empty at the first
	marks   *provider.Fingerprinter

	persons, known int64                     // in the records; of these, registered before
	reused         []int64                   // rising
	loose          map[provider.Mark][]int64 // identities that their numbers did not have before
	left           map[provider.Mark][]int64 // identities that numbers had before and have not now
	full           *sql.Stmt                 // writes a whole batch
}

func openRegister(ctx context.Context, tx *sql.Tx, r provider.Records, write bool) (*register, error) {
	g := &register{
		tx: tx, records: r, write: write,
		loose: map[provider.Mark][]int64{}, left: map[provider.Mark][]int64{},
	}
	var key ledger.Hash
	var dataset string
	err := tx.QueryRowContext(ctx, `SELECT dataset, version, fingerprint_key FROM records`).Scan(&dataset, &g.from, fixed(key[:]))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		key = newSecret()
		if write {
			_, err = tx.ExecContext(ctx, `
				INSERT INTO records (one, dataset, version, fingerprint_key, adopted_at) VALUES (1, ?, '', ?, 0)`, r.Dataset, key[:])
		} else {
			err = nil
		}
	case err == nil && dataset != r.Dataset:
		err = provider.ErrOtherDataset
	}
	g.marks = provider.NewFingerprinter(key)
	return g, err
}

func (g *register) refresh(ctx context.Context, accepted []int64, now int64) (out provider.Refresh, err error) {
	out = provider.Refresh{
		Dataset: g.records.Dataset, From: g.from, To: g.records.Version, At: now,
		Reused: []int64{}, Changed: []provider.Moved{}, Accepted: []int64{},
	}
	if g.from == g.records.Version {
		return out, nil
	}
	var before int64
	if err := g.tx.QueryRowContext(ctx, `SELECT count(*) FROM persons`).Scan(&before); err != nil {
		return out, err
	}
	if err := g.pass(ctx); err != nil {
		return out, err
	}
	out.Persons, out.New, out.Gone, out.Reused = g.persons, g.persons-g.known, before-g.known, append(out.Reused, g.reused...)
	moved, err := g.moved(ctx)
	if err != nil {
		return out, err
	}
	out.Changed = append(out.Changed, moved...)
	if err := out.Judge(accepted); err != nil || !g.write {
		return out, err
	}
	for _, number := range out.Accepted {
		_, err := g.tx.ExecContext(ctx, `INSERT INTO accepted_numbers (version, number, at) VALUES (?, ?, ?)`, out.To, number, now)
		if err != nil {
			return out, err
		}
	}
	_, err = g.tx.ExecContext(ctx, `UPDATE records SET version = ?, adopted_at = ?`, out.To, now)
	return out, err
}

// batch is how many persons are compared and written at a time.
const batch = 1000

// pass goes through the records once, in batches.
func (g *register) pass(ctx context.Context) error {
	all := make([]provider.Fingerprint, 0, batch)
	last := int64(math.MinInt64)
	for person, err := range g.records.Persons {
		switch {
		case err != nil:
			return err
		case person.Number <= last:
			return provider.ErrPersons
		case len(all) == batch:
			if err := g.compare(ctx, all); err != nil {
				return err
			}
			all = all[:0]
		}
		last = person.Number
		all = append(all, g.marks.Of(person))
	}
	return g.compare(ctx, all)
}

// compare holds persons against what is registered of their numbers.
func (g *register) compare(ctx context.Context, all []provider.Fingerprint) error {
	if len(all) == 0 {
		return nil
	}
	g.persons += int64(len(all))
	if g.from == "" {
		return g.put(ctx, all)
	}
	known, err := g.between(ctx, all[0].Number, all[len(all)-1].Number)
	if err != nil {
		return err
	}
	var changed []provider.Fingerprint
	for _, f := range all {
		was, ok := known[f.Number]
		if ok {
			g.known++
		}
		if f == was {
			continue
		}
		changed = append(changed, f)
		if ok && !f.SamePerson(was) {
			g.reused = append(g.reused, f.Number)
		}
		if !f.Identity.IsZero() && f.Identity != was.Identity {
			g.loose[f.Identity] = append(g.loose[f.Identity], f.Number)
			if !was.Identity.IsZero() {
				g.left[was.Identity] = append(g.left[was.Identity], f.Number)
			}
		}
	}
	return g.put(ctx, changed)
}

func scanFingerprint(r row) (f provider.Fingerprint, err error) {
	var identity []byte
	err = r.Scan(&f.Number, &identity, fixed(f.Traits[:]))
	copy(f.Identity[:], identity)
	return f, err
}

func (g *register) between(ctx context.Context, first, last int64) (map[int64]provider.Fingerprint, error) {
	rows, err := collect(ctx, g.tx, scanFingerprint, `SELECT number, identity, traits FROM persons WHERE number BETWEEN ? AND ?`, first, last)
	known := make(map[int64]provider.Fingerprint, len(rows))
	for _, f := range rows {
		known[f.Number] = f
	}
	return known, err
}

// put writes what is now known of persons. An identifier that the records lack
// now is not forgotten.
func (g *register) put(ctx context.Context, all []provider.Fingerprint) error {
	if !g.write || len(all) == 0 {
		return nil
	}
	upsert, err := g.upsertOf(ctx, len(all)) //nolint:sqlclosecheck // closed with its transaction
	if err != nil {
		return err
	}
	args := make([]any, 0, 3*len(all))
	for _, f := range all {
		var identity any
		if !f.Identity.IsZero() {
			identity = f.Identity[:]
		}
		args = append(args, f.Number, identity, f.Traits[:])
	}
	_, err = upsert.ExecContext(ctx, args...)
	return err
}

// upsertOf prepares a statement for n persons; most batches are of one size.
func (g *register) upsertOf(ctx context.Context, n int) (*sql.Stmt, error) {
	if n != batch {
		return g.prepareUpsert(ctx, n)
	}
	var err error
	if g.full == nil {
		g.full, err = g.prepareUpsert(ctx, n)
	}
	return g.full, err
}

func (g *register) prepareUpsert(ctx context.Context, n int) (*sql.Stmt, error) {
	return g.tx.PrepareContext(ctx, `
		INSERT INTO persons (number, identity, traits) VALUES `+tuples(n, 3)+`
		ON CONFLICT (number) DO UPDATE SET identity = coalesce(excluded.identity, persons.identity), traits = excluded.traits`)
}

// moved finds the identities that are under other numbers than they were
// registered under.
func (g *register) moved(ctx context.Context) (all []provider.Moved, err error) {
	if len(g.loose) == 0 || g.from == "" {
		return nil, nil
	}
	before := map[provider.Mark]int64{} // least number that had it
	found := func(identity provider.Mark, number int64) {
		numbers, loose := g.loose[identity]
		if least, ok := before[identity]; loose && !slices.Contains(numbers, number) && (!ok || number < least) {
			before[identity] = number
		}
	}
	for identity, numbers := range g.left {
		for _, number := range numbers {
			found(identity, number)
		}
	}
	if err := g.identities(ctx, found); err != nil {
		return nil, err
	}
	for identity, was := range before {
		for _, number := range g.loose[identity] {
			all = append(all, provider.Moved{Number: number, Before: was})
		}
	}
	slices.SortFunc(all, func(a, b provider.Moved) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

// identities calls f for every identity in the register.
func (g *register) identities(ctx context.Context, f func(provider.Mark, int64)) error {
	return each(ctx, g.tx, func(r row) error {
		var number int64
		var identity provider.Mark
		if err := r.Scan(&number, fixed(identity[:])); err != nil {
			return err
		}
		f(identity, number)
		return nil
	}, `SELECT number, identity FROM persons WHERE identity IS NOT NULL`)
}
