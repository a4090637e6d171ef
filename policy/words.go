package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/policy/duo"
)

// Words puts a preference into plain sentences, one a line, without its own cap: for the patient whose it is.
func Words(p ReleasePreference) string {
	switch {
	case p.Status != Active:
		return "You have withdrawn your permission: nobody may count your record."
	case p.Decision != Permit && len(p.Provisions) == 0:
		return "Nobody may count your record."
	}
	lines := []string{"Your record may be counted for " + usesInWords(p.PermittedUse) + "."}
	if p.Decision != Permit {
		lines = []string{"Your record may not be counted, with exceptions. They are for " + usesInWords(p.PermittedUse) + " at most."}
	}
	lines = append(lines,
		"By: "+listInWords(p.RecipientTypes, "nobody")+", in "+countriesInWords(p.RecipientCountries)+".",
		"What of it: "+scopesInWords(p.Categories)+".")
	if len(p.SensitiveOptIn) > 0 {
		lines = append(lines, "Also what is sensitive as "+labelsInWords(p.SensitiveOptIn)+".")
	} else {
		lines = append(lines, "Nothing that the hospital has marked as sensitive.")
	}
	for _, m := range p.Modifiers {
		lines = append(lines, "Not otherwise than: "+modifierInWords(m)+".")
	}
	for _, x := range p.Provisions {
		lines = append(lines, provisionInWords(x, p.Decision))
	}
	return strings.Join(append(lines, timeInWords(p)...), "\n")
}

func usesInWords(uses []DataUse) string {
	var all []string
	for _, u := range uses {
		words := u.Permission.Label()
		if words == "" {
			words = "an unknown use"
		}
		if len(u.Diseases) > 0 {
			words += " (" + strings.Join(u.Diseases, ", ") + ")"
		}
		all = append(all, words)
	}
	return joined(all, "nothing")
}

func listInWords[T ~string](values []T, none string) string {
	var all []string
	for _, v := range values {
		all = append(all, strings.ReplaceAll(string(v), "_", " "))
	}
	return joined(all, none)
}

func joined(all []string, none string) string {
	if len(all) == 0 {
		return none
	}
	return strings.Join(all, ", ")
}

func countriesInWords(countries []string) string {
	if anyCountry(countries) {
		return "any country"
	}
	return joined(countries, "no country")
}

// levelWords are the finest uses of a part of the record.
var levelWords = map[int]string{
	LevelExists: "whether there is something and how often", LevelGroups: "in wide groups", LevelCodes: "as codes, bands and months",
	LevelDays: "to the day", LevelExact: "exactly",
}

// scopesInWords says everything once where all parts of the record are permitted alike.
func scopesInWords(scopes []CategoryScope) string {
	alike := len(scopes) == len(Categories())
	var all []string
	for _, s := range scopes {
		alike = alike && s.Finest == scopes[0].Finest && s.DataPeriod == nil
		words := strings.ReplaceAll(string(s.Category), "_", " ") + " " + levelWords[s.Finest]
		if s.DataPeriod != nil {
			words += " " + "of what happened " + periodInWords(*s.DataPeriod)
		}
		all = append(all, words)
	}
	if alike {
		return "every part of it, " + levelWords[scopes[0].Finest]
	}
	return joined(all, "no part")
}

// labelWords are HL7's meanings, shortened, and our own.
var labelWords = map[Label]string{
	SubstanceUse: "alcohol and drug use", HIV: "HIV", Psychiatry: "mental health", SexualViolence: "sexual and domestic violence",
	Psychotherapy: "psychotherapy notes", Reproduction: "reproductive health", GeneticDisorders: "genetic disease",
}

func labelsInWords(labels []Label) string {
	var all []string
	for _, l := range labels {
		all = append(all, labelWords[l])
	}
	return joined(all, "nothing")
}

func modifierInWords(m Modifier) string {
	words := m.Code.Label()
	switch m.Code {
	case duo.GS:
		words += " (" + strings.Join(m.Countries, ", ") + ")"
	case duo.IS:
		words += " (" + strings.Join(m.Institutions, ", ") + ")"
	case duo.TS:
		words += fmt.Sprintf(" (%d months)", m.Months)
	}
	return words
}

func provisionInWords(x Provision, decision Choice) string {
	var all []string
	say := func(is bool, words string) {
		if is {
			all = append(all, words)
		}
	}
	say(len(x.Purpose) > 0, "for "+usesInWords(x.Purpose))
	say(len(x.Actor) > 0, "by "+listInWords(x.Actor, ""))
	say(len(x.Country) > 0, "in "+joined(x.Country, ""))
	say(len(x.SecurityLabel) > 0, "of "+labelsInWords(x.SecurityLabel))
	say(len(x.Category) > 0, "of "+listInWords(x.Category, ""))
	if x.DataPeriod != nil {
		all = append(all, "of what happened "+periodInWords(*x.DataPeriod))
	}
	if decision == Permit {
		return "But not " + strings.Join(all, ", ") + "."
	}
	return "An exception: " + strings.Join(all, ", ") + "."
}

func periodInWords(p Period) string {
	switch {
	case p.Start == 0 && p.End == 0:
		return "at any time"
	case p.Start == 0:
		return "before " + momentInWords(p.End)
	case p.End == 0:
		return "from " + momentInWords(p.Start)
	}
	return "from " + momentInWords(p.Start) + " to before " + momentInWords(p.End)
}

func timeInWords(p ReleasePreference) (lines []string) {
	if p.Period != (Period{}) {
		lines = append(lines, "It holds "+periodInWords(p.Period)+".")
	}
	if p.GuardianUntil != 0 {
		lines = append(lines, "Your guardian said so; his word holds before "+momentInWords(p.GuardianUntil)+".")
	}
	return lines
}

func momentInWords(unix int64) string {
	t := time.Unix(unix, 0).UTC()
	if unix%day == 0 {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}
