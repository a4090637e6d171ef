package vocabulary

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/medmarket/medmarket/marketplace"
)

// ErrForeignFile: not a file that [Build] of this version made.
var ErrForeignFile = errors.New("file is no vocabulary index of this version: make it by medmarket concept import")

// readers is how many searches run at once; others wait.
const readers = 4

// Index looks concepts up in a file. It implements [marketplace.Vocabulary].
type Index struct{ db *sql.DB }

var _ marketplace.Vocabulary = (*Index)(nil)

// Open opens a file that Build made. It is read only, and must not change while it is open; a new one that
// takes its name does no harm.
func Open(ctx context.Context, file string) (*Index, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(file, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_dqs": {"0"}, "_defensive": {"1"}, "_query_only": {"1"}}))
	if err != nil {
		return nil, fmt.Errorf("opening the vocabulary %s: %w", file, err)
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	var is, version int64
	err = db.QueryRowContext(ctx, `SELECT application_id, user_version FROM pragma_application_id, pragma_user_version`).Scan(&is, &version)
	if err == nil && (is != application || version != layout) {
		err = ErrForeignFile
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the vocabulary %s: %w", file, err), db.Close())
	}
	return &Index{db: db}, nil
}

// Close ends all searches' connections.
func (x *Index) Close() error { return x.db.Close() }

// columns are those of a concept.
const columns = `c.id, c.name, c.domain, c.vocabulary, c.class, c.standard, c.code`

// Search implements [marketplace.Vocabulary]. Every word must begin a word of the name, those of one or two letters
// be one. First come those with the text as their code, then those of that name: standard ones first, and the shortest.
func (x *Index) Search(ctx context.Context, s marketplace.ConceptSearch) ([]marketplace.VocabularyConcept, error) {
	const narrowed = ` AND ?2 IN ('', c.domain) AND ?3 IN ('', c.vocabulary) AND (NOT ?4 OR c.standard = 'S')`
	code := strings.TrimSpace(s.Text)
	rows, err := x.db.QueryContext(ctx, `SELECT `+columns+` FROM concepts AS c WHERE c.code = ?1 COLLATE NOCASE`+narrowed+`
		ORDER BY c.place LIMIT ?5`, code, s.Domain, s.Vocabulary, s.StandardOnly, s.Offset+s.Limit)
	coded, err := collect(rows, err, concept)
	match := expression(s)
	if err != nil || match == "" || len(coded) == s.Offset+s.Limit {
		return coded[min(s.Offset, len(coded)):], err
	}
	rows, err = x.db.QueryContext(ctx, `SELECT `+columns+` FROM words AS w CROSS JOIN concepts AS c ON c.place = w.rowid
		WHERE words MATCH ?5 AND c.code <> ?1 COLLATE NOCASE`+narrowed+` ORDER BY w.rowid LIMIT ?6 OFFSET ?7`,
		code, s.Domain, s.Vocabulary, s.StandardOnly, match, s.Limit-max(0, len(coded)-s.Offset), max(0, s.Offset-len(coded)))
	named, err := collect(rows, err, concept)
	return append(coded[min(s.Offset, len(coded)):], named...), err
}

// expression is what to match, in the language of FTS5; empty if there is no word.
func expression(s marketplace.ConceptSearch) string {
	var words []string
	for _, w := range strings.FieldsFunc(strings.ToLower(s.Text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	}) {
		word := `"` + w + `"`
		if len([]rune(w)) > 2 {
			word += "*"
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return ""
	}
	match := "name : (" + strings.Join(words, " AND ") + ")"
	for _, f := range facets(s.Domain, s.Vocabulary, s.StandardOnly) {
		match += ` AND facets : "` + f + `"`
	}
	return match
}

// Named implements [marketplace.Vocabulary].
func (x *Index) Named(ctx context.Context, ids []int64) ([]marketplace.VocabularyConcept, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := x.db.QueryContext(ctx, `SELECT `+columns+` FROM concepts AS c WHERE c.id IN (SELECT value FROM json_each(?)) ORDER BY c.id`, string(list))
	return collect(rows, err, concept)
}

// Above implements [marketplace.Vocabulary].
func (x *Index) Above(ctx context.Context, id int64, limit, offset int) ([]marketplace.Relative, error) {
	rows, err := x.db.QueryContext(ctx, `SELECT `+columns+`, a.steps FROM ancestors AS a JOIN concepts AS c ON c.id = a.above
		WHERE a.below = ? ORDER BY a.steps, a.above LIMIT ? OFFSET ?`, id, limit, offset)
	return collect(rows, err, relative)
}

// Ancestors returns all that is above any of the concepts, however far, by rising id. All must be in the vocabulary, or the
// error Is [marketplace.ErrUnknownConcept].
func (x *Index) Ancestors(ctx context.Context, ids []int64) ([]int64, error) {
	found, err := x.Named(ctx, ids)
	if err != nil {
		return nil, err
	}
	known := make(map[int64]bool, len(found))
	for _, c := range found {
		known[c.ID] = true
	}
	for _, id := range ids {
		if !known[id] {
			return nil, fmt.Errorf("concept %d: %w", id, marketplace.ErrUnknownConcept)
		}
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := x.db.QueryContext(ctx, `SELECT DISTINCT above FROM ancestors WHERE below IN (SELECT value FROM json_each(?)) ORDER BY above`, string(list))
	return collect(rows, err, func(rows *sql.Rows) (id int64, err error) {
		err = rows.Scan(&id)
		return id, err
	})
}

// Below implements [marketplace.Vocabulary].
func (x *Index) Below(ctx context.Context, id int64, limit, offset int) ([]marketplace.Relative, error) {
	rows, err := x.db.QueryContext(ctx, `SELECT `+columns+`, a.steps FROM ancestors AS a JOIN concepts AS c ON c.id = a.below
		WHERE a.above = ? ORDER BY a.steps, a.below LIMIT ? OFFSET ?`, id, limit, offset)
	return collect(rows, err, relative)
}

func concept(rows *sql.Rows) (c marketplace.VocabularyConcept, err error) {
	err = rows.Scan(&c.ID, &c.Name, &c.Domain, &c.Vocabulary, &c.Class, &c.Standard, &c.Code)
	return c, err
}

func relative(rows *sql.Rows) (r marketplace.Relative, err error) {
	c := &r.VocabularyConcept
	err = rows.Scan(&c.ID, &c.Name, &c.Domain, &c.Vocabulary, &c.Class, &c.Standard, &c.Code, &r.Steps)
	return r, err
}

// collect reads all rows.
func collect[T any](rows *sql.Rows, err error, row func(*sql.Rows) (T, error)) (list []T, _ error) {
	if err != nil {
		return nil, fmt.Errorf("looking up concepts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := row(rows)
		if err != nil {
			return nil, fmt.Errorf("looking up concepts: %w", err)
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("looking up concepts: %w", err)
	}
	return list, nil
}
