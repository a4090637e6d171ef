package dp

import "reflect"

// AddsUp reports whether the answers of two hospitals, each to its own plan, can be added up: [Plan.Estimate] of either then
// takes the vectors of both. It is an *InvalidQueryError if not. The plans must ask the same, bounds that a dataset filled in
// included, under the same disclosure rule; ages may be taken in other years, since each hospital says in which. Private
// keys do not add up: a key that one hospital lacks is not one that nobody has there.
func (p Plan) AddsUp(o Plan) error {
	q := o.Query
	q.Dataset = p.Query.Dataset
	switch {
	case p.Query.PrivateKeys():
		return invalid("also", "is not for a group by concepts that are not named: ask the hospitals one by one")
	case !reflect.DeepEqual(p.Query, q):
		return invalid("also", "names %q, where the question is another than at %q: write out the bounds that it leaves to the datasets",
			o.Query.Dataset, p.Query.Dataset)
	case p.Metadata.Disclosure != o.Metadata.Disclosure:
		return invalid("also", "names %q, whose disclosure rule is another than that of %q: ask the hospitals one by one",
			o.Query.Dataset, p.Query.Dataset)
	case !reflect.DeepEqual(p.Series, o.Series): // the noise, which the accounting chooses
		return invalid("also", "names %q, whose noise is another than that of %q: ask the hospitals one by one",
			o.Query.Dataset, p.Query.Dataset)
	}
	return nil
}
