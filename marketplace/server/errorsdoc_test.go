package server

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// DocumentedError is a row of docs/errors.md.
type DocumentedError struct {
	Code   string // of gRPC
	HTTP   string
	Sample string // … stands for anything
	ToDo   string
}

// Documented reads the table of reasons in docs/errors.md.
func Documented(tb testing.TB) map[string]DocumentedError {
	tb.Helper()
	rows := map[string]DocumentedError{}
	for _, cells := range documentedRows(tb, 5) {
		rows[cells[0]] = DocumentedError{Code: cells[1], HTTP: cells[2], Sample: strings.Trim(cells[3], `"`), ToDo: cells[4]}
	}
	return rows
}

// documentedRows returns the rows of docs/errors.md of so many cells whose first
// is a code.
func documentedRows(tb testing.TB, cells int) (rows [][]string) {
	tb.Helper()
	text, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		code := strings.Trim(row[0], "`")
		if len(row) == cells && code != row[0] {
			rows = append(rows, append([]string{code}, row[1:]...))
		}
	}
	return rows
}

var sampleOf = regexp.MustCompile(`Sample: "(.*)"`)

// The table has every reason, with its code, its HTTP status, the sample beside
// it in the .proto, and what to do.
func TestErrorsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../proto/medmarket/v1/error_reason.proto")
	if err != nil {
		t.Fatal(err)
	}
	comments := commentsOf(string(text))
	want := map[string]DocumentedError{}
	for _, s := range sentinels {
		value := pb.ErrorReason_value["ERROR_REASON_"+s.reason]
		status := runtime.HTTPStatusFromCode(s.code)
		if differs, ok := httpCodes[pb.ErrorReason(value)]; ok {
			status = differs
		}
		var sample string
		if m := sampleOf.FindStringSubmatch(comments["ERROR_REASON_"+s.reason]); m != nil {
			sample = m[1]
		}
		want[s.reason] = DocumentedError{Code: s.code.String(), HTTP: strconv.Itoa(status), Sample: sample}
	}
	got := Documented(t)
	for reason, row := range got {
		if len(row.ToDo) < 10 {
			t.Errorf("%s: says %q to do", reason, row.ToDo)
		}
		row.ToDo = ""
		got[reason] = row
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/errors.md (-API +document):\n%s", diff)
	}
}

// The second table has every reason of the policy in the words of [policy.Explain].
func TestReasonsOfThePolicyAreDocumented(t *testing.T) {
	want, got := map[string]string{}, map[string]string{}
	for _, code := range policy.QueryReasons() {
		want[string(code)] = policy.Explain(code)
	}
	var order []string
	for _, cells := range documentedRows(t, 3) {
		got[cells[0]] = cells[1]
		order = append(order, cells[0])
		if len(cells[2]) < 10 {
			t.Errorf("%s: says %q to do", cells[0], cells[2])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/errors.md (-policy +document):\n%s", diff)
	}
	if len(order) != len(got) || len(order) != len(slices.Collect(maps.Keys(want))) {
		t.Errorf("a code has two rows: %q", order)
	}
}
