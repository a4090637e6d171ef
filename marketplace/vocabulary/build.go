package vocabulary

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/medmarket/medmarket/marketplace"
)

// Source hands over every concept, and every pair of which one is above the other: steps is the least number between
// them. It stops at the first error.
type Source func(ctx context.Context, concept func(marketplace.VocabularyConcept) error, above func(above, below int64, steps int) error) error

// Built says what is in a file that was made.
type Built struct {
	Concepts int64
	Pairs    int64 // of a concept and one above it
}

// application marks our files: "mmvo", and layout the order of their columns.
const (
	application = 0x6d6d766f
	layout      = 1
)

// maxID is the greatest concept id that a question can name.
const maxID = 1<<53 - 1

const schema = `
CREATE TABLE read (
    id         INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9007199254740991),
    name       TEXT NOT NULL,
    domain     TEXT NOT NULL,
    vocabulary TEXT NOT NULL,
    class      TEXT NOT NULL,
    standard   TEXT NOT NULL,
    code       TEXT NOT NULL,
    facets     TEXT NOT NULL
) STRICT;
CREATE TABLE ancestors (
    above INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    below INTEGER NOT NULL,
    PRIMARY KEY (above, steps, below)
) STRICT, WITHOUT ROWID;`

// arrange makes what is searched of the rows that were read. Concepts are in the order in which they are found, so that a
// search ends with its page however many there are: standard ones first, and of those with a word the
// shortest name, which says least else. Facets are a concept's domain, vocabulary and standing, each one word.
const arrange = `
CREATE TABLE concepts (
    place      INTEGER PRIMARY KEY,
    id         INTEGER NOT NULL,
    name       TEXT NOT NULL,
    domain     TEXT NOT NULL,
    vocabulary TEXT NOT NULL,
    class      TEXT NOT NULL,
    standard   TEXT NOT NULL,
    code       TEXT NOT NULL
) STRICT;
INSERT INTO concepts (id, name, domain, vocabulary, class, standard, code)
    SELECT id, name, domain, vocabulary, class, standard, code FROM read ORDER BY standard <> 'S', length(name), id;
CREATE UNIQUE INDEX concepts_by_id ON concepts (id);
CREATE INDEX concepts_by_code ON concepts (code COLLATE NOCASE);
CREATE INDEX ancestors_by_below ON ancestors (below, steps, above);
CREATE VIRTUAL TABLE words USING fts5(name, facets, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2", prefix='3');
INSERT INTO words (rowid, name, facets) SELECT c.place, c.name, r.facets FROM concepts AS c JOIN read AS r USING (id) ORDER BY c.place;
DROP TABLE read;
INSERT INTO words (words) VALUES ('optimize');
ANALYZE;
VACUUM;`

// Build makes the index file of what the source hands over; one that is there is replaced once all is written.
// Concepts without a usable id or name are left out, and of those with the same id the first stays.
func Build(ctx context.Context, file string, from Source) (b Built, err error) {
	draft, err := os.CreateTemp(filepath.Dir(file), ".vocabulary-*")
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, removed(draft.Name())) }()
	if err := draft.Close(); err != nil {
		return b, err
	}
	if b, err = write(ctx, draft.Name(), from); err != nil {
		return Built{}, fmt.Errorf("building the vocabulary: %w", err)
	}
	if err := durable(draft.Name()); err != nil {
		return Built{}, err
	}
	if err := os.Rename(draft.Name(), file); err != nil {
		return Built{}, err
	}
	return b, durable(filepath.Dir(file))
}

// removed removes a draft, if it is still there.
func removed(file string) error {
	if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// durable waits until a file or folder is on disk.
func durable(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// write fills an empty file. A crash leaves a draft that nobody opens, so that nothing needs to be on disk before the end.
func write(ctx context.Context, file string, from Source) (b Built, err error) {
	db, err := sql.Open("sqlite", dsn(file, url.Values{"mode": {"rwc"}, "_pragma": {"journal_mode(off)", "synchronous(off)", "cache_size(-65536)"}}))
	if err != nil {
		return b, err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d;`, application, layout)+schema); err != nil {
		return b, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return b, err
	}
	defer tx.Rollback() // does nothing after a commit
	if b, err = fill(ctx, tx, from); err != nil {
		return b, err
	}
	if err := tx.Commit(); err != nil {
		return b, err
	}
	_, err = db.ExecContext(ctx, arrange)
	return b, err
}

// fill writes the rows.
func fill(ctx context.Context, tx *sql.Tx, from Source) (b Built, err error) {
	prepared := func(text string) *sql.Stmt {
		s, e := tx.PrepareContext(ctx, text) // ends with the transaction
		err = errors.Join(err, e)
		return s
	}
	concepts := prepared(`INSERT INTO read (id, name, domain, vocabulary, class, standard, code, facets) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
	pairs := prepared(`INSERT INTO ancestors (above, steps, below) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`)
	if err != nil {
		return b, err
	}
	concept := func(c marketplace.VocabularyConcept) error {
		c = clean(c)
		if c.ID < 1 || c.ID > maxID || c.Name == "" {
			return nil
		}
		n, err := inserted(concepts.ExecContext(ctx, c.ID, c.Name, c.Domain, c.Vocabulary, c.Class, c.Standard, c.Code,
			strings.Join(facets(c.Domain, c.Vocabulary, c.Standard == "S"), " ")))
		b.Concepts += n
		return err
	}
	above := func(above, below int64, steps int) error {
		if above == below || steps < 0 {
			return nil
		}
		n, err := inserted(pairs.ExecContext(ctx, above, steps, below))
		b.Pairs += n
		return err
	}
	return b, from(ctx, concept, above)
}

func inserted(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// clean makes lines of text that can be shown anywhere.
func clean(c marketplace.VocabularyConcept) marketplace.VocabularyConcept {
	for _, s := range []*string{&c.Name, &c.Domain, &c.Vocabulary, &c.Class, &c.Standard, &c.Code} {
		*s = strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, strings.ToValidUTF8(*s, "\ufffd")))
	}
	return c
}

// facets are the words by which a search is narrowed; none for what is empty.
func facets(domain, vocabulary string, standard bool) (words []string) {
	for kind, value := range map[string]string{"d": domain, "v": vocabulary} {
		if word := plain(value); word != "" {
			words = append(words, kind+word)
		}
	}
	if standard {
		words = append(words, "standard")
	}
	return words
}

// plain is a name as one word: letters and digits, in lower case.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func dsn(file string, options url.Values) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: options.Encode()}).String()
}
