package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medmarket/medmarket/marketplace"
)

// ReadVocabulary hands over the concepts of a folder with concept.parquet, .csv or .csv.gz (in any case), and the pairs of
// concept_ancestor, if that is there: as Athena's download has them, or any folder of OMOP tables. A file with tabs has
// no quotation marks around its fields, as Athena's has none. A *omop.NotOMOPError says what the folder lacks.
func ReadVocabulary(ctx context.Context, folder string, concept func(marketplace.VocabularyConcept) error, above func(above, below int64, steps int) error) (err error) {
	found, _, err := findTables(folder, "concept", func(name string) bool { return name == "concept" || name == "concept_ancestor" })
	if err != nil {
		return err
	}
	spill, err := os.MkdirTemp("", "medmarket-vocabulary-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(spill)) }()
	db, err := newSession(ctx, filepath.Join(spill, "vocabulary"), Limits{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opaque(ctx, "close", db.close())) }()
	err = db.eachOf(ctx, found["concept"], "concept", `SELECT TRY_CAST(concept_id AS BIGINT) AS id, concept_name, coalesce(domain_id, ''), coalesce(vocabulary_id, ''),
		coalesce(concept_class_id, ''), coalesce(standard_concept, ''), coalesce(concept_code, '') FROM %s WHERE id IS NOT NULL AND concept_name IS NOT NULL`,
		func(rows *sql.Rows) error {
			var c marketplace.VocabularyConcept
			if err := rows.Scan(&c.ID, &c.Name, &c.Domain, &c.Vocabulary, &c.Class, &c.Standard, &c.Code); err != nil {
				return err
			}
			return concept(c)
		})
	ancestors, there := found["concept_ancestor"]
	if err != nil || !there {
		return err
	}
	return db.eachOf(ctx, ancestors, "concept_ancestor", `SELECT TRY_CAST(ancestor_concept_id AS BIGINT) AS above, TRY_CAST(descendant_concept_id AS BIGINT) AS below,
		coalesce(TRY_CAST(min_levels_of_separation AS INTEGER), 1) FROM %s WHERE above IS NOT NULL AND below IS NOT NULL`,
		func(rows *sql.Rows) error {
			var a, b int64
			var steps int
			if err := rows.Scan(&a, &b, &steps); err != nil {
				return err
			}
			return above(a, b, steps)
		})
}

// eachOf runs a query over the file of a table of the vocabulary, in the order of its rows.
func (s *session) eachOf(ctx context.Context, file source, table, query string, row func(*sql.Rows) error) error {
	file.bare = true
	relation, err := file.relation(table)
	if err != nil {
		return err
	}
	return s.each(ctx, "read "+table, fmt.Sprintf(query, relation), nil, row)
}
