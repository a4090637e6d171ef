package dp

// PlanOfAnything is NewPlan before an engine computes every kind of group and measure.
func PlanOfAnything(q Query, m Metadata) (Plan, error) { return newPlan(q, m, every) }

// CostForAnyMargin is CostForMargin likewise.
func CostForAnyMargin(q Query, m Metadata, want Margin) (int64, error) {
	return costForMargin(q, m, want, every)
}
