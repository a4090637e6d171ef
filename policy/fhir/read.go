package fhir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxDepth is of values within one another, what is read over included.
const maxDepth = 32

// reader collects everything that is not supported.
type reader struct{ faults []error }

func (r *reader) fault(path, what string) {
	r.faults = append(r.faults, &UnsupportedError{Path: path, What: what})
}

// resource is the Consent that b is.
func (r *reader) resource(b []byte) (*object, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrSyntax, MaxBytes)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := wellFormed(d, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it", ErrSyntax)
	}
	o := r.object("Consent", b)
	if len(r.faults) > 0 || o.text("resourceType") != "Consent" {
		return nil, fmt.Errorf("%w: its resourceType is another", ErrSyntax)
	}
	return o, nil
}

// wellFormed reads one value. An object that has a field twice means one thing to one reader, another to another.
func wellFormed(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, nested := t.(json.Delim)
	switch {
	case !nested:
		return nil
	case depth == maxDepth:
		return errors.New("lies too deep")
	}
	seen := map[json.Token]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if seen[name] {
				return errors.New("a field comes twice")
			}
			seen[name] = true
		}
		if err := wellFormed(d, depth+1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// object is a JSON object whose fields are taken one by one; what is left in the end is refused.
type object struct {
	r      *reader
	path   string
	fields map[string]json.RawMessage
}

func (r *reader) object(path string, raw json.RawMessage) *object {
	o := &object{r: r, path: path}
	if json.Unmarshal(raw, &o.fields) != nil || o.fields == nil {
		r.fault(path, "is not an object")
	}
	return o
}

func (o *object) at(name string) string { return o.path + "." + name }
func (o *object) has(name string) bool  { _, ok := o.fields[name]; return ok }

func (o *object) take(name string) json.RawMessage {
	raw := o.fields[name]
	delete(o.fields, name)
	return raw
}

// ignore takes fields that do not matter, with what FHIR keeps beside those of them that are primitive.
func (o *object) ignore(names ...string) {
	for _, name := range names {
		o.take(name)
		o.take("_" + name)
	}
}

// why are reasons that say more than that a field is not known.
var why = map[string]string{
	"provision":         "is an exception within an exception",
	"modifierExtension": "may change what all else means, and is not known",
	"expression":        "is an expression",
	"data":              "names data one by one",
	"implicitRules":     "may change what all else means",
}

// done refuses what has not been taken.
func (o *object) done() {
	o.take("id")
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		what := why[name]
		if what == "" {
			what = "is not supported"
		}
		o.r.fault(o.at(name), what)
	}
}

// value decodes a field; ok if it is there and of that kind. FHIR has no null and nothing empty.
func value[T comparable](o *object, name, kind string) (v T, ok bool) {
	raw := o.take(name)
	if raw == nil {
		return v, false
	}
	var none T
	if err := json.Unmarshal(raw, &v); err != nil || v == none {
		o.r.fault(o.at(name), "is not "+kind)
		return none, false
	}
	return v, true
}

// text is empty where the field is absent or refused.
func (o *object) text(name string) string { v, _ := value[string](o, name, "a text"); return v }

// required is text that must be there.
func (o *object) required(name string) string {
	if !o.has(name) {
		o.r.fault(o.at(name), "is missing")
	}
	return o.text(name)
}

// child is an object within; nil if it is absent.
func (o *object) child(name string) *object {
	raw := o.take(name)
	if raw == nil {
		return nil
	}
	return o.r.object(o.at(name), raw)
}

// children are the objects of a list, which is not empty where it is there.
func (o *object) children(name string) []*object {
	raw := o.take(name)
	if raw == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		o.r.fault(o.at(name), "is not a list with something in it")
	}
	all := make([]*object, len(list))
	for i, item := range list {
		all[i] = o.r.object(fmt.Sprintf("%s[%d]", o.at(name), i), item)
	}
	return all
}

// ours is the modifier extension of that name; nil if it is absent. Any other is refused.
func (o *object) ours(name string) (found *object) {
	for _, x := range o.children("modifierExtension") {
		if x.text("url") != base+name || found != nil {
			o.r.fault(x.path, why["modifierExtension"])
			continue
		}
		found = x
	}
	return found
}

// parts hands over the extensions within one of ours, by what their urls say.
func (o *object) parts(read map[string]func(*object)) {
	for _, x := range o.children("extension") {
		url := x.text("url")
		if take, ok := read[url]; ok {
			take(x)
		} else {
			o.r.fault(x.path, "is not known")
			continue
		}
		x.done()
	}
	o.done()
}
