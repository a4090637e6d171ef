package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/omop"
)

// ReadVocabulary hands over the concepts of a folder with concept.parquet, .csv or .csv.gz (in any case), and the pairs of
// concept_ancestor, if that is there: as Athena's download has them, or any folder of OMOP tables. A file with tabs has
// no quotation marks around its fields, as Athena's has none. A *omop.NotOMOPError says what the folder lacks.
func ReadVocabulary(ctx context.Context, folder string, concept func(marketplace.VocabularyConcept) error, above func(above, below int64, steps int) error) (err error) {
	found, err := vocabularyFiles(folder)
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
	err = db.each(ctx, found, "concept", `SELECT TRY_CAST(concept_id AS BIGINT) AS id, concept_name, coalesce(domain_id, ''), coalesce(vocabulary_id, ''),
		coalesce(concept_class_id, ''), coalesce(standard_concept, ''), coalesce(concept_code, '') FROM %s WHERE id IS NOT NULL AND concept_name IS NOT NULL`,
		func(rows *sql.Rows) error {
			var c marketplace.VocabularyConcept
			if err := rows.Scan(&c.ID, &c.Name, &c.Domain, &c.Vocabulary, &c.Class, &c.Standard, &c.Code); err != nil {
				return err
			}
			return concept(c)
		})
	if _, there := found["concept_ancestor"]; err != nil || !there {
		return err
	}
	return db.each(ctx, found, "concept_ancestor", `SELECT TRY_CAST(ancestor_concept_id AS BIGINT) AS above, TRY_CAST(descendant_concept_id AS BIGINT) AS below,
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

// vocabularyFiles returns the files of concept, which must be there, and of concept_ancestor.
func vocabularyFiles(folder string) (map[string]source, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	found := map[string]source{}
	for _, e := range entries {
		name, s := tableName(e.Name())
		if name != "concept" && name != "concept_ancestor" || e.IsDir() {
			continue
		}
		if _, twice := found[name]; twice {
			return nil, &omop.NotOMOPError{Table: name, Why: "is there in two files"}
		}
		s.path, s.bare = filepath.Join(folder, e.Name()), true
		found[name] = s
	}
	if _, ok := found["concept"]; !ok {
		return nil, &omop.NotOMOPError{Why: "has no concept.parquet, concept.csv or concept.csv.gz"}
	}
	return found, nil
}

// each runs a query over the file of a table, in the order of its rows.
func (s *session) each(ctx context.Context, found map[string]source, table, query string, row func(*sql.Rows) error) error {
	file, err := found[table].relation(table)
	if err != nil {
		return err
	}
	rows, err := s.conn.QueryContext(ctx, fmt.Sprintf(query, file))
	if err != nil {
		return opaque(ctx, "read "+table, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return opaque(ctx, "read "+table, rows.Err())
}
