package provider

import "github.com/medmarket/medmarket/policy/fhir"

// Consent is a preference as a FHIR Consent of that release. The patient is named by her key, or by the mandate of who speaks for her.
func (s PreferenceStatement) Consent(release fhir.Release, patient string, revision uint64) ([]byte, error) {
	about := fhir.About{Patient: patient, Hospital: s.Provider.String(), Grantor: s.Provider.String(), Revision: revision}
	switch {
	case s.Grantor.Mandate != nil:
		about.Grantor = s.Grantor.Mandate.String()
	case s.Grantor == Self():
		about.Grantor = patient
	}
	return fhir.Export(s.Preference, release, about)
}
