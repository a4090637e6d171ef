package ledger

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// plainly returns the canonical form of compact JSON in which there is nothing to spell but the order of members: texts of ASCII without
// escapes, and integers that are exact. Nearly every document is so, and this is several times as quick as the general way. False: it may be another.
func plainly(compact []byte) (canonical []byte, is bool) {
	p := plain{in: compact, out: make([]byte, 0, len(compact))}
	if !p.value(0) || p.at != len(compact) {
		return nil, false
	}
	return p.out, true
}

// plainDepth is how deep values may lie in one another.
const plainDepth = 64

// plainDigits is how many digits an integer may have: any such is below 2^53.
const plainDigits = 15

type plain struct {
	in      []byte
	at      int // of in, what is read next
	out     []byte
	members []member // of the objects that are being written, each after those that it lies in
	before  []byte   // members as they came, while they are put in order
}

// member is where in out a member of an object lies.
type member struct{ from, value, end int }

// name is a member's, without quotes. Of ASCII, the order of bytes is that of UTF-16.
func (m member) name(out []byte) []byte { return out[m.from+1 : m.value-2] }

// next reads a byte, if it is c, and writes it.
func (p *plain) next(c byte) bool {
	if p.at >= len(p.in) || p.in[p.at] != c {
		return false
	}
	p.at++
	p.out = append(p.out, c)
	return true
}

func (p *plain) value(depth int) bool {
	if depth > plainDepth || p.at >= len(p.in) {
		return false
	}
	switch c := p.in[p.at]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.text()
	case c == '-' || '0' <= c && c <= '9':
		return p.integer()
	default:
		return p.word("true") || p.word("false") || p.word("null")
	}
}

func (p *plain) word(w string) bool {
	if !bytes.HasPrefix(p.in[p.at:], []byte(w)) {
		return false
	}
	p.at += len(w)
	p.out = append(p.out, w...)
	return true
}

func (p *plain) text() bool {
	if p.at >= len(p.in) || p.in[p.at] != '"' {
		return false
	}
	for i := p.at + 1; i < len(p.in); i++ {
		switch c := p.in[i]; {
		case c == '"':
			p.out = append(p.out, p.in[p.at:i+1]...)
			p.at = i + 1
			return true
		case c < ' ' || c == '\\' || c >= utf8.RuneSelf:
			return false
		}
	}
	return false
}

func (p *plain) integer() bool {
	p.next('-')
	first := p.at
	for p.at < len(p.in) && '0' <= p.in[p.at] && p.in[p.at] <= '9' {
		p.at++
	}
	digits := p.in[first:p.at]
	switch {
	case len(digits) == 0 || len(digits) > plainDigits:
		return false
	case digits[0] == '0' && (len(digits) > 1 || first > 0 && p.in[first-1] == '-'):
		return false
	case p.at < len(p.in) && bytes.IndexByte([]byte(".eE"), p.in[p.at]) >= 0:
		return false
	}
	p.out = append(p.out, digits...)
	return true
}

func (p *plain) array(depth int) bool {
	p.next('[')
	if p.next(']') {
		return true
	}
	for {
		if !p.value(depth + 1) {
			return false
		}
		if !p.next(',') {
			return p.next(']')
		}
	}
}

func (p *plain) object(depth int) bool {
	p.next('{')
	if p.next('}') {
		return true
	}
	first := len(p.members)
	for {
		m := member{from: len(p.out)}
		if !p.text() || !p.next(':') {
			return false
		}
		m.value = len(p.out)
		if !p.value(depth + 1) {
			return false
		}
		m.end = len(p.out)
		p.members = append(p.members, m)
		if !p.next(',') {
			break
		}
	}
	ordered := p.order(p.members[first:])
	p.members = p.members[:first]
	return ordered && p.next('}')
}

// order puts the members that were written last in order. False: two have one name.
func (p *plain) order(of []member) bool {
	start := of[0].from
	byName := func(a, b member) int { return bytes.Compare(a.name(p.out), b.name(p.out)) }
	sorted := slices.IsSortedFunc(of, byName)
	if !sorted {
		slices.SortFunc(of, byName)
	}
	for i := 1; i < len(of); i++ {
		if byName(of[i-1], of[i]) == 0 {
			return false
		}
	}
	if sorted {
		return true
	}
	p.before = append(p.before[:0], p.out[start:]...)
	p.out = p.out[:start]
	for i, m := range of {
		if i > 0 {
			p.out = append(p.out, ',')
		}
		p.out = append(p.out, p.before[m.from-start:m.end-start]...)
	}
	return true
}
