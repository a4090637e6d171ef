package server_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/fhir"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// fhirConsent is a request that reads a Consent.
func fhirConsent(w *world, _ string) proto.Message {
	b, err := fhir.Export(policy.Nothing(), fhir.R5, fhir.About{Patient: "patient", Grantor: "patient", Hospital: w.Address().String(), Revision: 1})
	ok(w.tb, err)
	return &pb.ReadConsentRequest{Consent: string(b)}
}

// TestConsentsThereAndBack: a patient's preference is shown as a Consent of either release, to her and to who speaks for her without her key, and
// read as what it was.
func TestConsentsThereAndBack(t *testing.T) {
	w := newWorld(t)
	at := func(who string) pb.PreferenceServiceClient {
		return pb.NewPreferenceServiceClient(w.as(who, w.clinicAt))
	}
	plain, err := at(patient).GetPreference(t.Context(), &pb.GetPreferenceRequest{})
	ok(t, err)
	if plain.GetConsent() != "" {
		t.Error("shown without being asked for")
	}
	var want provider.PreferenceStatement
	ok(t, ledger.ParseCanonical(plain.GetPreference().GetContent(), &want))
	key := w.keys[patient].Address().String()
	for _, release := range []string{"r4", "r5"} {
		shown, err := at(patient).GetPreference(t.Context(), &pb.GetPreferenceRequest{Consent: release})
		ok(t, err)
		if strings.Count(shown.GetConsent(), key) < 2 || strings.Contains(shown.GetConsent(), `"decision"`) != (release == "r5") {
			t.Errorf("%s: is not hers, or not of that release:\n%s", release, shown.GetConsent())
		}
		read, err := at(otherPatient).ReadConsent(t.Context(), &pb.ReadConsentRequest{Consent: shown.GetConsent()})
		ok(t, err)
		var got policy.ReleasePreference
		ok(t, ledger.ParseCanonical(read.GetPreference(), &got))
		if diff := cmp.Diff(want.Preference.Normalize(), got); diff != "" || read.GetWords() != policy.Words(got) {
			t.Errorf("%s (-want +got):\n%s\n%s", release, diff, read.GetWords())
		}
	}
	s := provider.Delegation{Provider: w.Address(), Key: w.Researcher.Address(), Kind: provider.Delegate, Until: w.Clock.Now().Unix() + 3600, Nonce: ledger.Hash{1}}
	d := w.Sign(w.keys[patient], ledger.KindDelegation, s, 1)
	ok(t, w.call(patient, pb.PatientService_DelegateTo_FullMethodName, &pb.DelegateToRequest{Delegation: wire(d)}))
	mandate := d.Hash()
	shown, err := at(researcher).GetPreference(t.Context(), &pb.GetPreferenceRequest{Consent: "r5", Mandate: mandate[:]})
	ok(t, err)
	if strings.Contains(shown.GetConsent(), key) || !strings.Contains(shown.GetConsent(), mandate.String()) {
		t.Errorf("a delegate is shown her key:\n%s", shown.GetConsent())
	}
}

// A Consent that leaves something open is read only beside what stands for that; nesting and nonsense are refused by name, and no value is shown.
func TestConsentsAreReadNarrowly(t *testing.T) {
	w := newWorld(t)
	rest, err := ledger.Canonical(providertest.Anything().Normalize())
	ok(t, err)
	const about = `{"resourceType":"Consent","status":"active","category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],`
	open := about + `"decision":"permit"}`
	nested := about + `"decision":"deny","provision":[{"purpose":[{"system":"x","code":"secret"}],"provision":[{}]}]}`
	read := func(r *pb.ReadConsentRequest) (*pb.ReadConsentResponse, error) {
		return pb.NewPreferenceServiceClient(w.as(patient, w.clinicAt)).ReadConsent(t.Context(), r)
	}
	for name, c := range map[string]struct {
		request *pb.ReadConsentRequest
		says    string
	}{
		"left open":           {&pb.ReadConsentRequest{Consent: open}, "in which countries"},
		"nested":              {&pb.ReadConsentRequest{Consent: nested}, "Consent.provision[0].provision"},
		"not JSON":            {&pb.ReadConsentRequest{Consent: "{"}, "not a Consent"},
		"another resource":    {&pb.ReadConsentRequest{Consent: `{"resourceType":"Patient"}`}, "resourceType"},
		"a rest that is none": {&pb.ReadConsentRequest{Consent: open, Rest: []byte("{")}, "rest"},
	} {
		_, err := read(c.request)
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	got, err := read(&pb.ReadConsentRequest{Consent: open, Rest: rest})
	ok(t, err)
	if diff := cmp.Diff(string(rest), string(got.GetPreference())); diff != "" {
		t.Errorf("with a rest (-want +got):\n%s", diff)
	}
}
