package pages

import (
	"fmt"

	"github.com/medmarket/medmarket/dp"
)

// question is a plan in words.
func question(s dp.Statement) string {
	text := s.Query.Words()
	if plan, err := dp.NewPlan(s.Query, s.Metadata); err == nil && plan.Margin() > 0 {
		text += fmt.Sprintf(" Each of the %d counts is within ±%.0f at 95 %%.", len(plan.Cells), plan.Margin())
	}
	return text
}
