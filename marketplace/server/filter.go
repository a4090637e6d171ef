package server

import (
	"fmt"
	"slices"
	"strings"
)

// filter is what a list is narrowed to, by field.
type filter map[string]string

// filterFrom reads the part of AIP-160 that lists take: equalities of the fields named, each once, joined by AND, as in
// state = "approved" AND dataset = hospital. Values are words, or in quotation marks without any inside. Nothing is no filter.
func filterFrom(text string, fields ...string) (filter, error) {
	out := filter{}
	rest := strings.TrimSpace(text)
	for rest != "" {
		if len(out) > 0 {
			after, ok := strings.CutPrefix(rest, "AND ")
			if !ok {
				return nil, fmt.Errorf("%w: filter: want AND before %q", errMalformed, rest)
			}
			rest = strings.TrimSpace(after)
		}
		name, after, ok := strings.Cut(rest, "=")
		if name = strings.TrimSpace(name); !ok || !slices.Contains(fields, name) {
			return nil, fmt.Errorf("%w: filter: %q is none of %s with a value", errMalformed, name, strings.Join(fields, ", "))
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("%w: filter: %s stands twice", errMalformed, name)
		}
		value, after, ok := valueIn(strings.TrimSpace(after))
		if !ok {
			return nil, fmt.Errorf("%w: filter: %s has no value", errMalformed, name)
		}
		out[name], rest = value, strings.TrimSpace(after)
	}
	return out, nil
}

// valueIn is the value that a text begins with.
func valueIn(text string) (value, after string, ok bool) {
	if quoted, is := strings.CutPrefix(text, `"`); is {
		value, after, ok = strings.Cut(quoted, `"`)
		return value, after, ok && value != ""
	}
	end := strings.IndexAny(text, " \"=()<>!")
	if end < 0 {
		return text, "", text != ""
	}
	return text[:end], text[end:], end > 0 && text[end] == ' '
}

// admits says whether a field that may have several values has the one that is asked for, if any is.
func (f filter) admits(field string, values ...string) bool {
	want, asked := f[field]
	return !asked || slices.Contains(values, want)
}
