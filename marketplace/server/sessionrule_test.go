package server

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// WantsSignature says whether a method wants a signed request of everyone, and no session will do.
func WantsSignature(method string) bool { return !access[method].session && !access[method].public }

// A session may read, end itself, and bring what is signed inside: whoever steals a
// token changes nothing with it.
func TestSessionsChangeNothingUnsigned(t *testing.T) {
	for name, r := range access {
		service, method, _ := strings.Cut(name[1:], "/")
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
		if err != nil {
			t.Fatal(err)
		}
		if r.session && !reads(method) && !signs(d.(protoreflect.MethodDescriptor).Input()) && name != pb.SessionService_CloseSessions_FullMethodName {
			t.Errorf("%s: a session will do, although it is no reading and nothing in it is signed", name)
		}
		if r.session && r.public {
			t.Errorf("%s is for anyone and for sessions", name)
		}
	}
}

func reads(method string) bool {
	for _, verb := range []string{"Get", "List", "Read", "Quote", "Search", "Name", "Replay", "Explain"} {
		if strings.HasPrefix(method, verb) {
			return true
		}
	}
	return false
}

// signs reports whether a message has a signature that it cannot be without.
func signs(m protoreflect.MessageDescriptor) bool {
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if f.Message() != nil && f.Message().Name() == "SignedDocument" || f.Name() == "signature" {
			return true
		}
		if f.Message() != nil && f.Message().Name() == "AskRequest" && signs(f.Message()) {
			return true
		}
	}
	return false
}
