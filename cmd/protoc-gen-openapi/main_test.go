package main

import (
	"strings"
	"testing"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// said is what a file says at a path, above and behind.
func said(path []int32, above, behind string) *descriptorpb.SourceCodeInfo_Location {
	l := &descriptorpb.SourceCodeInfo_Location{Path: path}
	if above != "" {
		l.LeadingComments = proto.String(" " + above + "\n")
	}
	if behind != "" {
		l.TrailingComments = proto.String(" " + behind + "\n")
	}
	return l
}

func TestPrepare(t *testing.T) {
	length := &descriptorpb.FieldOptions{}
	proto.SetExtension(length, validate.E_Field, &validate.FieldRules{
		Type: &validate.FieldRules_Bytes{Bytes: &validate.BytesRules{Len: proto.Uint64(20)}},
	})
	field := func(name string, typ descriptorpb.FieldDescriptorProto_Type, o *descriptorpb.FieldOptions) *descriptorpb.FieldDescriptorProto {
		return &descriptorpb.FieldDescriptorProto{Name: proto.String(name), JsonName: proto.String("other"), Type: typ.Enum(), Options: o}
	}
	f := &descriptorpb.FileDescriptorProto{
		MessageType: []*descriptorpb.DescriptorProto{{
			Field: []*descriptorpb.FieldDescriptorProto{
				field("nano_rho", descriptorpb.FieldDescriptorProto_TYPE_INT64, nil),
				field("work", descriptorpb.FieldDescriptorProto_TYPE_INT64, nil),
				field("silent", descriptorpb.FieldDescriptorProto_TYPE_BOOL, nil),
				field("plan", descriptorpb.FieldDescriptorProto_TYPE_BYTES, nil),
			},
			NestedType: []*descriptorpb.DescriptorProto{{
				Field: []*descriptorpb.FieldDescriptorProto{field("who_asks", descriptorpb.FieldDescriptorProto_TYPE_BYTES, length)},
			}},
		}},
		Service: []*descriptorpb.ServiceDescriptorProto{{Method: []*descriptorpb.MethodDescriptorProto{{}, {}}}},
		SourceCodeInfo: &descriptorpb.SourceCodeInfo{Location: []*descriptorpb.SourceCodeInfo_Location{
			said([]int32{4, 0, 2, 0}, "", "1e-9 rho"),
			said([]int32{4, 0, 2, 1}, "What is paid.", "expected hashes"),
			said([]int32{4, 0, 2, 2}, "", ""),
			said([]int32{4, 0, 2, 3}, "", "canonical"),
			said([]int32{4, 0, 3, 0, 2, 0}, "", ""),
			said([]int32{6, 0, 2, 0}, "Ask answers\n an ask. It is idempotent. Role: researcher.", ""),
			said([]int32{6, 0, 2, 1}, "Quote is free.", ""),
		}},
	}
	prepare(f)
	for i, want := range []string{
		"1e-9 rho", "What is paid. expected hashes", "", "canonical; base64", "base64 of 20 bytes",
		"Ask answers an ask.\n\n It is idempotent. Role: researcher.", "Quote is free.",
	} {
		if got := strings.TrimSpace(f.GetSourceCodeInfo().GetLocation()[i].GetLeadingComments()); got != want {
			t.Errorf("location %d says %q, want %q", i, got, want)
		}
	}
	for _, f := range append(f.GetMessageType()[0].GetField(), f.GetMessageType()[0].GetNestedType()[0].GetField()...) {
		if f.GetJsonName() != f.GetName() {
			t.Errorf("%s is called %s in JSON", f.GetName(), f.GetJsonName())
		}
	}
}
