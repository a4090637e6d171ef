package main

import (
	"context"
	"fmt"
	"hash/fnv"

	"golang.org/x/sync/errgroup"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// choice is what a patient of the demo decides.
type choice int

const (
	anyHealthResearch choice = iota // health research by academics, all categories
	censusOnly                      // the same, demographics only
	nothing                         // a preference that denies
	neverAsked                      // no preference on record: not counted
	withdrew                        // anyHealthResearch, then withdrawn
	onPaper                         // anyHealthResearch, told the hospital on paper: she has no key
)

// choiceOf decides for a patient, by seed and number alone.
func choiceOf(seed uint64, patient int64) choice {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%d", seed, patient)
	switch x := h.Sum64() % 1000; {
	case x < 700:
		return anyHealthResearch
	case x < 730:
		return withdrew
	case x < 850:
		return censusOnly
	case x < 920:
		return nothing
	case x < 950:
		return onPaper
	default:
		return neverAsked
	}
}

// preference is the document a choice becomes.
func (c choice) preference() policy.ReleasePreference {
	switch c {
	case censusOnly:
		return policy.CensusOnly()
	case nothing:
		return policy.Nothing()
	default:
		return policy.AnyHealthResearch()
	}
}

// population is the hospital's patients who chose.
type population struct {
	provider ledger.Address
	domain   ledger.Domain
	people   []patient // with keys of their own
	paper    []patient // without
	counts   map[choice]int
}

type patient struct {
	number int64
	choice choice
	key    *ledger.Key
}

func newPopulation(seed uint64, numbers []int64, n network) (*population, error) {
	p := &population{provider: n.Trust.Providers[0], domain: n.Trust.Domain(), counts: map[choice]int{}}
	for _, number := range numbers {
		c := choiceOf(seed, number)
		p.counts[c]++
		switch c {
		case neverAsked:
			continue
		case onPaper:
			p.paper = append(p.paper, patient{number: number, choice: c})
			continue
		}
		key, err := ledger.NewKey()
		if err != nil {
			return nil, err
		}
		p.people = append(p.people, patient{number: number, choice: c, key: key})
	}
	return p, nil
}

// permits reports whether a patient of the demo is in an answer that touches wide
// groups of the given categories, once everyone has chosen.
func (c choice) permits(categories []policy.Category) bool {
	return c == anyHealthResearch || c == onPaper || (c == censusOnly && len(categories) == 1 && categories[0] == policy.Demographics)
}

// someone returns a patient who made the choice, or anyone if none did; nil of nobody.
func (p *population) someone(c choice) (one *patient, chose bool) {
	for i := range p.people {
		if p.people[i].choice == c {
			return &p.people[i], true
		}
	}
	if len(p.people) == 0 {
		return nil, false
	}
	return &p.people[0], false
}

// enrol has the steward bind everyone's key to her number at the hospital.
func (p *population) enrol(ctx context.Context, steward *person, progress func(done, total int)) error {
	return p.batches(ctx, p.people, progress, func(ctx context.Context, batch []patient) error {
		s := provider.EnrolmentStatement{Provider: p.provider}
		for _, one := range batch {
			s.Enrolments = append(s.Enrolments, provider.Enrolment{Patient: one.number, Key: one.key.Address()})
		}
		doc, err := steward.sign(ledger.KindEnrolment, s, 1)
		if err != nil {
			return err
		}
		_, err = pb.NewPreferenceServiceClient(steward.clinic).EnrolPatients(ctx, &pb.EnrolPatientsRequest{Enrolments: doc})
		return err
	})
}

// choose has everyone sign her preference; the steward carries the documents.
func (p *population) choose(ctx context.Context, steward *person, progress func(done, total int)) error {
	return p.set(ctx, steward, p.people, 1, progress, func(one patient) policy.ReleasePreference { return one.choice.preference() })
}

// record has the steward record what those without a key told the hospital.
func (p *population) record(ctx context.Context, steward *person) error {
	var all []provider.RecordedPreference
	for _, one := range p.paper {
		all = append(all, provider.RecordedPreference{Patient: one.number, Revision: 1, Preference: one.choice.preference()})
	}
	for batch := range recordedBatches(all) {
		if _, err := steward.record(ctx, provider.Paper, batch); err != nil {
			return err
		}
	}
	return nil
}

// withdraw has those who changed their minds sign their withdrawal.
func (p *population) withdraw(ctx context.Context, steward *person, progress func(done, total int)) error {
	var leaving []patient
	for _, one := range p.people {
		if one.choice == withdrew {
			leaving = append(leaving, one)
		}
	}
	return p.set(ctx, steward, leaving, 2, progress, func(one patient) policy.ReleasePreference {
		d := one.choice.preference()
		d.Status = policy.Withdrawn
		return d
	})
}

func (p *population) set(ctx context.Context, steward *person, people []patient, revision uint64, progress func(done, total int), document func(patient) policy.ReleasePreference) error {
	return p.batches(ctx, people, progress, func(ctx context.Context, batch []patient) error {
		r := &pb.SetPreferencesRequest{}
		for _, one := range batch {
			s := provider.PreferenceStatement{Provider: p.provider, Grantor: provider.Self(), Preference: document(one)}
			doc, err := signAs(one.key, p.domain, ledger.KindReleasePreference, s, revision)
			if err != nil {
				return err
			}
			r.Preferences = append(r.Preferences, doc)
		}
		_, err := pb.NewPreferenceServiceClient(steward.clinic).SetPreferences(ctx, r)
		return err
	})
}

// batchSize is well below provider.MaxBatch, so that no batch holds the hospital's store for long.
const batchSize = 250

// batches sends people to f in batches, two at a time.
func (p *population) batches(ctx context.Context, people []patient, progress func(done, total int), f func(context.Context, []patient) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for start := 0; start < len(people); start += batchSize {
		end := min(start+batchSize, len(people))
		g.Go(func() error { return f(ctx, people[start:end]) })
		progress(end, len(people))
	}
	return g.Wait()
}
