package duckdb

import (
	"bufio"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// versionLabel begins the bytes of a version; it changes when the same folder
// would be loaded differently.
const versionLabel = "medmarket omop import 6\n"

// maxHeader bounds the first line of a CSV file, in bytes.
const maxHeader = 1 << 16

// source is a file that holds one table.
type source struct {
	path string
	csv  bool // else Parquet
	gzip bool
	bare bool // with tabs, it has no quotation marks around fields
}

// findTables returns the file of each known table, of which one must be there, and the names of
// the files that are left alone, sorted.
func findTables(folder, needed string, known func(table string) bool) (found map[string]source, ignored []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil, err
	}
	found = make(map[string]source)
	for _, e := range entries {
		name, s := tableName(e.Name())
		if !known(name) || e.IsDir() {
			ignored = append(ignored, e.Name())
			continue
		}
		if _, twice := found[name]; twice {
			return nil, nil, &omop.NotOMOPError{Table: name, Why: "is there in two files"}
		}
		s.path = filepath.Join(folder, e.Name())
		found[name] = s
	}
	if _, ok := found[needed]; !ok {
		return nil, nil, &omop.NotOMOPError{Why: fmt.Sprintf("has no %[1]s.parquet, %[1]s.csv or %[1]s.csv.gz", needed)}
	}
	return found, ignored, nil
}

// tableName is the lower-case name before .parquet, .csv or .csv.gz; empty for
// other files.
func tableName(file string) (string, source) {
	lower := strings.ToLower(file)
	for suffix, s := range map[string]source{".parquet": {}, ".csv": {csv: true}, ".csv.gz": {csv: true, gzip: true}} {
		if name, ok := strings.CutSuffix(lower, suffix); ok {
			return name, s
		}
	}
	return "", source{}
}

// version hashes the bytes of the files that were found, and their tables' names.
func version(found map[string]source, key []byte) (string, error) {
	var h hash.Hash = sha256.New()
	if len(key) > 0 {
		h = hmac.New(sha256.New, key)
	}
	h.Write([]byte(versionLabel))
	for _, t := range tables {
		s, ok := found[t.name]
		if !ok {
			continue
		}
		sum, err := hashFile(s.path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %x\n", t.name, sum)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

func hashFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// relation is the SQL that reads the file. A CSV file's columns and delimiter come
// from its first line, never from a guess at its rows.
func (s source) relation(table string) (string, error) {
	// DuckDB takes paths as patterns.
	path := quote(strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(s.path))
	if !s.csv {
		return "read_parquet(" + path + ")", nil
	}
	names, delimiter, err := s.header()
	if errors.Is(err, errHeader) {
		return "", &omop.NotOMOPError{Table: table, Why: "has no line of column names"}
	} else if err != nil {
		return "", fmt.Errorf("read the header of %s: %w", table, err)
	}
	var columns []string
	for _, n := range names {
		columns = append(columns, quote(n)+": 'VARCHAR'")
	}
	mark := `"`
	if s.bare && delimiter == "\t" {
		mark = ""
	}
	return fmt.Sprintf(`read_csv(%s, auto_detect = false, header = true, delim = %s, quote = %[3]s, escape = %[3]s,
		columns = {%[4]s}, store_rejects = true, rejects_limit = 0)`, path, quote(delimiter), quote(mark), strings.Join(columns, ", ")), nil
}

var errHeader = errors.New("no header")

// header returns the column names of a CSV file and its delimiter: whichever of
// tab, comma, semicolon and bar is most frequent in the first line.
func (s source) header() (names []string, delimiter string, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	var r io.Reader = f
	if s.gzip {
		if r, err = gzip.NewReader(f); err != nil {
			return nil, "", errHeader
		}
	}
	line, err := bufio.NewReader(io.LimitReader(r, maxHeader)).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == maxHeader) {
		return nil, "", errHeader
	}
	line = strings.TrimPrefix(line, "\ufeff")
	for _, d := range []string{"\t", ",", ";", "|"} {
		if delimiter == "" || strings.Count(line, d) > strings.Count(line, delimiter) {
			delimiter = d
		}
	}
	r2 := csv.NewReader(strings.NewReader(line))
	r2.Comma = rune(delimiter[0])
	names, err = r2.Read()
	if err != nil {
		return nil, "", errHeader
	}
	seen := make(map[string]bool)
	for i, n := range names {
		names[i] = strings.ToLower(strings.TrimSpace(n))
		if names[i] == "" || seen[names[i]] {
			names[i] = fmt.Sprintf("unnamed_%d", i) // not a column of ours
		}
		seen[names[i]] = true
	}
	return names, delimiter, nil
}
