package server_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Patients get proofs of themselves only, stewards of this hospital of anybody.
func TestConsentProofs(t *testing.T) {
	w := newWorld(t)
	_, err := w.Store.Publish(t.Context(), w.Clock.Now().Unix())
	ok(t, err)
	ask := func(who string, r *pb.GetConsentProofRequest) (p consent.Proof, err error) {
		answer, err := pb.NewPreferenceServiceClient(w.as(who, w.clinicAt)).GetConsentProof(t.Context(), r)
		if err != nil {
			return p, err
		}
		if answer.GetAnchored() {
			t.Error("says that it is anchored")
		}
		ok(t, ledger.ParseCanonical(answer.GetProof(), &p))
		return p, p.Check()
	}
	byNumber := func(n int64) *pb.GetConsentProofRequest {
		return &pb.GetConsentProofRequest{AsOf: 64, OfWhom: &pb.GetConsentProofRequest_Patient{Patient: n}}
	}
	byIndex := func(i ledger.Hash) *pb.GetConsentProofRequest {
		return &pb.GetConsentProofRequest{AsOf: 64, OfWhom: &pb.GetConsentProofRequest_Index{Index: i[:]}}
	}
	hers, err := ask(patient, &pb.GetConsentProofRequest{AsOf: 64})
	ok(t, err)
	if hers.Present.Preference == nil || hers.Provider != w.Address() {
		t.Errorf("her proof %+v", hers)
	}
	same, err := ask(steward, byNumber(1))
	ok(t, err)
	if same.Index != hers.Index || same.Present.Salt != hers.Present.Salt {
		t.Error("the steward is shown another entry")
	}
	none, err := ask(steward, byNumber(3))
	ok(t, err)
	if none.Absent == nil {
		t.Error("someone is shown who is not there")
	}
	_, err = ask(steward, byIndex(none.Index))
	ok(t, err)
	for name, c := range map[string]struct {
		who     string
		request *pb.GetConsentProofRequest
		want    string
	}{
		"of herself, by number":  {patient, byNumber(1), "FORBIDDEN"},
		"of another":             {patient, byNumber(2), "FORBIDDEN"},
		"of an index":            {patient, byIndex(none.Index), "FORBIDDEN"},
		"a steward of another":   {otherSteward, byNumber(1), "FORBIDDEN"},
		"an index that is there": {steward, byIndex(hers.Index), "INDEX_PRESENT"},
		"too early":              {steward, &pb.GetConsentProofRequest{AsOf: 128, OfWhom: byNumber(1).OfWhom}, "NOT_REACHED"},
		"between intervals":      {patient, &pb.GetConsentProofRequest{AsOf: 65}, "NO_INTERVAL"},
		"no log index":           {patient, &pb.GetConsentProofRequest{}, "MALFORMED"},
		"a short index": {steward, &pb.GetConsentProofRequest{
			AsOf: 64, OfWhom: &pb.GetConsentProofRequest_Index{Index: []byte{1}},
		}, "MALFORMED"},
	} {
		if _, err := ask(c.who, c.request); reason(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
