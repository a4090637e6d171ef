package duo

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
	PS   Modifier = "DUO:0000027" // only for the projects named beside it
	US   Modifier = "DUO:0000026" // only for the users named beside it
	GSO  Modifier = "DUO:0000016" // only for studies that have genotypes in them
)

var modifiers = []struct {
	modifier Modifier
	label    string
}{
	{NPU, "not for profit organisation use only"},
	{NCU, "non-commercial use only"},
	{NPOA, "population origins or ancestry research prohibited"},
	{NMDS, "no general methods research"},
	{GS, "geographical restriction"},
	{IS, "institution specific restriction"},
	{TS, "time limit on use"},
	{PS, "project specific restriction"},
	{US, "user specific restriction"},
	{GSO, "genetic studies only"},
}

// Modifiers lists the known modifiers.
func Modifiers() []Modifier {
	all := make([]Modifier, len(modifiers))
	for i, m := range modifiers {
		all[i] = m.modifier
	}
	return all
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
