package policy_test

import (
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// manyClasses are so many documents, no two alike: most permit within limits, some with exceptions, some not at all.
func manyClasses(n int) []policy.Class {
	all := make([]policy.Class, n)
	for i := range all {
		d := policy.ClassDocument{
			Decision: policy.Permit, Status: policy.Active, PermittedUse: uses(use(duo.HMB)), RecipientTypes: policy.RecipientTypes(),
			RecipientCountries: []string{policy.AnyCountry}, Categories: policy.AllCategories(policy.LevelExact),
		}
		for at, digits := 0, i; at < len(d.Categories); at, digits = at+1, digits/5 {
			d.Categories[at].Finest = policy.LevelExact - digits%5
		}
		switch i % 8 {
		case 1:
			d.PermittedUse = uses(use(duo.DS, cancer), use(duo.DS, diabetes), use(duo.POA))
		case 2:
			d.RecipientCountries, d.Modifiers = []string{"AT", "CH", "DE", "FR"}, modified(duo.NPU, duo.NPOA)
		case 3:
			d.Provisions = []policy.Provision{{Country: []string{"US"}, Actor: []policy.RecipientType{policy.Commercial}}, {Purpose: uses(use(duo.POA))}}
		case 4:
			d.Status = policy.Withdrawn
		case 5:
			d.SensitiveOptIn = []policy.Label{policy.HIV, policy.GeneticDisorders}
		case 6:
			d.Categories[0].DataPeriod = &policy.Period{Start: 10, End: 50}
		}
		all[i] = policy.NewClass(d)
	}
	return all
}

// BenchmarkClassReasons evaluates 5,000 classes on one core.
func BenchmarkClassReasons(b *testing.B) {
	for _, purpose := range []policy.DataUse{use(duo.HMB), use(duo.DS, breast)} {
		b.Run(purpose.Permission.Shorthand(), func(b *testing.B) {
			s := base(b)
			s.Request.Purpose = purpose
			classes, terms := manyClasses(5000), s.Terms()
			for b.Loop() {
				terms.ClassReasons(classes)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(classes)), "ns/class")
		})
	}
}
