package duo

import "slices"

// Modifier is the DUO identifier of a term that narrows a permission, spelled as a [Permission] is.
type Modifier string

// The modifiers that documents here may name. A data embargo has no term (MOR is about publications), and ethics
// approval (IRB) is wanted of every study.
const (
	NPU  Modifier = "DUO:0000045" // not for use by organisations that work for profit
	NCU  Modifier = "DUO:0000046" // not for commercial use, whoever uses it
	NPOA Modifier = "DUO:0000044" // not for the study of origins or ancestry
	NMDS Modifier = "DUO:0000015" // not for the development of methods
	GS   Modifier = "DUO:0000022" // only in the countries named beside it
	IS   Modifier = "DUO:0000028" // only for the institutions named beside it
	TS   Modifier = "DUO:0000025" // only for the months named beside it
)

var modifiers = []struct {
	modifier         Modifier
	shorthand, label string
}{
	{NPU, "NPU", "not for profit organisation use only"},
	{NCU, "NCU", "non-commercial use only"},
	{NPOA, "NPOA", "population origins or ancestry research prohibited"},
	{NMDS, "NMDS", "no general methods research"},
	{GS, "GS", "geographical restriction"},
	{IS, "IS", "institution specific restriction"},
	{TS, "TS", "time limit on use"},
}

// Modifiers lists the known modifiers.
func Modifiers() []Modifier {
	all := make([]Modifier, len(modifiers))
	for i, m := range modifiers {
		all[i] = m.modifier
	}
	return all
}

// Known says whether m is one of [Modifiers].
func (m Modifier) Known() bool { return slices.Contains(Modifiers(), m) }

// Shorthand is the ontology's short name, such as "NPU"; empty for an unknown modifier.
func (m Modifier) Shorthand() string {
	for _, known := range modifiers {
		if known.modifier == m {
			return known.shorthand
		}
	}
	return ""
}

// Label is the ontology's name in words (see [Attribution]); empty for an unknown modifier.
func (m Modifier) Label() string {
	for _, known := range modifiers {
		if known.modifier == m {
			return known.label
		}
	}
	return ""
}
