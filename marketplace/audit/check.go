package audit

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// Options are how a history is checked.
type Options struct {
	Now int64 // the auditor's clock, Unix seconds; required
	// Proven wants proofs of all anchors. Default: they were read from a node that the auditor trusts.
	Proven bool
	// Progress hears after each 100 entries, each 1,000 leaves of a hospital, and the last of each, how much is done. Default: nobody does.
	Progress func(done, total int)
}

// Summary is what was found to fit.
type Summary struct {
	Studies  int    `json:"studies"`
	Entries  int    `json:"entries"`
	Anchored uint64 `json:"anchored"` // entries under an anchored root; the others wait
	Receipts int    `json:"receipts"`
	Escrows  int    `json:"escrows"`  // that cover what their researchers were answered
	Anchors  int    `json:"anchors"`  // of all logs
	Leaves   int    `json:"leaves"`   // of hospitals' logs
	Releases int    `json:"releases"` // held against their hospital's log
}

// Check checks a history; the error is a [*Fault].
func Check(h History, t verifier.Trust, o Options) (Summary, error) {
	w := walk{h: h, trust: t, options: o, studies: map[ledger.Hash]Study{}, seen: map[ledger.Hash]bool{}, spent: map[budget]int64{}, roots: map[ledger.Address]map[uint64]ledger.Hash{}, left: map[ledger.Address]int64{}}
	for _, step := range []func() error{w.start, w.escrows, w.proofs, w.entries, w.hospitals} {
		if err := step(); err != nil {
			return w.sum, err
		}
	}
	return w.sum, nil
}

// budget is what a study may spend at a dataset.
type budget struct {
	study, organisation ledger.Hash // of its committee
	dataset             string
}

// walk is a check under way.
type walk struct {
	h       History
	trust   verifier.Trust
	options Options
	sum     Summary
	done    int

	studies map[ledger.Hash]Study
	seen    map[ledger.Hash]bool // request ids
	spent   map[budget]int64
	roots   map[ledger.Address]map[uint64]ledger.Hash // of hospitals' logs, as receipts have them
	left    map[ledger.Address]int64                  // what is left of researchers' escrows, burnt or not, for further answers
}

// start looks at the whole.
func (w *walk) start() error {
	if !slices.Contains(w.trust.Marketplaces, w.h.Marketplace) {
		return fault("marketplace", "%s is not in the trust file", w.h.Marketplace)
	}
	if len(w.h.Logs) == 0 || w.h.Logs[0].Kind != ledger.LogReceipts || w.h.Logs[0].Keeper != w.h.Marketplace {
		return fault("logs", "the first must be the marketplace's receipts log")
	}
	for _, l := range w.h.Logs {
		for i, a := range l.Anchors {
			if i > 0 && a.Size <= l.Anchors[i-1].Size {
				return fault(l.anchor(a), "sizes do not rise")
			}
		}
		w.sum.Anchors += len(l.Anchors)
	}
	for _, s := range w.h.Studies {
		if s.Record.Document != s.ID || s.Record.Study.IsZero() {
			return fault("study "+s.ID.String(), "the chain has no such grant")
		}
		w.studies[s.ID] = s
	}
	w.sum.Studies = len(w.studies)
	return nil
}

// escrows reads what there is to pay from.
func (w *walk) escrows() error {
	for _, e := range w.h.Escrows {
		if _, twice := w.left[e.Researcher]; twice || e.Held < 0 || e.Burnt < 0 || e.Held > math.MaxInt64-e.Burnt {
			return fault(escrowOf(e.Researcher), "is there twice, or no amount of work")
		}
		w.left[e.Researcher] = e.Held + e.Burnt
	}
	w.sum.Escrows = len(w.left)
	return nil
}

func escrowOf(researcher ledger.Address) string { return fmt.Sprintf("escrow of %s", researcher) }

func (l Log) anchor(a ledger.Anchored) string {
	return fmt.Sprintf("anchor of the %s log of %s at %d", l.Kind, l.Keeper, a.Size)
}

