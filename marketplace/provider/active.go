package provider

// Active is a set of patients: who may be counted. Bit i%64 of word i/64 stands for the i-th of the patients in the
// records, in rising order of their numbers. Words that are not there are empty.
type Active []uint64

// NewActive returns the empty set of so many patients, in all its words.
func NewActive(patients int) Active { return make(Active, (patients+63)/64) }

// Has says whether the i-th patient is in the set.
func (a Active) Has(i int) bool { return i/64 < len(a) && a[i/64]>>(i%64)&1 == 1 }

// Add puts the i-th patient into the set, which has a word for her.
func (a Active) Add(i int) { a[i/64] |= 1 << (i % 64) }

// Remove takes the i-th patient out.
func (a Active) Remove(i int) {
	if i/64 < len(a) {
		a[i/64] &^= 1 << (i % 64)
	}
}
