package accountant

import "errors"

var (
	// ErrBudgetSpent: the scope cannot afford the cost.
	ErrBudgetSpent = errors.New("privacy budget spent")
	// ErrMechanism: the cost is of a mechanism outside the scope's accounting.
	ErrMechanism = errors.New("mechanism outside the scope's accounting")
	// ErrKind: not a kind of accounting that this package knows.
	ErrKind = errors.New("unknown kind of accounting")
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
)

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

// Admit returns the scope with the cost charged, or an error and the scope as it
// was: ErrBudgetSpent if spent + cost would pass the budget in either component,
// ErrMechanism if the scope does not account for such costs.
func (s Scope) Admit(c Cost) (Scope, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	if err := c.Check(); err != nil {
		return s, err
	}
	if s.Kind == GaussianOnly && c.Delta != 0 {
		return s, ErrMechanism
	}
	if c.NanoRho > s.Budget.NanoRho-s.Spent.NanoRho || c.Delta > s.Budget.Delta-s.Spent.Delta {
		return s, ErrBudgetSpent
	}
	s.Spent.NanoRho += c.NanoRho
	s.Spent.Delta += c.Delta
	return s, nil
}

func (s Scope) check() error {
	if s.Kind != ZCDP && s.Kind != GaussianOnly {
		return ErrKind
	}
	if err := s.Budget.Check(); err != nil {
		return err
	}
	return s.Spent.Check()
}
