package pages

import (
	"fmt"

	"github.com/medmarket/medmarket/dp"
)

// question is a plan in words.
func question(s dp.Statement) string {
	text := s.Query.Words()
	plan, err := dp.NewPlan(s.Query, s.Metadata)
	if err != nil {
		return text
	}
	if plan.Threshold > 0 {
		text += fmt.Sprintf(" Groups appear from %d patients on, by the number with noise.", plan.Threshold)
	}
	switch margin := plan.Margin(); {
	case margin > 0 && plan.Threshold > 0:
		text += fmt.Sprintf(" Each count is within ±%.0f at 95 %%.", margin)
	case margin > 0:
		text += fmt.Sprintf(" Each of the %d counts is within ±%.0f at 95 %%.", len(plan.Cells), margin)
	}
	return text
}
