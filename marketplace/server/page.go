package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/medmarket/medmarket/ledger"
)

// listing is a request for a page of a list (AIP-158).
type listing interface {
	proto.Message
	GetPageSize() int32
	GetPageToken() string
}

// Fields of a request that are of the page, not of the list.
const (
	sizeField  protoreflect.Name = "page_size"
	tokenField protoreflect.Name = "page_token"
)

// boundBytes is how much of a token is of the request that it is for.
const boundBytes = 8

// tokenAt is a page token: the place where the next page begins, and for which request. It is opaque so that it can change; who
// makes one up gets nothing that she could not ask for.
func tokenAt(r listing, place []byte) (string, error) {
	of, err := bound(r)
	return base64.RawURLEncoding.EncodeToString(append(of, place...)), err
}

// placeIn is the place in a request's token, nil if it has none.
func placeIn(r listing) ([]byte, error) {
	if r.GetPageToken() == "" {
		return nil, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(r.GetPageToken())
	if err != nil || len(b) < boundBytes {
		return nil, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
	}
	of, err := bound(r)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(of, b[:boundBytes]) {
		return nil, fmt.Errorf("%w: page_token is of another request", errMalformed)
	}
	return b[boundBytes:], nil
}

// bound is a short hash of what a request asks for, whichever page.
func bound(r listing) ([]byte, error) {
	list := proto.CloneOf[proto.Message](r)
	m := list.ProtoReflect()
	for _, name := range []protoreflect.Name{sizeField, tokenField} {
		m.Clear(m.Descriptor().Fields().ByName(name))
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(list)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(m.Descriptor().FullName()+"\n"), b...))
	return sum[:boundBytes], nil
}

// numberIn is a place that is a number; first if there is no token.
func numberIn(r listing, first uint64) (uint64, error) {
	place, err := placeIn(r)
	if err != nil || place == nil {
		return first, err
	}
	if len(place) != 8 {
		return 0, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
	}
	return binary.BigEndian.Uint64(place), nil
}

// after is a place that is the number of an entry; first if there is no token.
func after(r listing, first int64) (int64, error) {
	n, err := numberIn(r, uint64(max(first, 0)))
	return int64(min(n, math.MaxInt64)), err
}

// hashIn is a place that is a hash, zero if there is no token.
func hashIn(r listing) (h ledger.Hash, err error) {
	place, err := placeIn(r)
	if err != nil || place == nil {
		return h, err
	}
	if len(place) != len(h) {
		return h, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
	}
	return ledger.Hash(place), nil
}

// tokenAtNumber is a token for a place that is a number, none for 0.
func tokenAtNumber(r listing, n uint64) (string, error) {
	if n == 0 {
		return "", nil
	}
	return tokenAt(r, binary.BigEndian.AppendUint64(nil, n))
}

// cut is the page that r asks for out of a whole list, most entries at most, and the token of the next.
func cut[E any](r listing, all []E, most int) (page []E, next string, err error) {
	from, err := numberIn(r, 0)
	if err != nil {
		return nil, "", err
	}
	all = all[min(from, uint64(len(all))):]
	if size := pageOf(r.GetPageSize(), most); len(all) > size {
		all = all[:size]
		next, err = tokenAtNumber(r, from+uint64(size))
	}
	return all, next, err
}

// begin is as much of what follows a place as r asks for, and the token of the next page, by the number of its last entry.
// There is one if no more than most entries could be read.
func begin[E any](r listing, read []E, most int, number func(E) uint64) (page []E, next string, err error) {
	size := pageOf(r.GetPageSize(), most)
	if len(read) < size || len(read) == 0 {
		return read, "", nil
	}
	next, err = tokenAtNumber(r, number(read[size-1]))
	return read[:size], next, err
}
