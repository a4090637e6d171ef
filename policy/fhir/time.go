package fhir

import (
	"time"

	"github.com/medmarket/medmarket/policy"
)

// lastSecond is the last that FHIR can write: of the year 9999.
const lastSecond = 253402300799

// span is what a FHIR dateTime means, from its first second to the one after its last: a year, a month, a day of UTC or
// a second.
func span(s string) (from, to int64, ok bool) {
	layouts := map[int]struct {
		layout              string
		years, months, days int
	}{4: {"2006", 1, 0, 0}, 7: {"2006-01", 0, 1, 0}, 10: {time.DateOnly, 0, 0, 1}}
	if l, short := layouts[len(s)]; short {
		t, err := time.Parse(l.layout, s)
		return t.Unix(), t.AddDate(l.years, l.months, l.days).Unix(), err == nil
	}
	t, err := time.Parse(time.RFC3339, s)
	whole := len(s) == len("2006-01-02T15:04:05Z") || len(s) == len("2006-01-02T15:04:05+01:00") // no fractions
	return t.Unix(), t.Unix() + 1, err == nil && whole
}

// moment is a dateTime of a whole second, after 1970 started.
func (o *object) moment(name string) int64 {
	from, to, ok := span(o.required(name))
	if !ok || to != from+1 || from < 1 {
		o.r.fault(o.at(name), "is not a dateTime of a whole second after 1970 started")
		return 0
	}
	return from
}

// period is half-open where FHIR's counts its end in; nil if it is absent. A start before earliest is refused, and an
// end before 1970: 0 would be none.
func (o *object) period(name string, earliest int64) *policy.Period {
	x := o.child(name)
	if x == nil {
		return nil
	}
	if !x.has("start") && !x.has("end") {
		o.r.fault(x.path, "neither starts nor ends")
	}
	var p policy.Period
	if s := x.text("start"); s != "" {
		from, _, ok := span(s)
		if !ok || from < earliest {
			o.r.fault(x.at("start"), "is not a dateTime of whole seconds from 1970 on, or cannot be told from no start")
		}
		p.Start = from
	}
	if s := x.text("end"); s != "" {
		_, to, ok := span(s)
		if !ok || to < 1 {
			o.r.fault(x.at("end"), "is not a dateTime of whole seconds from 1970 on")
		}
		p.End = to
	}
	x.done()
	return &p
}

// dataPeriod is a period in which the very start of 1970 would stand for no start.
func (o *object) dataPeriod(name string) *policy.Period { return o.period(name, 1) }

// period is the way back.
func (w *writer) period(field string, p policy.Period) node {
	n := node{}
	w.within(field, p != policy.Period{}, "neither starts nor ends: leave it out")
	if p.Start != 0 {
		n["start"] = w.moment(field+".start", p.Start)
	}
	if p.End != 0 {
		n["end"] = w.moment(field+".end", p.End-1)
	}
	return n
}

func (w *writer) moment(field string, unix int64) string {
	w.within(field, unix <= lastSecond, "is after the year 9999")
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}
