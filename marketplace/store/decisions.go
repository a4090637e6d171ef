package store

import (
	"context"
	"database/sql"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Decisions implements [provider.Decisions].
func (p *Provider) Decisions(ctx context.Context, after uint64, from, until int64) (all []provider.DecisionName, err error) {
	err = p.read(ctx, "reading decisions", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (d provider.DecisionName, err error) {
			return d, r.Scan(fixed(d.Request[:]), &d.AsOf, &d.At)
		}, `
			SELECT request, as_of, now FROM charges WHERE restored = 0 AND as_of > ? AND now >= ? AND now < ? ORDER BY as_of LIMIT ?`,
			clamp(after), from, until, provider.MaxPast)
		return err
	})
	return all, err
}

// Decision implements [provider.Decisions].
func (p *Provider) Decision(ctx context.Context, request ledger.Hash) (d provider.PastDecision, err error) {
	err = p.read(ctx, "reading a decision", func(tx *sql.Tx) error {
		number, c, found, err := charged(ctx, tx, request)
		if err != nil {
			return err
		}
		if !found {
			return provider.ErrUnknownRequest
		}
		d.Charged = c
		err = tx.QueryRowContext(ctx, `SELECT grounds, salt FROM charges WHERE number = ?`, number).Scan(&d.Grounds, fixed(d.Salt[:]))
		if err != nil {
			return err
		}
		return before(ctx, tx, number, &d)
	})
	return d, err
}

// Grounds implements [provider.Decisions].
func (p *Provider) Grounds(ctx context.Context, request ledger.Hash) (c provider.Charged, err error) {
	err = p.read(ctx, "reading the grounds of a decision", func(tx *sql.Tx) error {
		number, charge, found, err := charged(ctx, tx, request)
		if err != nil {
			return err
		}
		if !found {
			return provider.ErrUnknownRequest
		}
		c = charge
		return tx.QueryRowContext(ctx, `SELECT grounds FROM charges WHERE number = ?`, number).Scan(&c.Grounds)
	})
	return c, err
}

// before adds what a charge was decided on.
func before(ctx context.Context, tx *sql.Tx, number int64, d *provider.PastDecision) (err error) {
	s := &d.Before
	s.AsOf, s.LastEvent = d.AsOf, d.LastEvent
	if s.Lost, s.LostAt, err = lost(ctx, tx, number); err != nil {
		return err
	}
	if s.Policy, err = policyOf(ctx, tx, d.Policy); err != nil {
		return err
	}
	s.Scopes, err = scopes(ctx, tx, `
		SELECT c.scope, s.kind, l.budget_nano_rho, l.budget_delta, l.budget_nano_epsilon, l.spent_nano_rho, l.spent_delta, l.spent_nano_epsilon
		FROM charge_scopes AS c JOIN scopes AS s ON s.name = c.scope
		JOIN charge_scopes AS l ON l.scope = c.scope AND l.charge = (
			SELECT max(b.charge) FROM charge_scopes AS b WHERE b.scope = c.scope AND b.charge < c.charge)
		WHERE c.charge = ?`, number)
	if err != nil {
		return err
	}
	t, _, err := totalsAt(ctx, tx, number-1)
	if err != nil {
		return err
	}
	s.Unasked = t.of(0)
	classes, err := classesFrom(ctx, tx, 0, clamp(d.AsOf/consent.IntervalLeaves))
	if err != nil {
		return err
	}
	s.Classes = asCharged(classes, t)
	for _, c := range classes {
		if c.id > 0 {
			d.Hashes = append(d.Hashes, c.hash)
		}
	}
	return nil
}

// policyOf is the latest revision that is a document, or nothing if there is none.
func policyOf(ctx context.Context, tx *sql.Tx, document ledger.Hash) (ledger.SignedDocument, error) {
	all, err := collect(ctx, tx, scanSigned, `SELECT `+signedColumns+` FROM policies ORDER BY revision DESC`)
	if err != nil {
		return ledger.SignedDocument{}, err
	}
	for _, s := range all {
		if s.Hash() == document {
			return s, nil
		}
	}
	return ledger.SignedDocument{}, nil
}

// Recommit implements [provider.Decisions].
func (p *Provider) Recommit(ctx context.Context, asOf uint64, see func(provider.PastMember) error) (root ledger.Hash, err error) {
	err = p.read(ctx, "committing again", func(tx *sql.Tx) error {
		c, err := checkpointAt(ctx, tx, asOf)
		if err != nil {
			return err
		}
		m, _, err := openMap(ctx, tx, c.Version(), nil)
		if err != nil {
			return err
		}
		leaves, err := collect(ctx, tx, func(r row) (consent.Leaf, error) { return pastLeaf(r, m, see) }, pastEntries, clamp(asOf))
		if err != nil {
			return err
		}
		if root, err = m.RootOf(leaves); err != nil {
			return err
		}
		o, err := odometersAt(ctx, tx, m, c.Version())
		if err != nil {
			return err
		}
		root = consent.Committed(root, o.Root())
		return nil
	})
	return root, err
}

// pastEntries has the entry of every patient in the map at a log index.
const pastEntries = `
	SELECT p.patient, coalesce(e.entry_salt, p.entry_salt), e.content, coalesce(e.revision, 0), coalesce(e.expiry, 0), e.signature,
		coalesce(e.carried_nano_rho, 0), coalesce(e.carried_delta, 0), coalesce(e.joined_nano_rho, 0), coalesce(e.joined_delta, 0),
		coalesce(c.place, 0), c.hash, coalesce(e.until, 0), e.cap_nano_rho, e.cap_delta
	FROM patients AS p
	LEFT JOIN events AS e ON e.seq = (SELECT max(l.seq) FROM events AS l WHERE l.patient = p.patient AND l.as_of <= ?1)
	LEFT JOIN classes AS c ON c.id = e.class
	WHERE p.as_of <= ?1`

// pastLeaf makes the leaf of one patient, and shows her preference if she has one.
func pastLeaf(r row, m *consent.Map, see func(provider.PastMember) error) (leaf consent.Leaf, err error) {
	var patient int64
	var salt ledger.Hash
	var s ledger.SignedDocument
	var e consent.Entry
	var member provider.PastMember
	var nanoRho, delta sql.NullInt64
	err = r.Scan(&patient, fixed(salt[:]), &s.Content, &s.Revision, &s.Expiry, ifAny(s.Signature[:]), &e.CarriedNanoRho, &e.CarriedDelta,
		&e.JoinedNanoRho, &e.JoinedDelta, &e.Odometer, ifAny(member.Class[:]), &member.Until, &nanoRho, &delta)
	if err != nil {
		return leaf, err
	}
	if s.Content != nil {
		member.Content, member.Cap = s.Content, capOf(nanoRho, delta)
		if err := see(member); err != nil {
			return leaf, err
		}
		e.Revision = s.Revision
		if e.Preference, err = consent.PreferenceOf(s).Hash(); err != nil {
			return leaf, err
		}
	}
	return consent.NewLeaf(m.Index(patient), salt, e)
}