// proofs checks that the anchors are on the chain, if that is to be proven.
func (w *walk) proofs() error {
	if !w.options.Proven {
		return nil
	}
	p := w.h.Proof
	if p == nil {
		return fault("anchors", "there is no proof of them")
	}
	var claims []verify.Claim
	var storage [][]ledger.Bytes
	for _, l := range w.h.Logs {
		if len(l.Storage) != len(l.Anchors) {
			return fault(fmt.Sprintf("anchors of the %s log of %s", l.Kind, l.Keeper), "%d proofs of %d anchors", len(l.Storage), len(l.Anchors))
		}
		for _, a := range l.Anchors {
			claims = append(claims, verify.Claim{Log: ledger.LogID(l.Kind, l.Keeper), Size: a.Size, Root: a.Root})
		}
		storage = append(storage, l.Storage...)
	}
	if len(claims) == 0 {
		return nil
	}
	err := verify.Anchors(ledger.AnchorProof{Block: p.Block, Headers: p.Headers, Account: p.Account}, storage,
		w.trust.Chain(), claims, uint64(max(w.options.Now, 0)))
	if err != nil {
		return &Fault{"anchors", err}
	}
	return nil
}

// entries walks the register along its log.
func (w *walk) entries() error {
	log := grow{log: w.h.Logs[0]}
	receipts := w.h.Receipts
	for i, e := range w.h.Entries {
		part := fmt.Sprintf("entry %d", i)
		if e.Index != uint64(i) {
			return fault(part, "one with index %d is in its place", e.Index)
		}
		if err := w.entry(part, e); err != nil {
			return err
		}
		if len(receipts) > 0 && receipts[0].Index == e.Index {
			if err := w.receipt(receipts[0], e); err != nil {
				return err
			}
			receipts = receipts[1:]
		}
		if err := log.add(e.Leaf); err != nil {
			return err
		}
		w.progress(i%100 == 99 || i+1 == len(w.h.Entries))
	}
	w.sum.Entries = len(w.h.Entries)
	if len(receipts) > 0 {
		return fault("receipts", "the one at %d has no entry, or they are out of order", receipts[0].Index)
	}
	if err := log.end(); err != nil {
		return err
	}
	if n := len(log.log.Anchors); n > 0 {
		w.sum.Anchored = log.log.Anchors[n-1].Size
	}
	return nil
}

// entry checks an entry against its study.
func (w *walk) entry(part string, e Entry) error {
	s, known := w.studies[e.Grant]
	switch {
	case w.seen[e.Request]:
		return fault(part, "request %s was answered before", e.Request)
	case !known:
		return fault(part, "no approved study is %s", e.Grant)
	case !slices.Contains(s.Researchers, e.Researcher):
		return fault(part, "%s is no researcher of study %s", e.Researcher, e.Grant)
	case e.Time < s.Record.NotBefore || e.Time >= s.Record.Expiry || s.Record.ReviewBy != 0 && e.Time >= s.Record.ReviewBy:
		return fault(part, "was decided outside the period of study %s", e.Grant)
	case e.NanoRho < 0 || e.Work < 0 || len(e.Hospitals) == 0:
		return fault(part, "cost, price or hospitals are missing")
	}
	w.seen[e.Request] = true
	if err := w.costs(part, e, s); err != nil {
		return err
	}
	return w.pays(part, e.Researcher, e.Work)
}

// pays takes what all hospitals together drew from what a researcher set aside: a hospital sees only its own price.
func (w *walk) pays(part string, researcher ledger.Address, work int64) error {
	left := w.left[researcher]
	if work > left {
		return fault(escrowOf(researcher), "is overdrawn by %s: it draws %d of %d that are left", part, work, left)
	}
	w.left[researcher] = left - work
	return nil
}

