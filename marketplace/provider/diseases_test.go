package provider_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// G2: a question on a disease counts whoever permits research on that, or on what it is a kind of, and nobody who
// permits research on one of its kinds only.
func TestG2DiseasesAreSubsumed(t *testing.T) {
	w := openExact(t)
	w.Prefer(policy.OnConditions(providertest.Cancer), 1, 2, 3)
	w.Prefer(policy.OnConditions(providertest.BreastCancer), 4, 5)
	for name, tt := range map[string]struct {
		disease string
		want    int64 // patients 6 and 7 permit all health research
	}{
		"cancer": {providertest.Cancer, 5}, "breast cancer": {providertest.BreastCancer, 7},
	} {
		r := w.release(w.Question(name, w.grant, w.Query(loss), func(a *ledger.Ask) {
			a.Purpose = ledger.Purpose{Permission: string(duo.DS), Diseases: []string{tt.disease}}
		}))
		var counted int64
		for _, n := range r.Release.Vector {
			counted += n
		}
		equal(t, "counted in research on "+name, counted, tt.want)
	}
	w.refusedFor(w.Question("unknown", w.grant, w.Query(loss), func(a *ledger.Ask) {
		a.Purpose = ledger.Purpose{Permission: string(duo.DS), Diseases: []string{"MONDO:9999999"}}
	}), policy.ReasonUnknownTerm)
}
