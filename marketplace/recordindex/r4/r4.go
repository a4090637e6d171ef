package r4

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed fhir.schema.json.gz
var published []byte

// rule is what the schema says of a value, in the words of JSON Schema (draft 6) that it uses.
type rule struct {
	Ref        string           `json:"$ref"`
	OneOf      []rule           `json:"oneOf"` // of a resource: the definition that its resourceType names
	Type       string           `json:"type"`
	Const      string           `json:"const"`
	Enum       []string         `json:"enum"`
	Pattern    *pattern         `json:"pattern"`
	Items      *rule            `json:"items"`
	Properties map[string]*rule `json:"properties"` // and no others
	Required   []string         `json:"required"`
	Others     bool             `json:"additionalProperties"` // false wherever there are properties
}

// pattern is a regular expression.
type pattern struct{ *regexp.Regexp }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *pattern) UnmarshalText(b []byte) (err error) {
	p.Regexp, err = regexp.Compile(string(b))
	return err
}

// schema is the definitions by name.
type schema map[string]*rule

const definitions = "#/definitions/"

var read = sync.OnceValues(func() (schema, error) {
	z, err := gzip.NewReader(bytes.NewReader(published))
	if err != nil {
		return nil, fmt.Errorf("the schema of FHIR R4: %w", err)
	}
	var s struct {
		Definitions schema `json:"definitions"`
	}
	d := json.NewDecoder(z)
	d.DisallowUnknownFields() // a word that is not known here would be a rule that is not kept
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("the schema of FHIR R4: %w", err)
	}
	return s.Definitions, nil
})

// Check returns an error unless content is a resource of FHIR R4, of any type.
func Check(content []byte) error {
	s, err := read()
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber() // patterns are of numbers as they are written
	var v any
	if d.Decode(&v) != nil {
		return errors.New("no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return s.resource("", v)
}

// resource checks one by its type.
func (s schema) resource(at string, v any) error {
	o, ok := v.(map[string]any)
	if !ok {
		return fault(at, "is no resource")
	}
	name, _ := o["resourceType"].(string)
	if name == "" || !slices.ContainsFunc(s["ResourceList"].OneOf, func(r rule) bool { return r.Ref == definitions+name }) {
		return fault(at, "is of no type of resource that there is")
	}
	if at == "" {
		at = name
	}
	return s.check(at, s[name], v)
}

func fault(at, what string) error { return fmt.Errorf("%s %s", at, what) }

// check holds v against a rule.
func (s schema) check(at string, r *rule, v any) error {
	switch {
	case r.Ref == definitions+"ResourceList":
		return s.resource(at, v)
	case r.Ref != "":
		next, known := s[strings.TrimPrefix(r.Ref, definitions)]
		if !known {
			return fault(at, "has no rule")
		}
		return s.check(at, next, v)
	case r.Properties != nil:
		return s.object(at, r, v)
	case r.Type == "array":
		return s.list(at, r, v)
	}
	return r.plain(at, v)
}

func (s schema) object(at string, r *rule, v any) error {
	o, ok := v.(map[string]any)
	if !ok {
		return fault(at, "is no object")
	}
	for _, name := range r.Required {
		if _, there := o[name]; !there {
			return fault(at, "has no "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) { // the same fault is found whenever it is looked for
		of, known := r.Properties[name]
		if !known {
			return fault(at, "has an element that is not in the schema")
		}
		if err := s.check(at+"."+name, of, o[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s schema) list(at string, r *rule, v any) error {
	all, ok := v.([]any)
	if !ok {
		return fault(at, "is no array")
	}
	for i, item := range all {
		if err := s.check(fmt.Sprintf("%s[%d]", at, i), r.Items, item); err != nil {
			return err
		}
	}
	return nil
}

// plain checks what is neither object nor array, as it is written.
func (r *rule) plain(at string, v any) error {
	text, is := written(v)
	wanted := r.Type
	if r.Const != "" || len(r.Enum) > 0 {
		wanted = "string"
	}
	switch {
	case wanted == "": // XHTML: anything
		return nil
	case is != wanted:
		return fault(at, "is no "+wanted)
	case r.Const != "" && text != r.Const, len(r.Enum) > 0 && !slices.Contains(r.Enum, text), r.Pattern != nil && !r.Pattern.MatchString(text):
		return fault(at, "is not of its form")
	}
	return nil
}

// written is how a plain value is, and its type; "" of what is none.
func written(v any) (text, is string) {
	switch v := v.(type) {
	case string:
		return v, "string"
	case json.Number:
		return v.String(), "number"
	case bool:
		return strconv.FormatBool(v), "boolean"
	}
	return "", ""
}
