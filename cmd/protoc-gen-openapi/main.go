// Command protoc-gen-openapi is grpc-gateway's protoc-gen-openapiv3 with what
// it cannot be told: JSON names are those of the fields (as the REST server
// writes them), a comment behind a field describes it like one above, the first
// sentence of a method's comment is its summary, and a bytes field says that it
// is base64 and of how many bytes. It is run by scripts/generate-proto.sh.
package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "protoc-gen-openapi:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	b, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	request := &pluginpb.CodeGeneratorRequest{}
	if err := proto.Unmarshal(b, request); err != nil {
		return fmt.Errorf("request of the compiler: %w", err)
	}
	for _, f := range request.GetProtoFile() {
		prepare(f)
	}
	if b, err = proto.Marshal(request); err != nil {
		return err
	}
	generator := exec.Command("go", "tool", "-modfile=tools/go.mod", "protoc-gen-openapiv3")
	generator.Stdin, generator.Stdout, generator.Stderr = bytes.NewReader(b), out, os.Stderr
	return generator.Run()
}

// The numbers of the fields of descriptor.proto, of which source paths consist.
const (
	fileMessage, fileService     = 4, 6
	messageField, messageMessage = 2, 3
	serviceMethod                = 2
)

// comments are those of one file, by source path.
type comments map[string]*descriptorpb.SourceCodeInfo_Location

func key(path []int32) string { return fmt.Sprint(path) }

func prepare(f *descriptorpb.FileDescriptorProto) {
	said := comments{}
	for _, l := range f.GetSourceCodeInfo().GetLocation() {
		said[key(l.GetPath())] = l
	}
	for i, m := range f.GetMessageType() {
		said.message(m, []int32{fileMessage, int32(i)})
	}
	for i, s := range f.GetService() {
		for j := range s.GetMethod() {
			said.method([]int32{fileService, int32(i), serviceMethod, int32(j)})
		}
	}
}

func (c comments) message(m *descriptorpb.DescriptorProto, path []int32) {
	at := func(kind, i int) []int32 { return append(path[:len(path):len(path)], int32(kind), int32(i)) }
	for i, f := range m.GetField() {
		f.JsonName = f.Name
		c.field(f, at(messageField, i))
	}
	for i, nested := range m.GetNestedType() {
		c.message(nested, at(messageMessage, i))
	}
}

// field joins what is said above, behind and by the type of a field.
func (c comments) field(f *descriptorpb.FieldDescriptorProto, path []int32) {
	l, ok := c[key(path)]
	if !ok {
		return
	}
	parts := []string{strings.TrimSpace(l.GetLeadingComments()), strings.TrimSpace(l.GetTrailingComments()), base64(f)}
	text := ""
	for _, p := range parts {
		switch {
		case p == "":
		case text == "":
			text = p
		case strings.HasSuffix(text, "."):
			text += " " + p
		default:
			text += "; " + p
		}
	}
	if text != "" {
		l.LeadingComments = proto.String(" " + text)
	}
}

// base64 says how a bytes field is written, "" for any other.
func base64(f *descriptorpb.FieldDescriptorProto) string {
	if f.GetType() != descriptorpb.FieldDescriptorProto_TYPE_BYTES {
		return ""
	}
	rules, _ := proto.GetExtension(f.GetOptions(), validate.E_Field).(*validate.FieldRules)
	if n := rules.GetBytes().GetLen(); n > 0 {
		return fmt.Sprintf("base64 of %d bytes", n)
	}
	return "base64"
}

// method ends the summary after the first sentence.
func (c comments) method(path []int32) {
	l, ok := c[key(path)]
	if !ok {
		return
	}
	text := strings.Join(strings.Fields(l.GetLeadingComments()), " ")
	summary, rest, _ := strings.Cut(text, ". ")
	if rest != "" {
		text = summary + ".\n\n " + rest
	}
	l.LeadingComments = proto.String(" " + text)
}
