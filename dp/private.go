package dp

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// AnyKey stands for a private key where it is not known which there are.
const AnyKey = "*"

// PrivateKeys reports whether the group's keys are private: which there are is told by the answer alone.
func (g Group) PrivateKeys() bool { return g.Kind == Concept && len(g.Concepts) == 0 }

// PrivateKeys reports whether the keys of a group are private.
func (q Query) PrivateKeys() bool { return slices.ContainsFunc(q.GroupBy, Group.PrivateKeys) }

func canonicalDelta(q Query, m Metadata) (int64, error) {
	switch {
	case q.PrivateKeys() && m.accounting().Takes(accountant.Cost{NanoRho: 1, Delta: 1}) != nil:
		return 0, invalid("group_by", "by concepts that are not named costs a delta, which the dataset's accounting (%s) does not take", m.Accounting)
	case !q.PrivateKeys() && q.Delta != 0:
		return 0, invalid("delta", "is only for a group by concepts that are not named")
	case !q.PrivateKeys():
		return 0, nil
	case q.Delta == 0:
		return DefaultDelta, nil
	case q.Delta < MinDelta || q.Delta > accountant.MaxUnits:
		return 0, invalid("delta", "must be %d to %d, in 2^-63", int64(MinDelta), int64(accountant.MaxUnits))
	default:
		return q.Delta, nil
	}
}

// threshold is the least whole number T such that
//
//	k P(1 + N >= T) <= delta,
//
// where k is in how many cells a patient counts at most and N is the noise on a number of patients (Gaussian, since a delta is taken only where
// that is), normal with
// deviation sigma and rounded to a whole number: P(1 + N >= T) = P(normal >= T - 3/2). It is 0 if keys are not private.
//
// Only cells with a patient get noise at all, and those whose noisy number of patients reaches T appear, with all their
// numbers. That is delta-approximate rho-zCDP (Bun and Steinke 2016, definition 8.1), with rho the cost of the series: Let one
// hospital have one patient more than another. She is in k cells at most, of which some have nobody else. Let E be that none of
// these appears. In each of them the exact number is 1, so E fails with probability k P(1 + N >= T) <= delta
// at most. Given E, what leaves the one hospital is about the cells that the other has patients in, too, and the noise in these does
// not depend on E: it is what the Gaussian mechanism with the declared sensitivities makes of them, followed by
// dropping numbers by looking at noisy ones alone, which costs nothing. The number of patients in any cell ("cohort") has noise of its own whoever is there, and
// is one more of these series; all is dropped where it is small, by looking at it.
//
// dp.md has 1 + sigma PhiInv((1-delta)^(1/k)): the same but for the half that rounding adds, and 1-(1-delta)^(1/k) for
// delta/k, which is less by a part of delta. What floating-point numbers and the noise's source
// are off by in such a tail (a relative 1e-13, and 2^-52) is allowed for.
func (p Plan) threshold() int64 {
	i := p.patients()
	if i < 0 || !p.Query.PrivateKeys() {
		return 0
	}
	const slack, off = 1e-9, 0x1p-51
	sigma := p.Series[i].Sigma
	each := accountant.DeltaOf(p.Query.Delta) / float64(p.Query.cells()) // 2^-50 at least, since Delta is MinDelta
	seldom := func(t int) bool {
		return mul(math.Erfc((float64(t)-1.5)/(sigma*math.Sqrt2))/2, 1+slack)+off <= each
	}
	return int64(sort.Search(int(math.Ceil(9*sigma))+2, seldom)) // 9 deviations have a tail of 2^-62
}

// patients is the series of the number of patients, -1 if there is none.
func (p Plan) patients() int {
	return slices.IndexFunc(p.Series, func(s Series) bool { return p.Tallies[s.Tally].Kind == TallyPatients })
}

// most is how many cells with private keys an answer has at most.
func (p Plan) most() int { return min(MaxCells, MaxNumbers/p.perLine()) }

// perLine is how many numbers a cell with a private key takes in the released vector.
func (p Plan) perLine() int {
	n := 2
	for _, s := range p.ofCells() {
		n += s.Width
	}
	return n
}

// Entry is one number of the exact vector that a private key has. Numbers without an entry are zero.
type Entry struct {
	Key   int64 // concept, 1 to MaxKey; 0 for "cohort", and for it only
	Slot  int64 // place in the vector of the key, 0 to Plan.Size() - 1
	Total int64
}

func (e Entry) compare(o Entry) int {
	return cmp.Or(cmp.Compare(e.Key, o.Key), cmp.Compare(e.Slot, o.Slot))
}

// entriesFit reports whether the entries are of the plan, and rise.
func (p Plan) entriesFit(entries []Entry) bool {
	size := int64(p.Size())
	last := size // of a key
	if len(p.ofCells()) < len(p.Series) {
		last--
	}
	for i, e := range entries {
		from, to := int64(0), last
		if e.Key == 0 { // of all keys
			from, to = last, size
		}
		if e.Key < 0 || e.Key > MaxKey || e.Slot < from || e.Slot >= to || i > 0 && entries[i-1].compare(e) >= 0 {
			return false
		}
	}
	return true
}

// appearing is a cell that appears.
type appearing struct {
	key, cell int64
	patients  int64 // noisy
}

