package provider

import (
	"fmt"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/policy"
)

// Disclosure is the policy's rule for small numbers, as plans have it. It is part of what a plan says of the dataset, so a
// question keeps the rule that it was quoted under, and the answer that it got.
func Disclosure(p policy.DatasetPolicy) dp.Disclosure { return dp.Disclosure(p.Disclosure) }

// sameRule refuses a plan that was made under another rule than the policy has.
func sameRule(p dp.Plan, now policy.DatasetPolicy) error {
	if p.Metadata.Disclosure != Disclosure(now) {
		return fmt.Errorf("%w: the policy has another disclosure rule now", ErrPlanMismatch)
	}
	return nil
}
