package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

var update = flag.Bool("update", false, "write openapi/examples.json again")

const examplesFile = "openapi/examples.json"

// maxExample is how long an answer may be that is an example, in bytes.
const maxExample = 16 << 10

// otherwise are requests for examples of methods that succeed for nobody in the matrix.
var otherwise = map[string]row{
	pb.PreferenceService_RecordPreferences_FullMethodName: {func(w *world, name string) proto.Message {
		s := provider.RecordedPreferences{Provider: w.Address(), Form: provider.Paper, Recorded: []provider.RecordedPreference{
			{Patient: 2, Revision: 1, Preference: providertest.Withdrawal()},
		}}
		return &pb.RecordPreferencesRequest{Recorded: wire(w.Sign(w.keys[name], ledger.KindRecordedPreferences, s, 1))}
	}, map[string]string{steward: ""}},
	pb.PreferenceService_GetConsentProof_FullMethodName: {func(w *world, _ string) proto.Message {
		a := &pb.AskResponse{}
		ok(w.tb, w.as(researcher, w.marketAt).Invoke(w.tb.Context(), pb.QueryService_Ask_FullMethodName, ask(w, researcher), a))
		return &pb.GetConsentProofRequest{AsOf: a.GetAnswer().GetAsOf()}
	}, map[string]string{patient: ""}},
}

type example struct {
	Request  json.RawMessage `json:"request,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
}

// operationID is what a document calls a method.
func operationID(method string) string {
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/medmarket.v1."), "/")
	return service + "_" + name
}

// TestExamples: every operation has an example of what it is asked and of its answer in the documents, each is of a method, and is what the API takes, or of the form of its answer. They
// are what the matrix asks, with keys and hashes that are drawn anew by -update.
func TestExamples(t *testing.T) {
	w := newWeb(t)
	if *update {
		writeExamples(t)
	}
	left := map[string]bool{}
	var file map[string]example
	b, err := os.ReadFile(examplesFile)
	ok(t, err)
	ok(t, json.Unmarshal(b, &file))
	for id := range file {
		left[id] = true
	}
	for _, base := range []string{w.marketURL, w.clinicURL} {
		d, _ := w.document(base)
		d.each(func(path, verb string, o operation) {
			delete(left, o.OperationID)
			service, name, _ := strings.Cut(o.OperationID, "_")
			method := descriptor(w.world, "/medmarket.v1."+service+"/"+name)
			if o.RequestBody != nil {
				r := dynamicpb.NewMessage(method.Input())
				if err := protojson.Unmarshal(o.RequestBody.Content["application/json"].Example, r); err != nil {
					t.Errorf("%s: the example of its request: %v", o.OperationID, err)
				} else if err := protovalidate.Validate(r); err != nil && !strings.Contains(path, "{") { // what the path says is missing
					t.Errorf("%s: the example of its request: %v", o.OperationID, err)
				}
			}
			if err := protojson.Unmarshal(o.Responses["200"].Content["application/json"].Example, dynamicpb.NewMessage(method.Output())); err != nil {
				t.Errorf("%s: the example of its answer: %v", o.OperationID, err)
			}
		})
	}
	for id := range left {
		t.Errorf("%s: an example of no operation", id)
	}
}

// writeExamples asks what the matrix asks.
func writeExamples(t *testing.T) {
	all := map[string]example{}
	for _, method := range slices.Sorted(maps.Keys(matrix)) {
		w := newWeb(t)
		row := matrix[method]
		if another, is := otherwise[method]; is {
			row = another
		}
		name := row.caller()
		if expected(row, anonymous) == "" {
			name = anonymous
		}
		r := row.request(w.world, name)
		one := example{}
		if _, _, body := restOf(w.world, method, r); body != nil {
			var compact bytes.Buffer
			ok(t, json.Compact(&compact, body))
			one.Request = compact.Bytes()
		}
		out := dynamicpb.NewMessage(descriptor(w.world, method).Output())
		switch answer, err := w.rest(name, method, r); {
		case out.Descriptor().Fields().Len() == 0: // the same whoever gets it
			one.Response = marshalled(t, out)
		case err != nil || len(answer) > maxExample:
			t.Errorf("%s: no example of its answer: %d bytes, %v", method, len(answer), err)
		default:
			ok(t, protojson.Unmarshal(answer, out))
			one.Response = marshalled(t, out)
		}
		all[operationID(method)] = one
	}
	b, err := json.MarshalIndent(all, "", "  ")
	ok(t, err)
	ok(t, os.WriteFile(examplesFile, append(b, '\n'), 0o600))
}

// marshalled is a message as REST has it, without the spaces that protojson adds at random.
func marshalled(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	b, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	ok(t, err)
	var out bytes.Buffer
	ok(t, json.Compact(&out, b))
	return out.Bytes()
}
