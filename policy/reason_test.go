package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
)

// The order is part of what is recorded; it is that of the project's table, less what is not implemented.
func TestOrderOfReasons(t *testing.T) {
	query := `SNAPSHOT_STALE UNKNOWN_TERM INPUT_INVALID
		ACTOR_VISA_INVALID ACTOR_VISA_EXPIRED ACTOR_VISA_MISSING ACTOR_NOT_BONA_FIDE TERMS_NOT_ACCEPTED
		GRANT_MISSING GRANT_SUSPENDED GRANT_REVOKED GRANT_SUPERSEDED GRANT_CLOSED GRANT_NOT_YET_VALID GRANT_EXPIRED
		GRANT_REVIEW_DUE GRANT_RESEARCHER GRANT_PURPOSE
		GRANT_DATASET GRANT_EPSILON GRANT_CONDITION_UNMET
		DATASET_EMBARGOED DATASET_PURPOSE DATASET_DISEASE DATASET_METHODS DATASET_ANCESTRY DATASET_NOT_FOR_PROFIT
		DATASET_NON_COMMERCIAL DATASET_GENETIC_ONLY DATASET_GEOGRAPHY DATASET_INSTITUTION DATASET_PROJECT DATASET_USER DATASET_TIME_LIMIT COLUMN_NOT_RELEASED
		DATASET_GRANULARITY DATASET_SENSITIVE_CLASS EPSILON_QUERY_CAP EPSILON_RESEARCHER_CAP EPSILON_DATASET_BUDGET
		MANUAL_REVIEW`
	patient := `P_NO_PREFERENCE P_DENIED P_WITHDRAWN P_NOT_YET_VALID P_EXPIRED P_EXCEPTION_DENY P_PURPOSE P_DISEASE
		P_RECIPIENT_TYPE P_RECIPIENT_COUNTRY P_SENSITIVE_OPT_IN P_CATEGORY P_GRANULARITY P_DATA_PERIOD P_GUARDIAN_LAPSED
		P_EPSILON_CAP P_ELIGIBLE P_ELIGIBLE_DEFAULT`
	for want, got := range map[string][]policy.ReasonCode{query: policy.QueryReasons(), patient: policy.PatientReasons()} {
		var words []string
		for _, code := range got {
			words = append(words, string(code))
		}
		if diff := cmp.Diff(strings.Fields(want), words); diff != "" {
			t.Error(diff)
		}
	}
}

// disputed are the codes of the project's table that no decision has, and why (ADR 37, 45).
var disputed = map[string]string{
	"POLICY_EVALUATION_ERROR": "rules are total functions of their input: what cannot be read is INPUT_INVALID or UNKNOWN_TERM",
	"CUSTOM_FORBID":           "no text that somebody wrote is evaluated: what a steward forbids is said by the fields of the policy",
	"COHORT_FLOOR":            "a decision that looked at a count would tell about it",
	"COHORT_TOO_SMALL":        "likewise: the least count acts on noised, charged numbers",
	"P_LEGAL_BLOCK":           "a law about all of a dataset is the steward's policy; one about a patient would be the hospital's word in her document",
}

// Every code of the project's table is a reason here or disputed; what is here beside them is what the table has no word for.
func TestEveryCodeOfTheTableIsAccountedFor(t *testing.T) {
	table := strings.Fields(`SNAPSHOT_STALE UNKNOWN_TERM INPUT_INVALID POLICY_EVALUATION_ERROR
		ACTOR_VISA_INVALID ACTOR_VISA_EXPIRED ACTOR_NOT_BONA_FIDE TERMS_NOT_ACCEPTED
		GRANT_MISSING GRANT_SUSPENDED GRANT_REVOKED GRANT_NOT_YET_VALID GRANT_EXPIRED GRANT_RESEARCHER GRANT_PURPOSE
		GRANT_DATASET GRANT_EPSILON GRANT_CONDITION_UNMET
		DATASET_EMBARGOED DATASET_PURPOSE DATASET_DISEASE DATASET_METHODS DATASET_ANCESTRY DATASET_NOT_FOR_PROFIT
		DATASET_NON_COMMERCIAL DATASET_GENETIC_ONLY DATASET_GEOGRAPHY DATASET_INSTITUTION DATASET_PROJECT DATASET_USER DATASET_TIME_LIMIT
		COLUMN_NOT_RELEASED DATASET_GRANULARITY DATASET_SENSITIVE_CLASS EPSILON_QUERY_CAP EPSILON_RESEARCHER_CAP EPSILON_DATASET_BUDGET
		COHORT_FLOOR COHORT_TOO_SMALL CUSTOM_FORBID MANUAL_REVIEW
		P_NO_PREFERENCE P_DENIED P_WITHDRAWN P_NOT_YET_VALID P_EXPIRED P_EXCEPTION_DENY P_PURPOSE P_DISEASE P_RECIPIENT_TYPE
		P_RECIPIENT_COUNTRY P_SENSITIVE_OPT_IN P_CATEGORY P_GRANULARITY P_DATA_PERIOD P_LEGAL_BLOCK P_GUARDIAN_LAPSED
		P_EPSILON_CAP P_ELIGIBLE P_ELIGIBLE_DEFAULT`)
	ours := []string{"ACTOR_VISA_MISSING", "GRANT_SUPERSEDED", "GRANT_CLOSED", "GRANT_REVIEW_DUE"}
	for _, code := range slices.Concat(policy.QueryReasons(), policy.PatientReasons()) {
		if slices.Contains(table, string(code)) == slices.Contains(ours, string(code)) || disputed[string(code)] != "" {
			t.Errorf("%s is not in the table, or disputed", code)
		}
	}
	for _, code := range table {
		here := slices.Contains(slices.Concat(policy.QueryReasons(), policy.PatientReasons()), policy.ReasonCode(code))
		if here == (disputed[code] != "") {
			t.Errorf("%s is neither a reason nor disputed", code)
		}
	}
}

func TestEveryReasonIsOnePlainSentence(t *testing.T) {
	unknown := policy.Explain("CUSTOM_FORBID")
	seen := map[string]policy.ReasonCode{unknown: "an unknown code"}
	for _, code := range slices.Concat(policy.QueryReasons(), policy.PatientReasons()) {
		words := policy.Explain(code)
		if other, ok := seen[words]; ok {
			t.Errorf("%s reads like %s: %s", code, other, words)
		}
		seen[words] = code
		if policy.Reads(code) == "" {
			t.Errorf("%s: what it looks at is not said", code)
		}
		if strings.Count(words, ".") != 1 || !strings.HasSuffix(words, ".") || strings.Contains(words, "_") || len(words) > 110 {
			t.Errorf("%s: %q", code, words)
		}
	}
}
