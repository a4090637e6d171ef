package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/medmarket/medmarket/ledger"
)

// cmdJSON checks one JSON document:
//
//	json FILE                 it is one JSON object or array and nothing else
//	json FILE PATH            PATH is there (! json: it is not)
//	json FILE PATH VALUE      and is VALUE, written as JSON
//	json FILE PATH >= NUMBER  and is at least NUMBER
//
// FILE may be stdout. PATH is keys, indexes and, at the end, "length", joined by
// dots; "*" is every element of an array: all must pass, and there must be one.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: json FILE [PATH [VALUE | >= NUMBER]]")
	}
	var doc any
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(dec.Decode(&doc))
	if dec.More() {
		ts.Fatalf("%s is more than one JSON document", args[0])
	}
	if len(args) == 1 {
		return
	}
	found, err := lookUp(doc, strings.Split(args[1], "."))
	if err == nil && len(args) > 2 {
		err = compare(found, args[2:])
	}
	switch {
	case neg && err == nil:
		ts.Fatalf("%s: %s is %v", args[0], strings.Join(args[1:], " "), found)
	case !neg && err != nil:
		ts.Fatalf("%s: %s: %v", args[0], args[1], err)
	}
}

func lookUp(v any, path []string) ([]any, error) {
	if len(path) == 0 {
		return []any{v}, nil
	}
	step, rest := path[0], path[1:]
	switch v := v.(type) {
	case map[string]any:
		if inner, ok := v[step]; ok {
			return lookUp(inner, rest)
		}
	case []any:
		if step == "length" {
			return []any{float64(len(v))}, nil
		}
		if step == "*" {
			return lookUpAll(v, rest)
		}
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
			return lookUp(v[i], rest)
		}
	}
	return nil, fmt.Errorf("no %q", step)
}

func lookUpAll(list []any, path []string) (found []any, err error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("empty")
	}
	for i, one := range list {
		inner, err := lookUp(one, path)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		found = append(found, inner...)
	}
	return found, nil
}

func compare(found []any, want []string) error {
	for _, got := range found {
		text, err := json.Marshal(got)
		if err != nil {
			return err
		}
		if want[0] != ">=" {
			if string(text) != want[0] {
				return fmt.Errorf("is %s, want %s", text, want[0])
			}
			continue
		}
		least, err := strconv.ParseFloat(want[1], 64)
		if err != nil {
			return err
		}
		if n, ok := got.(float64); !ok || n < least {
			return fmt.Errorf("is %s, want at least %s", text, want[1])
		}
	}
	return nil
}

// cmdUsage runs medmarket and checks its exit code: usage CODE [ARG...]. It must
// say why on standard error, in lines that begin as they should.
func cmdUsage(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("medmarket", args[1:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
	if !strings.HasPrefix(ts.ReadFile("stderr"), "medmarket: ") {
		ts.Fatalf("standard error does not say what is wrong")
	}
}

// cmdFlip copies a file with one bit flipped: flip FROM TO TEXT flips the lowest
// bit of the (decimal or hex) digit after the first place where TEXT stands. The
// digit stays one, so that it is the meaning that is altered, not the form.
func cmdFlip(ts *testscript.TestScript, _ bool, args []string) {
	const digits = "0123456789abcdef"
	before, after, found := strings.Cut(ts.ReadFile(args[0]), args[2])
	if !found || !strings.Contains(digits, after[:1]) {
		ts.Fatalf("%s has no digit after %q", args[0], args[2])
	}
	flipped := digits[strings.Index(digits, after[:1])^1]
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(before+args[2]+string(flipped)+after[1:]), 0o600))
}

// cmdCapture sets a variable to the first group of the first match of a pattern:
// capture NAME FILE PATTERN.
func cmdCapture(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile(args[2])
	ts.Check(err)
	match := pattern.FindStringSubmatch(ts.ReadFile(args[1]))
	if match == nil {
		ts.Fatalf("%s does not match %s", args[1], args[2])
	}
	ts.Setenv(args[0], match[1])
}

// cmdNear checks that every group of a demo's answer lies around the exact count,
// within four times the 95% interval, which is some eight standard deviations
// (false alarm: below 1e-13 for an answer): near FILE.
func cmdNear(ts *testscript.TestScript, _ bool, args []string) {
	var r demoResult
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &r))
	for _, g := range r.Answer.Groups {
		if g.True == nil {
			ts.Fatalf("%s has no exact count", g.Key)
		}
		if reach := 2 * (g.High - g.Low); g.Value < *g.True-reach || g.Value > *g.True+reach {
			ts.Fatalf("%s: answered %d (%d to %d), exact is %d", g.Key, g.Value, g.Low, g.High, *g.True)
		}
	}
}

// cmdStatement checks that two receipts have the same statement and signature,
// byte for byte; only one may be anchored.
func cmdStatement(ts *testscript.TestScript, _ bool, args []string) {
	var receipts [2]ledger.Receipt
	for i := range receipts {
		ts.Check(ledger.ParseCanonical([]byte(ts.ReadFile(args[i])), &receipts[i]))
	}
	one, err := ledger.Canonical(receipts[0].Statement)
	ts.Check(err)
	other, err := ledger.Canonical(receipts[1].Statement)
	ts.Check(err)
	if !bytes.Equal(one, other) || receipts[0].Signature != receipts[1].Signature {
		ts.Fatalf("%s and %s say different things", args[0], args[1])
	}
}

// cmdReplace sets one top-level member of a JSON object: replace FROM TO KEY
// VALUE, or takes it out if there is no VALUE.
func cmdReplace(ts *testscript.TestScript, _ bool, args []string) {
	members := map[string]json.RawMessage{} // written back sorted: canonical documents stay canonical
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &members))
	if _, ok := members[args[2]]; !ok {
		ts.Fatalf("%s has no member %q", args[0], args[2])
	}
	delete(members, args[2])
	if len(args) > 3 {
		members[args[2]] = json.RawMessage(args[3])
	}
	out, err := json.Marshal(members)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), out, 0o600))
}
