package policy

// ReasonCode says why. Codes are recorded and shown: they never change their meaning. [Explain] puts them into words.
type ReasonCode string

// Reasons at the query level; any of them denies.
const (
	ReasonSnapshotStale        ReasonCode = "SNAPSHOT_STALE"
	ReasonUnknownTerm          ReasonCode = "UNKNOWN_TERM"
	ReasonInputInvalid         ReasonCode = "INPUT_INVALID"
	ReasonGrantMissing         ReasonCode = "GRANT_MISSING"
	ReasonGrantSuspended       ReasonCode = "GRANT_SUSPENDED"
	ReasonGrantRevoked         ReasonCode = "GRANT_REVOKED"
	ReasonGrantNotYetValid     ReasonCode = "GRANT_NOT_YET_VALID"
	ReasonGrantExpired         ReasonCode = "GRANT_EXPIRED"
	ReasonGrantResearcher      ReasonCode = "GRANT_RESEARCHER"
	ReasonGrantPurpose         ReasonCode = "GRANT_PURPOSE"
	ReasonGrantDataset         ReasonCode = "GRANT_DATASET"
	ReasonGrantEpsilon         ReasonCode = "GRANT_EPSILON"
	ReasonDatasetEmbargoed     ReasonCode = "DATASET_EMBARGOED"
	ReasonDatasetPurpose       ReasonCode = "DATASET_PURPOSE"
	ReasonDatasetDisease       ReasonCode = "DATASET_DISEASE"
	ReasonColumnNotReleased    ReasonCode = "COLUMN_NOT_RELEASED"
	ReasonEpsilonQueryCap      ReasonCode = "EPSILON_QUERY_CAP"
	ReasonEpsilonDatasetBudget ReasonCode = "EPSILON_DATASET_BUDGET"
)

// Reasons at the patient level; all but PatientEligible leave the patient out.
const (
	PatientNoPreference  ReasonCode = "P_NO_PREFERENCE"
	PatientDenied        ReasonCode = "P_DENIED"
	PatientWithdrawn     ReasonCode = "P_WITHDRAWN"
	PatientNotYetValid   ReasonCode = "P_NOT_YET_VALID"
	PatientExpired       ReasonCode = "P_EXPIRED"
	PatientPurpose       ReasonCode = "P_PURPOSE"
	PatientDisease       ReasonCode = "P_DISEASE"
	PatientRecipientType ReasonCode = "P_RECIPIENT_TYPE"
	PatientCategory      ReasonCode = "P_CATEGORY"
	PatientEpsilonCap    ReasonCode = "P_EPSILON_CAP"
	PatientEligible      ReasonCode = "P_ELIGIBLE"
)

// QueryReasons lists the codes of the query level in the order in which a [Decision] reports them.
func QueryReasons() []ReasonCode {
	codes := make([]ReasonCode, len(queryRules))
	for i, rule := range queryRules {
		codes[i] = rule.code
	}
	return codes
}

// PatientReasons lists the codes of the patient level in the order in which they are tried, PatientEligible last.
func PatientReasons() []ReasonCode {
	codes := make([]ReasonCode, 0, len(patientRules)+1)
	for _, rule := range patientRules {
		codes = append(codes, rule.code)
	}
	return append(codes, PatientEligible)
}

// Explain puts a code into one plain sentence: to the researcher for codes of the query level, to the patient for
// those of the patient level.
func Explain(code ReasonCode) string {
	for _, rule := range queryRules {
		if rule.code == code {
			return rule.words
		}
	}
	for _, rule := range patientRules {
		if rule.code == code {
			return rule.words
		}
	}
	if code == PatientEligible {
		return "Your preference allowed your record to be counted."
	}
	return "The reason is one that this version does not know."
}
