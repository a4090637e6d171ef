package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"pgregory.net/rapid"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Page by page, a list is what it is: each entry once, in its order, whatever the sizes asked for.
func TestPagesAreTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 20
		list := make([]uint64, rapid.IntRange(0, 50).Draw(t, "entries"))
		for i := range list {
			list[i] = 3*uint64(i) + 1 // log indexes of which some are not in it
		}
		stored := func(after uint64) []uint64 {
			i, _ := slices.BinarySearch(list, after+1)
			return list[i:min(i+most, len(list))]
		}
		var byPlace, byNumber []uint64
		for token, page := "", 0; ; page++ {
			r := &pb.ListMandatesRequest{PageSize: rapid.Int32Range(0, most).Draw(t, "size"), PageToken: token}
			part, next, err := cut(r, list, most)
			if err != nil || len(part) > most || r.GetPageSize() != 0 && len(part) > int(r.GetPageSize()) || page > len(list) {
				t.Fatalf("page %d: %d entries, %v", page, len(part), err)
			}
			byPlace = append(byPlace, part...)
			if token = next; token == "" {
				break
			}
		}
		for token, page := "", 0; ; page++ {
			r := &pb.ListExposuresRequest{PageSize: rapid.Int32Range(0, most).Draw(t, "size"), PageToken: token}
			after, err := numberIn(r, r.GetAfter())
			if err != nil {
				t.Fatal(err)
			}
			part, next, err := begin(r, stored(after), most, func(n uint64) uint64 { return n })
			if err != nil || page > len(list)+1 {
				t.Fatalf("page %d: %v", page, err)
			}
			byNumber = append(byNumber, part...)
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(byPlace, list) || !slices.Equal(byNumber, list) {
			t.Fatalf("of %v: by place %v, by number %v", list, byPlace, byNumber)
		}
	})
}

// A token is good for the request that it came from, of whatever size its pages are, and for no other.
func TestTokenOfAnotherRequest(t *testing.T) {
	r := &pb.ListGrantsRequest{Waiting: true, PageSize: 3}
	token, err := tokenAtNumber(r, 7)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := numberIn(&pb.ListGrantsRequest{Waiting: true, PageSize: 9, PageToken: token}, 0); n != 7 || err != nil {
		t.Errorf("the same with other pages: %d, %v", n, err)
	}
	for name, other := range map[string]listing{
		"another filter":      &pb.ListGrantsRequest{PageToken: token},
		"another list":        &pb.ListStudiesRequest{PageToken: token},
		"no token of ours":    &pb.ListGrantsRequest{Waiting: true, PageToken: "next"},
		"not base64":          &pb.ListGrantsRequest{Waiting: true, PageToken: token + "!"},
		"another spelling":    &pb.ListGrantsRequest{Waiting: true, PageToken: token + "="},
		"without a place":     &pb.ListGrantsRequest{Waiting: true, PageToken: token[:11]},
		"with a longer place": &pb.ListGrantsRequest{Waiting: true, PageToken: token + "AAAA"},
	} {
		if n, err := numberIn(other, 0); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
}

// Every List method goes page by page (AIP-158), with sizes that are bounded.
func TestEveryListHasPages(t *testing.T) {
	protoregistry.GlobalFiles.RangeFilesByPackage("medmarket.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			for j := range f.Services().Get(i).Methods().Len() {
				m := f.Services().Get(i).Methods().Get(j)
				if !strings.HasPrefix(string(m.Name()), "List") {
					continue
				}
				if err := pages(m); err != nil {
					t.Errorf("%s: %v", m.FullName(), err)
				}
			}
		}
		return true
	})
}

func pages(m protoreflect.MethodDescriptor) error {
	for _, want := range []struct {
		in   protoreflect.MessageDescriptor
		name protoreflect.Name
		kind protoreflect.Kind
	}{
		{m.Input(), sizeField, protoreflect.Int32Kind}, {m.Input(), tokenField, protoreflect.StringKind},
		{m.Output(), "next_page_token", protoreflect.StringKind},
	} {
		if field := want.in.Fields().ByName(want.name); field == nil || field.Kind() != want.kind {
			return fmt.Errorf("%s has no %s of kind %s", want.in.Name(), want.name, want.kind)
		}
	}
	return nil
}
