package circe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// MaxBytes is the longest definition that is read.
const MaxBytes = 8 << 20

// ErrSyntax says that a definition is not one JSON object of at most [MaxBytes].
var ErrSyntax = errors.New("circe: not a cohort definition")

// UnsupportedError names something that a definition says and package cohort cannot.
type UnsupportedError struct {
	Path string // in the definition: "PrimaryCriteria.CriteriaList[0].Measurement.RangeHighRatio"
	What string
}

func (e *UnsupportedError) Error() string { return e.Path + ": " + e.What }

// reader collects everything that is not supported.
type reader struct {
	faults []error
	sets   map[int64]conceptSet
}

func (r *reader) fault(path, format string, args ...any) {
	r.faults = append(r.faults, &UnsupportedError{Path: path, What: fmt.Sprintf(format, args...)})
}

// object is a JSON object whose fields are taken one by one; what is left in the end is unknown. A null is
// absent.
type object struct {
	r      *reader
	path   string
	depth  int
	fields map[string]json.RawMessage
}

// maxDepth is of objects in one another: four are a criterion of the language.
const maxDepth = 4 * cohort.MaxDepth

func (r *reader) object(path string, raw json.RawMessage, depth int) *object {
	o := &object{r: r, path: path, depth: depth}
	if depth > maxDepth {
		r.fault(path, "lies too deep")
		return o
	}
	if err := json.Unmarshal(raw, &o.fields); err != nil {
		r.fault(path, "is not an object")
	}
	maps.DeleteFunc(o.fields, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
	return o
}

func (o *object) at(name string) string { return strings.TrimPrefix(o.path+"."+name, ".") }

// take is a field's text, nil if it is absent.
func (o *object) take(name string) json.RawMessage {
	v := o.fields[name]
	delete(o.fields, name)
	return v
}

// ignore takes fields that do not matter to who is in the cohort.
func (o *object) ignore(names ...string) {
	for _, n := range names {
		o.take(n)
	}
}

// done refuses what has not been taken. An empty list asks for nothing.
func (o *object) done() {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if string(o.fields[name]) != "[]" {
			o.r.fault(o.at(name), "is not supported")
		}
	}
}

// value decodes a field; ok if it is there.
func value[T any](o *object, name, kind string) (v T, ok bool) {
	raw := o.take(name)
	if raw == nil {
		return v, false
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		o.r.fault(o.at(name), "is not %s", kind)
		return v, false
	}
	return v, true
}

func (o *object) number(name string) (int64, bool) { return value[int64](o, name, "a whole number") }
func (o *object) real(name string) (float64, bool) { return value[float64](o, name, "a number") }
func (o *object) text(name string) (string, bool)  { return value[string](o, name, "a text") }
func (o *object) yes(name string) bool             { v, _ := value[bool](o, name, "true or false"); return v }

// child is an object within; nil if it is absent.
func (o *object) child(name string) *object {
	raw := o.take(name)
	if raw == nil {
		return nil
	}
	return o.r.object(o.at(name), raw, o.depth+1)
}

// children are the objects of a list.
func (o *object) children(name string) []*object {
	list, _ := value[[]json.RawMessage](o, name, "a list")
	out := make([]*object, len(list))
	for i, raw := range list {
		out[i] = o.r.object(fmt.Sprintf("%s[%d]", o.at(name), i), raw, o.depth+1)
	}
	return out
}

// definition is the one JSON object of b.
func (r *reader) definition(b []byte) (*object, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrSyntax, MaxBytes)
	}
	var raw json.RawMessage
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", ErrSyntax)
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, fmt.Errorf("%w: not an object", ErrSyntax)
	}
	return r.object("", raw, 0), nil
}
