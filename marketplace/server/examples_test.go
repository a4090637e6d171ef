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
)

var update = flag.Bool("update", false, "write openapi/examples.json again")

const examplesFile = "openapi/examples.json"

// maxExample is how long an answer may be that is an example, in bytes.
const maxExample = 4 << 10

type example struct {
	Request  json.RawMessage `json:"request,omitempty"`
	Response json.RawMessage `json:"response,omitempty"`
}

// operationID is what a document calls a method.
func operationID(method string) string {
	service, name, _ := strings.Cut(strings.TrimPrefix(method, "/medmarket.v1."), "/")
	return service + "_" + name
}

// TestExamples: the examples are in the documents, each is of a method, and is what the API takes, or of the form of its answer. They are what the matrix asks, with keys and hashes that are drawn anew by -update.
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
			if o.RequestBody != nil && file[o.OperationID].Request != nil {
				r := dynamicpb.NewMessage(method.Input())
				if err := protojson.Unmarshal(o.RequestBody.Content["application/json"].Example, r); err != nil {
					t.Errorf("%s: the example of its request: %v", o.OperationID, err)
				} else if err := protovalidate.Validate(r); err != nil && !strings.Contains(path, "{") { // what the path says is missing
					t.Errorf("%s: the example of its request: %v", o.OperationID, err)
				}
			}
			if answer := o.Responses["200"].Content["application/json"].Example; answer != nil {
				if err := protojson.Unmarshal(answer, dynamicpb.NewMessage(method.Output())); err != nil {
					t.Errorf("%s: the example of its answer: %v", o.OperationID, err)
				}
			} else if file[o.OperationID].Response != nil {
				t.Errorf("%s: the example of its answer is not in its document", o.OperationID)
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
		if answer, err := w.rest(name, method, r); err == nil && len(answer) <= maxExample {
			out := dynamicpb.NewMessage(descriptor(w.world, method).Output())
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
