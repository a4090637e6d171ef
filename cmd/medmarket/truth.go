package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	_ "github.com/duckdb/duckdb-go/v2" // the one place outside the hospital that reads records; see exactCounts

	"github.com/medmarket/medmarket/policy"
)

// exactCounts is the demo's own look at the records it loaded, beside the noisy
// answer: the exact number of eligible patients in each group, in the answer's
// order. It shares no code with the hospital's node, and nothing but the demo
// calls it.
func exactCounts(ctx context.Context, records string, pop *population, year int, condition int64) (counts []int64, err error) {
	db, err := sql.Open("duckdb", records+"?access_mode=read_only")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, `
		SELECT p.person_id, p.gender_concept_id, p.year_of_birth,
			p.person_id IN (SELECT person_id FROM condition_occurrence WHERE condition_concept_id = $1
				OR condition_concept_id IN (SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = $1))
		FROM person p
		WHERE p.gender_concept_id IN (8507, 8532) AND p.year_of_birth IS NOT NULL`, condition)
	if err != nil {
		return nil, fmt.Errorf("counting exactly: %w", err)
	}
	defer rows.Close() // rows.Err says what went wrong
	eligible := map[int64]bool{}
	for _, one := range slices.Concat(pop.people, pop.paper) {
		eligible[one.number] = one.choice.permits([]policy.Category{policy.Conditions, policy.Demographics})
	}
	bands := len(demoAges)
	counts = make([]int64, 2*bands*2)
	for rows.Next() {
		var id, gender, born int64
		var has bool
		if err := rows.Scan(&id, &gender, &born, &has); err != nil {
			return nil, err
		}
		band := bandOf(int64(year) - born)
		if !eligible[id] || band < 0 {
			continue
		}
		cell := band * 2
		if gender == 8507 { // male comes after female
			cell += bands * 2
		}
		if !has { // no comes after yes
			cell++
		}
		counts[cell]++
	}
	return counts, rows.Err()
}

// bandOf returns which of demoAges an age falls into, -1 for none.
func bandOf(age int64) int {
	band := -1
	for i, edge := range demoAges {
		if age >= int64(edge) {
			band = i
		}
	}
	return band
}
