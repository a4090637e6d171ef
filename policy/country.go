package policy

import (
	"slices"
	"strings"
)

// AnyCountry permits every country where it stands alone in a list. Leaving the list empty permits none.
const AnyCountry = "any"

// countries are the officially assigned codes of ISO 3166-1 alpha-2.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT " +
	"JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS " +
	"MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

// Countries lists every country that a document may name, by its ISO 3166-1 alpha-2 code.
func Countries() []string { return strings.Fields(countries) }

// isCountry compares whole codes: the list has a blank between any two.
func isCountry(s string) bool {
	return len(s) == 2 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" && strings.Contains(countries, s)
}

func (c *checks) country(field, code string) {
	switch {
	case code == "":
		*c = append(*c, &FieldError{field, "required", ErrInvalid})
	case !isCountry(code):
		*c = append(*c, &FieldError{field, "ISO 3166-1 alpha-2 code", ErrUnknownTerm})
	}
}

// anywhere checks a list of countries in which "any" may stand alone.
func (c *checks) anywhere(field string, list []string) {
	if anyCountry(list) {
		return
	}
	for _, code := range list {
		c.country(field, code)
	}
}

// anyCountry says whether the list names "any", however often, and nothing else.
func anyCountry(list []string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(c string) bool { return c != AnyCountry })
}

// places is a set of countries: the n-th of [Countries] is bit n, and the last bit stands for what is none.
type places [4]uint64

const noCountry = 255

func (p *places) add(country int) { p[country/64] |= 1 << (country % 64) }

// permittedPlaces are the countries of a list in which "any" may stand alone. What is no country is not in it, but where it is "any".
func permittedPlaces(list []string) (p places) {
	for _, code := range list {
		if isCountry(code) {
			p.add(strings.Index(countries, code) / 3)
		}
	}
	if anyCountry(list) {
		p = places{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
	}
	return p
}

// touchedPlaces are those of a list, or what is none.
func touchedPlaces(list []string) (p places) {
	for _, code := range list {
		if isCountry(code) {
			p.add(strings.Index(countries, code) / 3)
		} else {
			p.add(noCountry)
		}
	}
	return p
}

// permits says whether every one of the countries, of which there must be some, is in the set.
func (p *places) permits(touched places) bool {
	var some, missing uint64
	for i, word := range touched {
		some |= word
		missing |= word &^ p[i]
	}
	return some != 0 && missing == 0
}
