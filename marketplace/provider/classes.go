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
	mu     sync.Mutex
	parsed map[uint32]classDocument // by id
	size   int                      // of parsed, before it was
}

// classDocument is the document of a class, and its hash.
type classDocument struct {
	policy.Class
	hash ledger.Hash
}

// of returns the documents of classes on record, and their hashes. Those that are not kept are read; while there is room, they are kept.
func (k *classes) of(ctx context.Context, ids []uint32) (documents []policy.Class, hashes []ledger.Hash, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.forget(ids)
	documents, hashes = make([]policy.Class, len(ids)), make([]ledger.Hash, len(ids))
	place, missing := map[uint32]int{}, []uint32{}
	for i, id := range ids {
		d, known := k.parsed[id]
		if !known {
			place[id] = i
			missing = append(missing, id)
		}
		documents[i], hashes[i] = d.Class, d.hash
	}
	if len(missing) == 0 {
		return documents, hashes, nil
	}
	err = k.store.Documents(ctx, missing, func(id uint32, content []byte) error {
		var document policy.ClassDocument
		if err := ledger.ParseCanonical(content, &document); err != nil {
			return fmt.Errorf("class on record: %w", err)
		}
		d := classDocument{policy.NewClass(document), ledger.HashBytes(content)}
		documents[place[id]], hashes[place[id]] = d.Class, d.hash
		delete(place, id)
		if k.size+len(content) <= maxParsed {
			k.size += len(content)
			k.parsed[id] = d
		}
		return nil
	})
	if err == nil && len(place) > 0 {
		err = fmt.Errorf("%d classes have no document", len(place))
	}
	return documents, hashes, err
}

// forget makes room when there is none: of all but the classes that are asked for.
func (k *classes) forget(ids []uint32) {
	if k.parsed == nil || k.size >= maxParsed/2 && len(k.parsed) > 2*len(ids) {
		k.parsed, k.size = map[uint32]classDocument{}, 0
	}
}

// evaluated is how many classes one goroutine evaluates at least.
const evaluated = 512

// reasons is policy.Terms.ClassReasons on all cores.
func reasons(terms policy.Terms, documents []policy.Class) []policy.ReasonCode {
	all := make([]policy.ReasonCode, len(documents))
	each := max(evaluated, (len(documents)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for first := 0; first < len(documents); first += each {
		end := min(first+each, len(documents))
		group.Go(func() { copy(all[first:end], terms.ClassReasons(documents[first:end])) })
	}
	group.Wait()
	return all
}
