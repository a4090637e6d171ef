package dp

// PlanOfAnything is NewPlan before an engine computes every kind of group and measure.
func PlanOfAnything(q Query, m Metadata) (Plan, error) { return newPlan(q, m, every) }