// costs checks what an entry cost at its hospitals, against its study.
func (w *walk) costs(part string, e Entry, s Study) error {
	greatest := int64(0)
	for _, h := range e.Hospitals {
		ceiling, granted := s.Record.Ceiling(h.Dataset)
		if h.State == "" && !granted {
			return fault(part, "study %s names no dataset %q", e.Grant, h.Dataset)
		}
		if h.NanoRho < 0 || h.NanoRho > 1<<53 {
			return fault(part, "a cost of %d nano-rho", h.NanoRho)
		}
		greatest = max(greatest, h.NanoRho)
		if err := w.spend(part, budget{s.Record.Study, s.Record.Organisation, h.Dataset}, h.NanoRho, ceiling); err != nil {
			return err
		}
	}
	if greatest != e.NanoRho {
		return fault(part, "costs %d nano-rho, its hospitals charged %d", e.NanoRho, greatest)
	}
	return nil
}

// spend adds to what a study has spent at a dataset, within the greatest of the ceilings that its grants ever had.
func (w *walk) spend(part string, b budget, nanoRho, ceiling int64) error {
	w.spent[b] += nanoRho
	if w.spent[b] <= ceiling {
		return nil
	}
	for _, s := range w.studies {
		if s.Record.Study == b.study && s.Record.Organisation == b.organisation {
			other, _ := s.Record.Ceiling(b.dataset)
			ceiling = max(ceiling, other)
		}
	}
	if w.spent[b] > ceiling {
		return fault(part, "study %s has spent %d nano-rho at %q, and was granted %d", b.study, w.spent[b], b.dataset, ceiling)
	}
	return nil
}

// receipt checks a receipt, and holds it against its entry.
func (w *walk) receipt(shown Shown, e Entry) error {
	part := fmt.Sprintf("receipt of entry %d", e.Index)
	r, err := verifier.Receipt(shown.Content, w.trust, w.options.Now)
	if err != nil && !errors.Is(err, verifier.ErrPending) { // its anchor is checked with all others
		return &Fault{part, err}
	}
	want, err := EntryOf(r, e.Index)
	if err != nil {
		return &Fault{part, err}
	}
	if want.Leaf != e.Leaf {
		return fault(part, "is not what the register has the leaf of")
	}
	if r.Marketplace != w.h.Marketplace || !reflect.DeepEqual(want, e) {
		return fault(part, "says something else than the register does")
	}
	drawn := int64(0)
	for _, s := range r.Statement.Releases {
		drawn += s.Release.Work
		of := w.roots[s.Provider]
		if of == nil {
			of = map[uint64]ledger.Hash{}
			w.roots[s.Provider] = of
		}
		if root, known := of[s.Release.AsOf]; known && root != s.Release.LogRoot {
			return fault(part, "%s has signed two roots of its log at %d", s.Provider, s.Release.AsOf)
		}
		of[s.Release.AsOf] = s.Release.LogRoot
	}
	w.sum.Receipts++
	return w.pays(part, e.Researcher, max(0, drawn-e.Work)) // a marketplace may say less than the hospitals have signed
}

// hospitals walks the logs of hospitals that are shown, and holds receipts against them.
func (w *walk) hospitals() error {
	for _, l := range w.h.Logs[1:] {
		if l.Kind != ledger.LogProvider || !slices.Contains(w.trust.Providers, l.Keeper) {
			return fault("logs", "%s is no trusted hospital with a log of events", l.Keeper)
		}
		if len(l.Leaves) == 0 { // its anchors alone
			continue
		}
		log := grow{log: l, claimed: w.roots[l.Keeper]}
		for i, leaf := range l.Leaves {
			if err := log.add(leaf); err != nil {
				return err
			}
			w.progress(i%1000 == 999 || i+1 == len(l.Leaves))
		}
		if err := log.end(); err != nil {
			return err
		}
		for asOf := range log.claimed {
			if asOf > log.size {
				return fault(fmt.Sprintf("log of %s", l.Keeper), "ends at %d leaves, and a receipt stands on %d", log.size, asOf)
			}
		}
		w.sum.Leaves += len(l.Leaves)
		w.sum.Releases += len(log.claimed)
	}
	return nil
}

func (w *walk) progress(tell bool) {
	w.done++
	if tell && w.options.Progress != nil {
		total := len(w.h.Entries)
		for _, l := range w.h.Logs {
			total += len(l.Leaves)
		}
		w.options.Progress(w.done, total)
	}
}