// releaseKeys is Release where keys are private. How many numbers it draws noise for depends on the records; what it returns, and how much of
// it, on noisy numbers only.
func (p Plan) releaseKeys(e Exact, src noise.Source) ([]int64, error) {
	entries, ok := e.byKey()
	if !ok || !p.entriesFit(entries) {
		return nil, fmt.Errorf("release: %w", ErrShape)
	}
	cells, err := p.appear(entries, src)
	if err != nil {
		return nil, err
	}
	patients := p.patients()
	noisy := make([]int64, 0, p.perLine()*len(cells))
	for _, c := range cells {
		noisy = append(noisy, c.key, c.cell)
		for i, s := range p.ofCells() {
			if i == patients { // drawn, once
				noisy = append(noisy, c.patients)
				continue
			}
			if noisy, err = s.release(noisy, p.numbers(entries, c, s.Tally), p.Tallies[s.Tally].Width, src); err != nil {
				return nil, err
			}
		}
	}
	var t table
	for _, s := range p.Series[len(p.ofCells()):] {
		if t.cohort, err = s.release(t.cohort, p.numbers(entries, appearing{}, s.Tally), s.Width, src); err != nil {
			return nil, err
		}
	}
	for numbers := range slices.Chunk(noisy, p.perLine()) {
		t.lines = append(t.lines, line{series: p.apart(numbers[2:])})
	}
	if p.disclose(t) {
		noisy = nil
	}
	return append(noisy, t.cohort...), nil
}

// apart are the numbers of each series of a cell.
func (p Plan) apart(numbers []int64) [][]int64 {
	series := make([][]int64, len(p.Series))
	for i, s := range p.ofCells() {
		series[i], numbers = numbers[:s.Width], numbers[s.Width:]
	}
	return series
}

// appear draws the noise on the numbers of patients. The cells with the largest are kept if too many reach the threshold.
func (p Plan) appear(entries []Entry, src noise.Source) (cells []appearing, err error) {
	s := p.Series[p.patients()]
	from := int64(p.Offset(s.Tally))
	for _, e := range entries {
		cell := e.Slot - from
		if cell < 0 || cell >= int64(len(p.Cells)) || e.Total < 1 {
			continue
		}
		n, err := s.draw(e.Total, src)
		if err != nil {
			return nil, fmt.Errorf("release: adding noise: %w", err)
		}
		if n >= p.Threshold {
			cells = append(cells, appearing{key: e.Key, cell: cell, patients: n})
		}
	}
	if most := p.most(); len(cells) > most {
		slices.SortStableFunc(cells, func(a, b appearing) int { return cmp.Compare(b.patients, a.patients) })
		cells = cells[:most]
	}
	slices.SortFunc(cells, appearing.compare)
	return cells, nil
}

func (c appearing) compare(o appearing) int {
	return cmp.Or(cmp.Compare(c.key, o.key), cmp.Compare(c.cell, o.cell))
}

// numbers are the exact numbers of a tally in a cell.
func (p Plan) numbers(entries []Entry, c appearing, tally int) []int64 {
	numbers := make([]int64, p.Tallies[tally].Width)
	first := Entry{Key: c.key, Slot: int64(p.Offset(tally)) + c.cell*int64(len(numbers))}
	i, _ := slices.BinarySearchFunc(entries, first, Entry.compare)
	for _, e := range entries[i:] {
		at := e.Slot - first.Slot
		if e.Key != c.key || at >= int64(len(numbers)) {
			break
		}
		numbers[at] = e.Total
	}
	return numbers
}

// linesOfKeys reads a released vector with private keys. Those of several hospitals do not add up: a key
// that one of them lacks is not one that nobody has there.
func (p Plan) linesOfKeys(released [][]int64) ([]line, error) {
	if len(released) != 1 {
		return nil, ErrShape
	}
	t, err := p.cutByKey(released[0])
	if err != nil {
		return nil, err
	}
	if !p.disclosed(t) || len(t.lines) > 0 && slices.Contains(t.cohort, Suppressed) {
		return nil, ErrDisclosure
	}
	return t.lines, nil
}

// cutByKey divides a released vector with private keys.
func (p Plan) cutByKey(vector []int64) (t table, err error) {
	per := p.perLine()
	end := len(vector) - (len(p.Series) - len(p.ofCells()))
	if end < 0 || end%per != 0 || end/per > p.most() {
		return table{}, ErrShape
	}
	vector, t.cohort = vector[:end], vector[end:]
	private, patients := slices.IndexFunc(p.Query.GroupBy, Group.PrivateKeys), p.patients()
	var last appearing
	for ; len(vector) > 0; vector = vector[per:] {
		c := appearing{key: vector[0], cell: vector[1]}
		if c.key < 1 || c.key > MaxKey || c.cell < 0 || c.cell >= int64(len(p.Cells)) || len(t.lines) > 0 && last.compare(c) >= 0 {
			return table{}, ErrShape
		}
		l := line{key: slices.Clone(p.Cells[c.cell].Key), series: p.apart(vector[2:per])}
		l.key[private] = strconv.FormatInt(c.key, 10)
		suppressed := p.Metadata.Disclosure.MinCount > 0 && l.series[patients][0] == Suppressed
		if !suppressed && l.series[patients][0] < p.Metadata.Disclosure.count(p.Threshold) {
			return table{}, ErrShape
		}
		t.lines, last = append(t.lines, l), c
	}
	return t, nil
}

// Fits reports whether a hospital can have released the vector for the plan: ErrShape or ErrDisclosure if not.
func (p Plan) Fits(vector []int64) error {
	_, err := p.lines([][]int64{vector})
	return err
}
