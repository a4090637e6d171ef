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

func TestEveryReasonIsOnePlainSentence(t *testing.T) {
	unknown := policy.Explain("CUSTOM_FORBID")
	seen := map[string]policy.ReasonCode{unknown: "an unknown code"}
	for _, code := range slices.Concat(policy.QueryReasons(), policy.PatientReasons()) {
		words := policy.Explain(code)
		if other, ok := seen[words]; ok {
			t.Errorf("%s reads like %s: %s", code, other, words)
		}
		seen[words] = code
		if strings.Count(words, ".") != 1 || !strings.HasSuffix(words, ".") || strings.Contains(words, "_") || len(words) > 110 {
			t.Errorf("%s: %q", code, words)
		}
	}
}
