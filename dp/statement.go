package dp

// Statement is a plan as it is hashed, signed and sent: the query and the
// metadata determine all the rest.
type Statement struct {
	Query    Query    `json:"query"`
	Metadata Metadata `json:"metadata"`
}

// Statement returns the plan's statement. NewPlan makes the plan from it again.
func (p Plan) Statement() Statement { return Statement{Query: p.Query, Metadata: p.Metadata.Stated()} }
