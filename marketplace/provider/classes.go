package provider

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// maxParsed bounds the class documents that are kept parsed, in bytes before they are,
// which take a few times as many.
const maxParsed = 32 << 20

// classes keeps the documents of classes parsed: one never changes, and every
// decision looks at all of them while it holds up whoever writes.
type classes struct {
	store interface { // the part of [Store] that has them
		Documents(ctx context.Context, classes []uint32, each func(class uint32, document []byte) error) error
	}
	mu     sync.Mutex            // not held while anything is read
	parsed map[uint32]*keptClass // by id
	size   int                   // of parsed, before it was
	turn   int64                 // counts what was asked for
}

// classDocument is the document of a class, and its hash.
type classDocument struct {
	policy.Class
	hash ledger.Hash
}

type keptClass struct {
	classDocument
	size int   // before it was parsed
	turn int64 // when it was last asked for
}

// of returns the documents of classes on record, and their hashes. Those that are not ahead are read.
func (k *classes) of(ctx context.Context, ids []uint32, ahead map[uint32]classDocument) (documents []policy.Class, hashes []ledger.Hash, err error) {
	documents, hashes = make([]policy.Class, len(ids)), make([]ledger.Hash, len(ids))
	var late []uint32
	for i, id := range ids {
		if d, known := ahead[id]; known {
			documents[i], hashes[i] = d.Class, d.hash
		} else {
			late = append(late, id)
		}
	}
	if len(late) == 0 {
		return documents, hashes, nil
	}
	rest, err := k.read(ctx, late)
	if err != nil {
		return nil, nil, err
	}
	for i, id := range ids {
		if d, found := rest[id]; found {
			documents[i], hashes[i] = d.Class, d.hash
		}
	}
	return documents, hashes, nil
}

// read returns classes on record by id. Those that are not kept are read; while there is room, they are kept.
func (k *classes) read(ctx context.Context, ids []uint32) (map[uint32]classDocument, error) {
	all, missing, turn := k.kept(ids)
	if len(missing) == 0 {
		return all, nil
	}
	err := k.store.Documents(ctx, missing, func(id uint32, content []byte) error {
		var document policy.ClassDocument
		if err := ledger.ParseCanonical(content, &document); err != nil {
			return fmt.Errorf("class on record: %w", err)
		}
		all[id] = classDocument{policy.NewClass(document), ledger.HashBytes(content)}
		k.keep(id, &keptClass{classDocument: all[id], size: len(content), turn: turn})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range missing {
		if _, found := all[id]; !found {
			return nil, fmt.Errorf("class %d has no document", id)
		}
	}
	return all, nil
}

// kept are the classes that are kept, and the ids of the others.
func (k *classes) kept(ids []uint32) (all map[uint32]classDocument, missing []uint32, turn int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn++
	all = make(map[uint32]classDocument, len(ids))
	for _, id := range ids {
		if d, kept := k.parsed[id]; kept {
			d.turn = k.turn
			all[id] = d.classDocument
		} else {
			missing = append(missing, id)
		}
	}
	return all, missing, k.turn
}

// keep keeps a class while there is room. What was not asked for since it was makes room.
func (k *classes) keep(id uint32, d *keptClass) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size+d.size > maxParsed {
		for other, o := range k.parsed {
			if o.turn < d.turn {
				k.size -= o.size
				delete(k.parsed, other)
			}
		}
	}
	if _, there := k.parsed[id]; there || k.size+d.size > maxParsed {
		return
	}
	if k.parsed == nil {
		k.parsed = map[uint32]*keptClass{}
	}
	k.parsed[id] = d
	k.size += d.size
}

// evaluated is how many classes one goroutine evaluates at least.
const evaluated = 512

// reasons is policy.Terms.ClassReasons on all cores.
func reasons(terms policy.Terms, documents []policy.Class) []policy.ReasonCode {
	all := make([]policy.ReasonCode, len(documents))
	spread(len(documents), evaluated, func(first, end int) { copy(all[first:end], terms.ClassReasons(documents[first:end])) })
	return all
}

// spread has n things done on all cores, those from first to before end by one goroutine: least at least, but for the last ones.
func spread(n, least int, do func(first, end int)) {
	each := max(least, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for first := 0; first < n; first += each {
		group.Go(func() { do(first, min(first+each, n)) })
	}
	group.Wait()
}
