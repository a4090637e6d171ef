package policy

import (
	"math"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// wordSet is a set of words of one vocabulary, which has 15 at most: the n-th is bit n. The last bit stands for a word that is not in it.
type wordSet uint16

const unknownWord wordSet = 1 << 15

// permittedWords leaves out what is not in the vocabulary: it permits nothing.
func permittedWords[T ~string](vocabulary, list []T) (s wordSet) {
	for i, word := range vocabulary {
		if slices.Contains(list, word) {
			s |= 1 << i
		}
	}
	return s
}

// wantedWords are those of a list, with the last bit if there is one that no document can permit.
func wantedWords[T ~string](vocabulary []T, list ...T) (s wordSet) {
	for _, word := range list {
		if i := slices.Index(vocabulary, word); i >= 0 {
			s |= 1 << i
		} else {
			s |= unknownWord
		}
	}
	return s
}

// has says whether all that is wanted is in the set.
func (s wordSet) has(wanted wordSet) bool { return wanted&^s == 0 }

// parts is the number of [Categories].
const parts = 11

// A patient is her preference, nil if she was never asked, as the rules look at it, and what she has lost at most. Lists
// are sets, in which a word that nobody knows is not, so that it permits nothing.
type patient struct {
	*ReleasePreference
	lost Loss

	uses           duo.Permitted
	types, labels  wordSet
	countries      places
	parts          wordSet
	finest         [parts]int      // of each part that is permitted; of two scopes of one, which are not valid, what both permit
	timed          []CategoryScope // those that have a time
	modifiers      wordSet         // of plainModifiers
	otherModifiers []Modifier
	unreadable     []bool // of each provision
}

// plainModifiers are those of patients that need nothing beside them to be understood.
func plainModifiers() []duo.Modifier { return []duo.Modifier{duo.NPU, duo.NCU, duo.NPOA, duo.NMDS} }

// read reads a preference, which may be malformed or nil.
func read(p *ReleasePreference, lost Loss) *patient {
	r := &patient{ReleasePreference: p, lost: lost}
	if p == nil {
		return r
	}
	r.uses = duo.NewPermitted(p.PermittedUse)
	r.types, r.labels = permittedWords(RecipientTypes(), p.RecipientTypes), permittedWords(Labels(), p.SensitiveOptIn)
	r.countries = permittedPlaces(p.RecipientCountries)
	r.readScopes(p.Categories)
	for _, m := range p.Modifiers {
		if plain := wantedWords(plainModifiers(), m.Code); plain != unknownWord {
			r.modifiers |= plain
		} else {
			r.otherModifiers = append(r.otherModifiers, m)
		}
	}
	r.unreadable = unreadable(p.Provisions)
	return r
}

func (p *patient) readScopes(scopes []CategoryScope) {
	for i, category := range Categories() {
		p.finest[i] = math.MaxInt
		for _, s := range scopes {
			if s.Category != category {
				continue
			}
			p.parts |= 1 << i
			finest := s.Finest
			if finest > LevelExact { // there is nothing so fine: it permits nothing
				finest = math.MinInt
			}
			p.finest[i] = min(p.finest[i], finest)
			if s.DataPeriod != nil {
				p.timed = append(p.timed, s)
			}
		}
	}
}

// question is [Terms] as the rules of patients look at them, made once for all patients.
type question struct {
	*Terms
	purpose           duo.Purpose
	recipient, labels wordSet
	countries         places
	parts             wordSet
	uses              []partUse
	excluded          wordSet // plainModifiers that keep the question from the data
}

// partUse is a use of a category, by its number.
type partUse struct {
	CategoryUse
	part int
}

func (t *Terms) question() *question {
	q := &question{
		Terms: t, purpose: duo.NewPurpose(t.Purpose, t.Diseases), recipient: wantedWords(RecipientTypes(), t.Recipient.Type),
		labels: wantedWords(Labels(), t.Labels...), countries: touchedPlaces(t.Recipient.Countries),
	}
	for _, u := range t.Categories {
		q.parts |= wantedWords(Categories(), u.Category)
		if i := slices.Index(Categories(), u.Category); i >= 0 {
			q.uses = append(q.uses, partUse{u, i})
		}
	}
	for i, code := range plainModifiers() {
		if (Modifier{Code: code}).excludes(t.Purpose, t.Recipient, t.Now) {
			q.excluded |= 1 << i
		}
	}
	return q
}

// leavesOut returns the first rule that leaves the patient out.
func (q *question) leavesOut(p *patient) (ReasonCode, bool) {
	for i := range patientRules {
		if patientRules[i].applies(q, p) {
			return patientRules[i].code, true
		}
	}
	return "", false
}
