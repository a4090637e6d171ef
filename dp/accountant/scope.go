package accountant

import "errors"

var (
	// ErrBudgetSpent: the scope cannot afford the cost.
	ErrBudgetSpent = errors.New("privacy budget spent")
	// ErrMechanism: the cost is of a mechanism outside the scope's accounting.
	ErrMechanism = errors.New("mechanism outside the scope's accounting")
	// ErrKind: not a kind of accounting that this package knows, or not one that the function is about.
	ErrKind = errors.New("unknown kind of accounting")
	// ErrUnit: a budget, or what was spent of it, in another unit than the scope's kind of accounting counts in.
	ErrUnit = errors.New("budget in another unit than its accounting")
)

// Kind is how a scope turns its units into (epsilon, delta). It is fixed when
// the scope is made: taking the better of two as one goes is not a valid filter.
type Kind string

const (
	// ZCDP takes every mechanism that has a cost, and converts by the tight
	// bound for zero-concentrated differential privacy.
	ZCDP Kind = "zcdp"
	// GaussianOnly takes only Gaussian releases, and converts exactly.
	GaussianOnly Kind = "gaussian_only"
	// Pure counts epsilons, which add, and takes only releases that have one, and no delta: Laplace noise. Its units are
	// nano-epsilon, and it has no others.
	Pure Kind = "pure"
)

// Takes returns nil if a scope of the kind accounts for such costs, ErrMechanism if not, or ErrKind.
func (k Kind) Takes(c Cost) error {
	var takes bool
	switch k {
	case ZCDP:
		takes = true
	case GaussianOnly:
		takes = c.Delta == 0 && c.NanoEpsilon == 0
	case Pure:
		takes = c.Delta == 0 && (c.NanoEpsilon > 0 || c.NanoRho == 0)
	default:
		return ErrKind
	}
	if !takes {
		return ErrMechanism
	}
	return nil
}

// Counted is the part of a cost that a scope of the kind counts, in its units.
func (k Kind) Counted(c Cost) Cost {
	if k == Pure {
		return Cost{NanoEpsilon: c.NanoEpsilon}
	}
	return Cost{NanoRho: c.NanoRho, Delta: c.Delta}
}

// Scope is one budget and what has been spent of it: of a grant, of an
// organisation at a dataset, of a dataset, or of a class of patients. It is a
// value; whoever stores it owns its durability.
type Scope struct {
	Kind   Kind `json:"kind"`
	Budget Cost `json:"budget"` // the most that may ever be spent
	Spent  Cost `json:"spent"`
}

// NewScope makes an unspent scope.
func NewScope(kind Kind, budget Cost) (Scope, error) {
	s := Scope{Kind: kind, Budget: budget}
	return s, s.check()
}

// Admit returns the scope with what it counts of the cost charged, or an error and the scope as it
// was: ErrBudgetSpent if spent + cost would pass the budget in some component,
// ErrMechanism if the scope does not account for such costs.
func (s Scope) Admit(c Cost) (Scope, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	if err := c.Check(); err != nil {
		return s, err
	}
	if err := s.Kind.Takes(c); err != nil {
		return s, err
	}
	spent := s.Spent.plus(s.Kind.Counted(c))
	if !spent.within(s.Budget) {
		return s, ErrBudgetSpent
	}
	s.Spent = spent
	return s, nil
}

// Lose returns the scope with what it counts of c spent, as far as its budget reaches: what may have been charged and is not
// on record.
func (s Scope) Lose(c Cost) Scope {
	after, most := s.Spent.plus(s.Kind.Counted(c)), s.Budget
	s.Spent = Cost{
		NanoRho: max(s.Spent.NanoRho, min(after.NanoRho, most.NanoRho)), Delta: max(s.Spent.Delta, min(after.Delta, most.Delta)),
		NanoEpsilon: max(s.Spent.NanoEpsilon, min(after.NanoEpsilon, most.NanoEpsilon)),
	}
	return s
}

func (s Scope) check() error {
	if err := s.Kind.Takes(Cost{}); err != nil {
		return err
	}
	for _, c := range []Cost{s.Budget, s.Spent} {
		if err := c.Check(); err != nil {
			return err
		}
		if s.Kind.Counted(c) != c {
			return ErrUnit
		}
	}
	return nil
}
