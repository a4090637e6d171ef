package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/medmarket/medmarket/policy/duo"
)

const (
	// maxInteger is the largest integer that every JSON reader keeps exact (RFC 8785 serialises numbers as doubles).
	maxInteger = 1<<53 - 1
	// maxDiseases bounds a list of uses: every decision looks at all of them.
	maxDiseases = 64
	// maxName bounds names and identifiers, in bytes.
	maxName = 256
)

// checks collects what is wrong with a document, so that whoever wrote it hears of everything at once.
type checks []error

func (c *checks) err() error { return errors.Join(*c...) }

func (c *checks) within(field string, ok bool, want string) {
	if !ok {
		*c = append(*c, &FieldError{field, want, ErrInvalid})
	}
}

func (c *checks) integer(field string, value, least int64) {
	if value < least || value > maxInteger {
		c.within(field, false, fmt.Sprintf("from %d to 2^53-1", least))
	}
}

func (c *checks) name(field, value string) {
	ok := value != "" && len(value) <= maxName && utf8.ValidString(value) &&
		strings.TrimSpace(value) == value && !strings.ContainsFunc(value, unicode.IsControl)
	c.within(field, ok, "1 to 256 bytes of text without control characters or outer blanks")
}

func (c *checks) address(field, value string) {
	c.hex(field, value, 40)
}

func (c *checks) hex(field, value string, n int) {
	digits, ok := strings.CutPrefix(value, "0x")
	ok = ok && len(digits) == n && strings.Trim(digits, "0123456789abcdef") == ""
	if !ok {
		c.within(field, false, fmt.Sprintf(`"0x" and %d lower-case hex digits`, n))
	}
}

func (c *checks) period(field string, p Period) {
	c.integer(field+".start", p.Start, 0)
	c.integer(field+".end", p.End, 0)
	c.within(field, p.End == 0 || p.End > p.Start, "must end after it starts")
}

func (c *checks) uses(field string, uses []DataUse) {
	for _, u := range uses {
		switch err := u.Validate(); {
		case errors.Is(err, ErrUnknownTerm):
			*c = append(*c, &FieldError{field, "DUO permission or MONDO disease", ErrUnknownTerm})
		case err != nil:
			*c = append(*c, &FieldError{field, err.Error(), ErrInvalid})
		}
	}
	diseases := 0
	for _, u := range duo.Normalize(uses) {
		diseases += len(u.Diseases)
	}
	c.within(field+".diseases", diseases <= maxDiseases, fmt.Sprintf("at most %d", maxDiseases))
}

// permitted are uses that a document permits: methods are for purposes, and a modifier forbids them.
func (c *checks) permitted(field string, uses []DataUse) {
	c.uses(field, uses)
	c.within(field+".methods", !slices.ContainsFunc(uses, func(u DataUse) bool { return u.Methods }), "said of purposes and grants only")
}

// words checks a list against its vocabulary.
func words[T ~string](c *checks, field string, values, vocabulary []T) {
	for _, v := range values {
		known(c, field, v, vocabulary...)
	}
}

// known checks a word against its vocabulary. A word left out is a missing field, not an unknown term.
func known[T ~string](c *checks, field string, value T, vocabulary ...T) {
	switch {
	case value == "":
		*c = append(*c, &FieldError{field, "required", ErrInvalid})
	case !slices.Contains(vocabulary, value):
		*c = append(*c, &FieldError{field, fmt.Sprintf("one of %q", vocabulary), ErrUnknownTerm})
	}
}
