package policy_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/policytest"
)

var update = flag.Bool("update", false, "write testdata/uses.txt anew; then read what changed")

const usesHead = `# Who may use what for which purpose: every purpose, with and without the development of methods, for every kind of study,
# against every permission with every set of modifiers, at a dataset and of a patient. Made by go test -run TestUses -update;
# a change here is a change of what is decided, and wants to be read.
#
# Studies: nonprofit (an academic sponsor), company (a commercial one), with +profit where products or profit are to come of
# it. Diseases: breast and intestinal cancer are cancers, diabetes is none. Columns: sets of modifiers; the study works in DE.
# Cells: what the dataset's steward answers, then the patient, who has signed the same. + permitted; p another purpose,
# d another disease, M methods, A ancestry, N for profit, C commercial, G geography, S no genetic study; of the patient x an
# exception.
`

// Every purpose, permission and set of modifiers decides as the table in testdata says, which people have read, and as
// the reference does.
func TestUsesTable(t *testing.T) {
	got := usesHead + "\npurpose study permission" + "\t" + strings.Join(modifierSets(), "\t") + "\n"
	for _, purpose := range []string{"NRES", "GRU", "HMB", "DS:cancer", "DS:breast", "DS:diabetes", "DS:breast,diabetes", "POA"} {
		for _, methods := range []string{"", "+methods"} {
			for _, study := range []string{"nonprofit", "nonprofit+profit", "company", "company+profit"} {
				for _, permission := range []string{"NRES", "GRU", "HMB", "DS:cancer", "DS:breast", "POA", "DS:cancer,POA"} {
					got += purpose + methods + " " + study + " " + permission
					for _, set := range modifierSets() {
						got += "\t" + cell(t, purpose, methods != "", study, permission, set)
					}
					got += "\n"
				}
			}
		}
	}
	const file = "testdata/uses.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-table +decided):\n%s", file, diff)
	}
}

// modifierSets are all of those that depend on purpose and sponsor, then GS by where the study works, and GSO, which none of the studies
// meets, alone and with all others. Those that name persons, institutions, projects or a time are in TestModifiers.
func modifierSets() (sets []string) {
	names := []string{"NPU", "NCU", "NPOA", "NMDS"}
	for bits := range 1 << len(names) {
		var set []string
		for i, name := range names {
			if bits&(1<<i) != 0 {
				set = append(set, name)
			}
		}
		sets = append(sets, strings.Join(set, "+"))
	}
	sets[0] = "none"
	return append(sets, "GS:DE", "GS:FR", "GSO", "NPU+NCU+NPOA+NMDS+GSO")
}

func parseModifiers(set string) (all []policy.Modifier) {
	codes := map[string]duo.Modifier{"NPU": duo.NPU, "NCU": duo.NCU, "NPOA": duo.NPOA, "NMDS": duo.NMDS, "GSO": duo.GSO}
	if country, ok := strings.CutPrefix(set, "GS:"); ok {
		return []policy.Modifier{{Code: duo.GS, Countries: []string{country}}}
	}
	for name := range strings.SplitSeq(set, "+") {
		if set != "none" {
			all = append(all, policy.Modifier{Code: codes[name]})
		}
	}
	return all
}

// cell is both answers; the reference has to give the same.
func cell(t *testing.T, purpose string, methods bool, study, permission, set string) string {
	t.Helper()
	s := base(t)
	s.Request.Purpose = parseUses(t, purpose)[0]
	s.Request.Purpose.Methods = methods
	everything := use(duo.NRES)
	s.Grant.Purposes = uses(everything)
	everything.Methods = true
	s.Grant.Purposes = append(s.Grant.Purposes, everything)
	sponsor, profit := strings.CutSuffix(study, "+profit")
	s.Grant.CommercialUse = profit
	if sponsor == "company" {
		s.Grant.SponsorType = policy.Commercial
	}
	s.Policy.PermittedUse, s.Policy.Modifiers = parseUses(t, permission), parseModifiers(set)
	s.preference.PermittedUse, s.preference.Modifiers = parseUses(t, permission), parseModifiers(set)

	decision, patient := policy.Decide(s.Input), s.patient()
	if want := policytest.Decide(s.Input, isA); fmt.Sprint(decision.Reasons) != fmt.Sprint(want) {
		t.Errorf("%s %s: %v, reference %v", purpose, set, decision.Reasons, want)
	}
	if want := policytest.Patient(s.Input, s.preference, s.lost, isA); patient != want {
		t.Errorf("%s %s: %s, reference %s", purpose, set, patient, want)
	}
	if methods { // granted for nothing else, they need not be said
		s.Grant.Purposes, s.Request.Purpose.Methods = uses(everything), false
		unsaid, want := policy.Decide(s.Input), policytest.Decide(s.Input, isA)
		if fmt.Sprint(unsaid.Reasons) != fmt.Sprint(decision.Reasons) || fmt.Sprint(want) != fmt.Sprint(decision.Reasons) || s.patient() != patient {
			t.Errorf("%s %s: %v %s, if methods are not said %v %s, reference %v", purpose, set, decision.Reasons, patient, unsaid.Reasons, s.patient(), want)
		}
	}
	letters := map[policy.ReasonCode]string{
		"DATASET_PURPOSE": "p", "DATASET_DISEASE": "d", "DATASET_METHODS": "M", "DATASET_ANCESTRY": "A", "DATASET_NOT_FOR_PROFIT": "N",
		"DATASET_NON_COMMERCIAL": "C", "DATASET_GEOGRAPHY": "G", "DATASET_GENETIC_ONLY": "S", "P_ELIGIBLE": "+", "P_PURPOSE": "p", "P_DISEASE": "d", "P_EXCEPTION_DENY": "x",
	}
	answer := ""
	for _, code := range decision.Reasons {
		if letters[code] == "" {
			t.Fatalf("%s %s %s: %s", purpose, study, permission, code)
		}
		answer += letters[code]
	}
	if answer == "" {
		answer = "+"
	}
	if letters[patient] == "" {
		t.Fatalf("%s %s %s: %s", purpose, study, permission, patient)
	}
	return answer + " " + letters[patient]
}
