package policy

// ReasonCode says why. Codes are recorded and shown: they never change their meaning. [Explain] puts them into words.
type ReasonCode string

// Reasons at the query level; any of them but ReasonManualReview denies.
const (
	ReasonSnapshotStale          ReasonCode = "SNAPSHOT_STALE"
	ReasonUnknownTerm            ReasonCode = "UNKNOWN_TERM"
	ReasonInputInvalid           ReasonCode = "INPUT_INVALID"
	ReasonActorVisaInvalid       ReasonCode = "ACTOR_VISA_INVALID"
	ReasonActorVisaExpired       ReasonCode = "ACTOR_VISA_EXPIRED"
	ReasonActorVisaMissing       ReasonCode = "ACTOR_VISA_MISSING"
	ReasonActorNotBonaFide       ReasonCode = "ACTOR_NOT_BONA_FIDE"
	ReasonTermsNotAccepted       ReasonCode = "TERMS_NOT_ACCEPTED"
	ReasonGrantMissing           ReasonCode = "GRANT_MISSING"
	ReasonGrantSuspended         ReasonCode = "GRANT_SUSPENDED"
	ReasonGrantRevoked           ReasonCode = "GRANT_REVOKED"
	ReasonGrantSuperseded        ReasonCode = "GRANT_SUPERSEDED"
	ReasonGrantClosed            ReasonCode = "GRANT_CLOSED"
	ReasonGrantNotYetValid       ReasonCode = "GRANT_NOT_YET_VALID"
	ReasonGrantExpired           ReasonCode = "GRANT_EXPIRED"
	ReasonGrantReviewDue         ReasonCode = "GRANT_REVIEW_DUE"
	ReasonGrantResearcher        ReasonCode = "GRANT_RESEARCHER"
	ReasonGrantPurpose           ReasonCode = "GRANT_PURPOSE"
	ReasonGrantDataset           ReasonCode = "GRANT_DATASET"
	ReasonGrantEpsilon           ReasonCode = "GRANT_EPSILON"
	ReasonGrantConditionUnmet    ReasonCode = "GRANT_CONDITION_UNMET"
	ReasonDatasetEmbargoed       ReasonCode = "DATASET_EMBARGOED"
	ReasonDatasetPurpose         ReasonCode = "DATASET_PURPOSE"
	ReasonDatasetDisease         ReasonCode = "DATASET_DISEASE"
	ReasonDatasetMethods         ReasonCode = "DATASET_METHODS"
	ReasonDatasetAncestry        ReasonCode = "DATASET_ANCESTRY"
	ReasonDatasetNotForProfit    ReasonCode = "DATASET_NOT_FOR_PROFIT"
	ReasonDatasetNonCommercial   ReasonCode = "DATASET_NON_COMMERCIAL"
	ReasonDatasetGeneticOnly     ReasonCode = "DATASET_GENETIC_ONLY"
	ReasonDatasetGeography       ReasonCode = "DATASET_GEOGRAPHY"
	ReasonDatasetInstitution     ReasonCode = "DATASET_INSTITUTION"
	ReasonDatasetProject         ReasonCode = "DATASET_PROJECT"
	ReasonDatasetUser            ReasonCode = "DATASET_USER"
	ReasonDatasetTimeLimit       ReasonCode = "DATASET_TIME_LIMIT"
	ReasonColumnNotReleased      ReasonCode = "COLUMN_NOT_RELEASED"
	ReasonDatasetGranularity     ReasonCode = "DATASET_GRANULARITY"
	ReasonDatasetSensitiveClass  ReasonCode = "DATASET_SENSITIVE_CLASS"
	ReasonEpsilonQueryCap        ReasonCode = "EPSILON_QUERY_CAP"
	ReasonEpsilonOrganisationCap ReasonCode = "EPSILON_RESEARCHER_CAP"
	ReasonEpsilonDatasetBudget   ReasonCode = "EPSILON_DATASET_BUDGET"
	ReasonManualReview           ReasonCode = "MANUAL_REVIEW"
)

// Reasons at the patient level; all but PatientEligible and PatientEligibleDefault leave the patient out.
const (
	PatientNoPreference     ReasonCode = "P_NO_PREFERENCE"
	PatientDenied           ReasonCode = "P_DENIED"
	PatientWithdrawn        ReasonCode = "P_WITHDRAWN"
	PatientNotYetValid      ReasonCode = "P_NOT_YET_VALID"
	PatientExpired          ReasonCode = "P_EXPIRED"
	PatientExceptionDeny    ReasonCode = "P_EXCEPTION_DENY"
	PatientPurpose          ReasonCode = "P_PURPOSE"
	PatientDisease          ReasonCode = "P_DISEASE"
	PatientRecipientType    ReasonCode = "P_RECIPIENT_TYPE"
	PatientRecipientCountry ReasonCode = "P_RECIPIENT_COUNTRY"
	PatientSensitiveOptIn   ReasonCode = "P_SENSITIVE_OPT_IN"
	PatientCategory         ReasonCode = "P_CATEGORY"
	PatientGranularity      ReasonCode = "P_GRANULARITY"
	PatientDataPeriod       ReasonCode = "P_DATA_PERIOD"
	PatientGuardianLapsed   ReasonCode = "P_GUARDIAN_LAPSED"
	PatientEpsilonCap       ReasonCode = "P_EPSILON_CAP"
	PatientEligible         ReasonCode = "P_ELIGIBLE"
	PatientEligibleDefault  ReasonCode = "P_ELIGIBLE_DEFAULT"
)

// QueryReasons lists the codes of the query level in the order in which a [Decision] reports them.
func QueryReasons() []ReasonCode {
	codes := make([]ReasonCode, 0, len(queryRules)+1)
	for _, rule := range queryRules {
		codes = append(codes, rule.code)
	}
	return append(codes, reviewRule.code)
}

// PatientReasons lists the codes of the patient level in the order in which they are tried, the two that count her last.
func PatientReasons() []ReasonCode {
	codes := make([]ReasonCode, 0, len(patientRules)+2)
	for _, rule := range patientRules {
		codes = append(codes, rule.code)
	}
	return append(codes, PatientEligible, PatientEligibleDefault)
}

// Explain puts a code into one plain sentence: to the researcher for codes of the query level, to the patient for
// those of the patient level.
func Explain(code ReasonCode) string {
	for _, rule := range append(queryRules[:len(queryRules):len(queryRules)], reviewRule) {
		if rule.code == code {
			return rule.words
		}
	}
	for _, rule := range patientRules {
		if rule.code == code {
			return rule.words
		}
	}
	switch code {
	case PatientEligible:
		return "Your preference allowed your record to be counted."
	case PatientEligibleDefault:
		return "You have not said whether your record may be counted, and the law allowed it."
	}
	return "The reason is one that this version does not know."
}
