package provider

import (
	"fmt"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/policy"
)

// Under is the metadata of a dataset with what plans say of its policy: its rule for small numbers, so that a
// question keeps the rule that it was quoted under, and the answer that it got; and its accounting, which says with which noise it answers.
func Under(m dp.Metadata, p policy.DatasetPolicy) dp.Metadata {
	m.Disclosure, m.Accounting = dp.Disclosure(p.Disclosure), accountant.Kind(p.Accounting)
	return m
}

// sameRule refuses a plan that was made under another rule or accounting than the policy has.
func sameRule(p dp.Plan, now policy.DatasetPolicy) error {
	if !p.Metadata.Same(Under(p.Metadata, now)) {
		return fmt.Errorf("%w: the policy has another disclosure rule or accounting", ErrPlanMismatch)
	}
	return nil
}

// Accounting is the kind of the scopes of the dataset and of organisations at it, which its policy names once and for all.
func Accounting(p policy.DatasetPolicy) accountant.Kind {
	if p.Accounting == "" {
		return accountant.ZCDP
	}
	return accountant.Kind(p.Accounting)
}

// budget is a limit of the policy.
func budget(p policy.DatasetPolicy, limit int64) accountant.Cost {
	return Accounting(p).Counted(accountant.Cost{NanoRho: limit, Delta: p.TotalDelta, NanoEpsilon: limit})
}
