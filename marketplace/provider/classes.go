package provider

import (
	"fmt"
	"sync"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// maxParsed bounds the class documents that are kept parsed, in bytes before they are,
// which take a few times as many.
const maxParsed = 32 << 20

// classes keeps the documents of classes parsed: one never changes, and every
// decision looks at all of them while it holds up whoever writes.
type classes struct {
	mu     sync.Mutex
	parsed map[uint32]policy.ClassDocument // by id
}

// of returns the documents of classes on record.
func (k *classes) of(all []Class) ([]policy.ClassDocument, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	documents, kept, size := make([]policy.ClassDocument, len(all)), make(map[uint32]policy.ClassDocument, len(all)), 0
	for i, c := range all {
		d, known := k.parsed[c.ID]
		if !known {
			if err := ledger.ParseCanonical(c.Document, &d); err != nil {
				return nil, fmt.Errorf("class on record: %w", err)
			}
		}
		if size += len(c.Document); size <= maxParsed {
			kept[c.ID] = d
		}
		documents[i] = d
	}
	k.parsed = kept // classes that nobody is in any more are forgotten
	return documents, nil
}

// permitted has each class that the terms permit, charged.
func (k *classes) permitted(terms policy.Terms, all []Class, cost accountant.Cost) ([]Permitted, error) {
	documents, err := k.of(all)
	if err != nil {
		return nil, err
	}
	permitted := []Permitted{}
	for i, reason := range terms.ClassReasons(documents) {
		if reason != policy.PatientEligible {
			continue
		}
		after, err := all[i].Odometer.Add(cost)
		if err != nil {
			return nil, fmt.Errorf("charging a class: %w", err)
		}
		permitted = append(permitted, Permitted{Class: all[i].ID, Odometer: after})
	}
	return permitted, nil
}
