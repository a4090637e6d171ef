package duckdb

import (
	"crypto/sha256"
	"reflect"
	"sync"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// maxPlanned is of how many statements it is remembered that the database has planned them.
const maxPlanned = 1024

// planned remembers statements that the database has planned, by their text. Concepts and edges are not in the text but bound to
// it, and what was planned with some of them is also planned with others, if they are not more: the form of a question is planned once. The zero
// value is ready for use.
type planned struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]int // most values that were bound
}

// has says whether a statement is one that the database can plan.
func (p *planned) has(s omop.Statement) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	most, known := p.by[sha256.Sum256([]byte(s.Text))]
	return known && values(s) <= most
}

// note remembers that the database has planned a statement.
func (p *planned) note(s omop.Statement) {
	name, n := sha256.Sum256([]byte(s.Text)), values(s)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by == nil || len(p.by) >= maxPlanned {
		p.by = map[[sha256.Size]byte]int{}
	}
	p.by[name] = max(p.by[name], n)
}

// values is how many are bound to a statement, those of lists one by one.
func values(s omop.Statement) (n int) {
	for _, arg := range s.Args() {
		if v := reflect.ValueOf(arg); v.Kind() == reflect.Slice {
			n += v.Len()
		} else {
			n++
		}
	}
	return n
}
