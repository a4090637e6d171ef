package server_test

import (
	"slices"
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// caller is someone with the role for a method.
func (r row) caller() string {
	for _, name := range []string{researcher, committee, steward, patient, operator} {
		if want, named := r.want[name]; named && want == "" {
			return name
		}
	}
	return steward // EnrolPatients, which succeeds for nobody in the matrix
}

// leaf is a field that is set somewhere in a message.
type leaf struct {
	in    protoreflect.Message
	field protoreflect.FieldDescriptor
	path  string
}

// leaves finds all that is set below m, lists of messages included.
func leaves(m protoreflect.Message, path string) (all []leaf) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		at := path + "." + string(f.Name())
		all = append(all, leaf{m, f, at})
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				all = append(all, leaves(v.List().Get(i).Message(), at+"[]")...)
			}
		case !f.IsList() && f.Message() != nil:
			all = append(all, leaves(v.Message(), at)...)
		}
		return true
	})
	slices.SortFunc(all, func(a, b leaf) int { return strings.Compare(a.path, b.path) })
	return all
}

// fixed is the one length that a bytes field may have, 0 if there are several.
func fixed(f protoreflect.FieldDescriptor) uint64 {
	if f.Kind() != protoreflect.BytesKind || f.IsList() {
		return 0
	}
	rules, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	return rules.GetBytes().GetLen()
}

// optional reports whether a field may be left out: a yes or no that is left out is a no.
func optional(f protoreflect.FieldDescriptor) bool {
	if f.Kind() == protoreflect.BoolKind || f.FullName() == "medmarket.v1.OpenInstitutionSessionRequest.link" { // who is registered needs no link
		return true
	}
	rules, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	return rules.GetIgnore() == validate.Ignore_IGNORE_IF_ZERO_VALUE
}

// Addresses, hashes and signatures of any other length than theirs are
// malformed wherever they stand, and never a panic.
func TestWrongLengths(t *testing.T) {
	for _, method := range methods() {
		r := matrix[method]
		t.Run(strings.TrimPrefix(method, "/medmarket.v1."), func(t *testing.T) {
			w := newWorld(t)
			request := r.request(w, r.caller())
			for i, l := range leaves(request.ProtoReflect(), "") {
				n := fixed(l.field)
				if l.field.Kind() != protoreflect.BytesKind {
					continue
				}
				for _, length := range []uint64{0, 1, n - 1, n + 1} {
					if n == 0 {
						length = 0
					}
					if length == 0 && optional(l.field) {
						continue
					}
					wrong := proto.Clone(request)
					at := leaves(wrong.ProtoReflect(), "")[i]
					at.in.Set(at.field, protoreflect.ValueOfBytes(make([]byte, length)))
					if got := reason(w.call(r.caller(), method, wrong)); got != "MALFORMED" {
						t.Errorf("%s of %d bytes: got %q, want MALFORMED", l.path, length, got)
					}
				}
			}
		})
	}
}

// A request with any field missing is refused; as malformed if the field is a message.
func TestMissingFields(t *testing.T) {
	for _, method := range methods() {
		r := matrix[method]
		t.Run(strings.TrimPrefix(method, "/medmarket.v1."), func(t *testing.T) {
			w := newWorld(t)
			request := r.request(w, r.caller())
			for i, l := range leaves(request.ProtoReflect(), "") {
				if optional(l.field) {
					continue
				}
				without := proto.Clone(request)
				at := leaves(without.ProtoReflect(), "")[i]
				at.in.Clear(at.field)
				got := reason(w.call(r.caller(), method, without))
				if got == "INTERNAL" || got == "" || (l.field.Message() != nil && got != "MALFORMED") {
					t.Errorf("without %s: got %q", l.path, got)
				}
			}
		})
	}
}

// FuzzRequest sends whatever bytes are a message of a method, signed by
// someone who may call it. Nothing but a known error may come of it.
func FuzzRequest(f *testing.F) {
	w := newWorld(f)
	methods := []string{}
	for method := range matrix {
		methods = append(methods, method)
	}
	slices.Sort(methods)
	for i, method := range methods {
		b, err := proto.Marshal(matrix[method].request(w, matrix[method].caller()))
		ok(f, err)
		f.Add(uint8(i), b)
		f.Add(uint8(i), b[:len(b)/2])
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), []byte("\x0a\x00\x12\x00"))
		f.Add(uint8(i), []byte("\x0a\x04\x0a\x00\x22\x00"))
	}
	f.Fuzz(func(t *testing.T, n uint8, b []byte) {
		w.tb = t
		method := methods[int(n)%len(methods)]
		m := dynamicpb.NewMessage(descriptor(w, method).Input())
		if err := proto.Unmarshal(b, m); err != nil {
			t.Skip("not a message")
		}
		if err := w.call(matrix[method].caller(), method, m); status.Code(err) == codes.Internal || status.Code(err) == codes.Unknown {
			t.Errorf("%s with %v: %v\n%s", method, m, err, w.log)
		}
	})
}

func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	r := &pb.RequestGrantRequest{Document: &pb.SignedDocument{Content: make([]byte, 2<<20), Signature: make([]byte, 65)}}
	if got := reason(w.call(researcher, pb.GrantService_RequestGrant_FullMethodName, r)); got != "MESSAGE_TOO_LARGE" {
		t.Errorf("got %q, want MESSAGE_TOO_LARGE", got)
	}
	r.Document.Content = make([]byte, 262145)
	if got := reason(w.call(researcher, pb.GrantService_RequestGrant_FullMethodName, r)); got != "MALFORMED" {
		t.Errorf("one byte too many in the document: got %q, want MALFORMED", got)
	}
}

// A batch of the most preferences that fit into one call passes, one more does not.
func TestFullBatch(t *testing.T) {
	w := newWorld(t)
	s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: providertest.Withdrawal()} // of which nobody has too many
	r := &pb.SetPreferencesRequest{}
	for i := range provider.MaxBatch {
		d := w.Sign(w.keys[patient], ledger.KindReleasePreference, s, uint64(i)+2)
		r.Preferences = append(r.Preferences, wire(d))
	}
	ok(t, w.call(patient, pb.PreferenceService_SetPreferences_FullMethodName, r))
	r.Preferences = append(r.Preferences, r.Preferences[0])
	if got := reason(w.call(patient, pb.PreferenceService_SetPreferences_FullMethodName, r)); got != "MALFORMED" {
		t.Errorf("%d preferences: got %q, want MALFORMED", len(r.Preferences), got)
	}
}
