package server

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/ledger/signin"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// seen is what a caller sees of an error.
type seen struct {
	err    error
	code   codes.Code
	reason string
}

// sentinels has every sentinel of the packages whose errors reach the edge. A
// new one needs a row. INTERNAL are those that never leave a node.
var sentinels = map[string]seen{
	"server.errUnauthenticated": {errUnauthenticated, codes.Unauthenticated, "UNAUTHENTICATED"},
	"server.errSignIn":          {errSignIn, codes.Unauthenticated, "UNAUTHENTICATED"},
	"server.errReplayed":        {errReplayed, codes.Unauthenticated, "REQUEST_REPLAYED"},
	"server.errStaleRequest":    {errStaleRequest, codes.Unauthenticated, "REQUEST_STALE"},
	"server.errForbidden":       {errForbidden, codes.PermissionDenied, "FORBIDDEN"},
	"server.errNotVouched":      {errNotVouched, codes.PermissionDenied, "FORBIDDEN"},
	"passport.ErrMalformed":     {passport.ErrMalformed, codes.InvalidArgument, "MALFORMED"},
	"signin.ErrNoAnswer":        {signin.ErrNoAnswer, codes.Unavailable, "INSTITUTION_UNAVAILABLE"},
	"server.errMalformed":       {errMalformed, codes.InvalidArgument, "MALFORMED"},
	"server.errTimedOut":        {errTimedOut, codes.DeadlineExceeded, "TIMED_OUT"},
	"server.errReused":          {errReused, codes.AlreadyExists, "REQUEST_ID_REUSED"},
	"server.errBusy":            {errBusy, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"server.limitError":         {&limitError{wait: 1}, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"server.errTooLarge":        {errTooLarge, codes.ResourceExhausted, "MESSAGE_TOO_LARGE"},
	"server.errNoPath":          {errNoPath, codes.Unimplemented, "UNKNOWN_PATH"},
	"server.errVerb":            {errVerb, codes.Unimplemented, "METHOD_NOT_ALLOWED"},
	"server.errMediaType":       {errMediaType, codes.InvalidArgument, "UNSUPPORTED_MEDIA_TYPE"},

	"marketplace.ErrMalformed":         {marketplace.ErrMalformed, codes.InvalidArgument, "MALFORMED"},
	"marketplace.ErrSignature":         {marketplace.ErrSignature, codes.PermissionDenied, "WRONG_SIGNATURE"},
	"marketplace.ErrExpired":           {marketplace.ErrExpired, codes.FailedPrecondition, "SIGNATURE_EXPIRED"},
	"marketplace.ErrUnknownDataset":    {marketplace.ErrUnknownDataset, codes.NotFound, "UNKNOWN_DATASET"},
	"marketplace.ErrUnknownConcept":    {marketplace.ErrUnknownConcept, codes.NotFound, "UNKNOWN_CONCEPT"},
	"marketplace.ErrNoVisas":           {marketplace.ErrNoVisas, codes.FailedPrecondition, "NO_VISAS"},
	"marketplace.ErrNotInForce":        {marketplace.ErrNotInForce, codes.FailedPrecondition, "GRANT_NOT_IN_FORCE"},
	"marketplace.ErrNoVocabulary":      {marketplace.ErrNoVocabulary, codes.FailedPrecondition, "NO_VOCABULARY"},
	"marketplace.ErrUnknownGrant":      {marketplace.ErrUnknownGrant, codes.NotFound, "UNKNOWN_GRANT"},
	"marketplace.ErrUnknownReceipt":    {marketplace.ErrUnknownReceipt, codes.NotFound, "UNKNOWN_RECEIPT"},
	"marketplace.ErrUnknownPerson":     {marketplace.ErrUnknownPerson, codes.FailedPrecondition, "UNKNOWN_PARTICIPANT"},
	"marketplace.ErrGrantExists":       {marketplace.ErrGrantExists, codes.AlreadyExists, "GRANT_EXISTS"},
	"marketplace.ErrStaleStep":         {marketplace.ErrStaleStep, codes.Aborted, "STALE_STEP"},
	"marketplace.ErrUnknownFile":       {marketplace.ErrUnknownFile, codes.NotFound, "UNKNOWN_FILE"},
	"marketplace.ErrTooManyStudies":    {marketplace.ErrTooManyStudies, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"marketplace.ErrTooManyFiles":      {marketplace.ErrTooManyFiles, codes.ResourceExhausted, "TOO_MANY_FILES"},
	"marketplace.ErrTooManyOperations": {marketplace.ErrTooManyOperations, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"marketplace.ErrGrantBudget":       {marketplace.ErrGrantBudget, codes.ResourceExhausted, "GRANT_BUDGET_SPENT"},
	"marketplace.ErrNoCredit":          {marketplace.ErrNoCredit, codes.ResourceExhausted, "NO_CREDIT"},
	"marketplace.ErrVoucher":           {marketplace.ErrVoucher, codes.FailedPrecondition, "VOUCHER_MISMATCH"},
	"marketplace.ErrPrice":             {marketplace.ErrPrice, codes.FailedPrecondition, "PRICE_ABOVE_SIGNED"},
	"marketplace.ErrRequestReused":     {marketplace.ErrRequestReused, codes.AlreadyExists, "REQUEST_ID_REUSED"},
	"marketplace.ErrPlanMismatch":      {marketplace.ErrPlanMismatch, codes.FailedPrecondition, "PLAN_MISMATCH"},
	"marketplace.ErrNoAnswer":          {marketplace.ErrNoAnswer, codes.Unavailable, "HOSPITAL_UNAVAILABLE"},
	"marketplace.IncompleteError":      {&marketplace.IncompleteError{Hospitals: []marketplace.HospitalState{{Dataset: "d"}}}, codes.Unavailable, "HOSPITAL_UNAVAILABLE"},
	"marketplace.ErrUnavailable":       {marketplace.ErrUnavailable, codes.Unavailable, "HOSPITAL_UNAVAILABLE"},

	"provider.ErrMalformed":       {provider.ErrMalformed, codes.InvalidArgument, "MALFORMED"},
	"provider.ErrSignature":       {provider.ErrSignature, codes.PermissionDenied, "WRONG_SIGNATURE"},
	"provider.ErrExpired":         {provider.ErrExpired, codes.FailedPrecondition, "SIGNATURE_EXPIRED"},
	"provider.ErrNotEnrolled":     {provider.ErrNotEnrolled, codes.NotFound, "NOT_ENROLLED"},
	"provider.ErrAlreadyEnrolled": {provider.ErrAlreadyEnrolled, codes.AlreadyExists, "ALREADY_ENROLLED"},
	"provider.ErrUnknownPatient":  {provider.ErrUnknownPatient, codes.NotFound, "UNKNOWN_PATIENT"},
	"provider.ErrCode":            {provider.ErrCode, codes.PermissionDenied, "CODE_REFUSED"},
	"provider.ErrTooOften":        {provider.ErrTooOften, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"provider.ErrTooManyChanges":  {provider.ErrTooManyChanges, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},
	"provider.ErrNoMandate":       {provider.ErrNoMandate, codes.FailedPrecondition, "NO_MANDATE"},
	"provider.ErrCapRaised":       {provider.ErrCapRaised, codes.PermissionDenied, "OWN_CAP_RAISED"},
	"provider.ErrWidens":          {provider.ErrWidens, codes.PermissionDenied, "DELEGATE_WIDENS"},
	"provider.ErrTooManyMandates": {provider.ErrTooManyMandates, codes.ResourceExhausted, "TOO_MANY_MANDATES"},
	"provider.ErrHasKey":          {provider.ErrHasKey, codes.FailedPrecondition, "PATIENT_HAS_KEY"},
	"provider.ErrOtherDataset":    {provider.ErrOtherDataset, codes.Internal, "INTERNAL"},
	"provider.ErrPersons":         {provider.ErrPersons, codes.Internal, "INTERNAL"},
	"provider.NumbersError":       {&provider.NumbersError{Reused: 471108154711}, codes.Internal, "INTERNAL"},
	"provider.ErrStaleRevision":   {provider.ErrStaleRevision, codes.FailedPrecondition, "STALE_REVISION"},
	"provider.ErrNoPreference":    {provider.ErrNoPreference, codes.NotFound, "NO_PREFERENCE"},
	"provider.ErrNoPolicy":        {provider.ErrNoPolicy, codes.FailedPrecondition, "NO_POLICY"},
	"provider.ErrPlanMismatch":    {provider.ErrPlanMismatch, codes.FailedPrecondition, "PLAN_MISMATCH"},
	"provider.ErrRequestReused":   {provider.ErrRequestReused, codes.AlreadyExists, "REQUEST_ID_REUSED"},
	"provider.ErrNoInterval":      {provider.ErrNoInterval, codes.InvalidArgument, "NO_INTERVAL"},
	"provider.ErrNotReached":      {provider.ErrNotReached, codes.OutOfRange, "NOT_REACHED"},
	"provider.ErrCheckpointStale": {provider.ErrCheckpointStale, codes.Unavailable, "CHECKPOINT_STALE"},
	"provider.ErrNoEntry":         {provider.ErrNoEntry, codes.NotFound, "NO_ENTRY"},
	"provider.ErrNoCredit":        {provider.ErrNoCredit, codes.ResourceExhausted, "NO_CREDIT"},
	"provider.ErrPrice":           {provider.ErrPrice, codes.FailedPrecondition, "PRICE_ABOVE_SIGNED"},
	"provider.ErrAllowance":       {provider.ErrAllowance, codes.Unavailable, "ALLOWANCE_NOT_FINAL"},
	"provider.ErrNotReady":        {provider.ErrNotReady, codes.Unavailable, "RECORDS_NOT_READY"},
	"consent.ErrPresent":          {consent.ErrPresent, codes.FailedPrecondition, "INDEX_PRESENT"},
	"provider.ErrFailed":          {provider.ErrFailed, codes.Aborted, "QUERY_FAILED"},

	"recordindex.ErrNoAccess":    {recordindex.ErrNoAccess, codes.PermissionDenied, "NO_ACCESS"},
	"recordindex.ErrNoPointer":   {recordindex.ErrNoPointer, codes.NotFound, "NO_POINTER"},
	"recordindex.ErrMissing":     {recordindex.ErrMissing, codes.FailedPrecondition, "RECORD_MISSING"},
	"recordindex.ErrAltered":     {recordindex.ErrAltered, codes.FailedPrecondition, "RECORD_ALTERED"},
	"recordindex.ErrSuperseded":  {recordindex.ErrSuperseded, codes.FailedPrecondition, "RECORD_SUPERSEDED"},
	"recordindex.ErrFaulty":      {recordindex.ErrFaulty, codes.FailedPrecondition, "RECORD_FAULTY"},
	"recordindex.ErrNoEmergency": {recordindex.ErrNoEmergency, codes.NotFound, "NO_EMERGENCY"},
	"recordindex.ErrUnavailable": {recordindex.ErrUnavailable, codes.Unavailable, "RECORD_UNAVAILABLE"},
	"recordindex.ErrTooLarge":    {recordindex.ErrTooLarge, codes.ResourceExhausted, "MESSAGE_TOO_LARGE"},
	"recordindex.ErrMalformed":   {recordindex.ErrMalformed, codes.InvalidArgument, "MALFORMED"},
	"recordindex.ErrTooOften":    {recordindex.ErrTooOften, codes.ResourceExhausted, "TOO_MANY_REQUESTS"},

	"review.ErrOtherDocument": {review.ErrOtherDocument, codes.Internal, "INTERNAL"}, // of those who are about to sign
	"review.ErrNotNow":        {review.ErrNotNow, codes.FailedPrecondition, "STEP_NOT_NOW"},
	"review.ErrNotYours":      {review.ErrNotYours, codes.PermissionDenied, "STEP_NOT_YOURS"},
	"review.ErrMalformed":     {review.ErrMalformed, codes.Internal, "INTERNAL"}, // leaves as the marketplace's

	"provider.ErrUnknownRequest": {provider.ErrUnknownRequest, codes.NotFound, "UNKNOWN_DECISION"},
	"provider.ErrReplay":         {provider.ErrReplay, codes.FailedPrecondition, "DECISION_DIFFERS"},
	"provider.ErrStale":          {provider.ErrStale, codes.Internal, "INTERNAL"},
	"provider.ErrNoTile":         {provider.ErrNoTile, codes.Internal, "INTERNAL"}, // of plain HTTP

	"provider.RefusedError":  {&provider.RefusedError{Reasons: []policy.ReasonCode{policy.ReasonGrantPurpose}}, codes.PermissionDenied, "REFUSED"},
	"provider.RedoError":     {&provider.RedoError{Excluded: []int64{471108154711}}, codes.Internal, "INTERNAL"},
	"dp.InvalidQueryError":   {&dp.InvalidQueryError{Field: "nano_rho", Why: "must be more"}, codes.InvalidArgument, "INVALID_QUERY"},
	"server.panicError":      {&panicError{value: "471108154711"}, codes.Internal, "INTERNAL"},
	"of no package of these": {errors.New("471108154711"), codes.Internal, "INTERNAL"},
}

func TestEverySentinelHasAReason(t *testing.T) {
	for name, want := range sentinels {
		for _, err := range []error{want.err, fmt.Errorf("asking: %w", want.err), errors.Join(errors.New("471108154711"), want.err)} {
			told, s := toStatus(t.Context(), err, "0123")
			if got := infoOf(s); status.Code(s) != want.code || got.GetReason() != want.reason || got.GetDomain() != "medmarket" {
				t.Errorf("%s: got %v %v, want %v %s", name, status.Code(s), got, want.code, want.reason)
			}
			if (want.reason == "INTERNAL" || strings.HasSuffix(want.reason, "_UNAVAILABLE")) && (told || strings.Contains(s.Error(), "471108154711")) {
				t.Errorf("%s: told the caller %q", name, s)
			}
			if want.reason == "INTERNAL" && !strings.Contains(s.Error(), "0123") {
				t.Errorf("%s: %q does not name the request", name, s)
			}
		}
	}
}

func infoOf(err error) *errdetails.ErrorInfo {
	for _, d := range status.Convert(err).Details() {
		if i, ok := d.(*errdetails.ErrorInfo); ok {
			return i
		}
	}
	return nil
}

// Package marketplace/... is read for sentinels and error types that nobody gave a row.
func TestNoSentinelIsMissing(t *testing.T) {
	want := map[string]bool{"dp.InvalidQueryError": true, "consent.ErrPresent": true, "signin.ErrNoAnswer": true, "passport.ErrMalformed": true, "of no package of these": true}
	for _, dir := range []string{".", "..", filepath.Join("..", "provider"), filepath.Join("..", "recordindex"), filepath.Join("..", "review")} {
		for _, name := range declared(t, dir) {
			want[name] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(sentinels))); diff != "" {
		t.Errorf("errors that are declared and errors in the table differ (-declared +table):\n%s", diff)
	}
}

// declared returns the sentinels (err…, Err…) and error types of a package.
func declared(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || (g.Tok != token.VAR && g.Tok != token.TYPE) {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range namesOf(spec) {
					names = append(names, f.Name.Name+"."+name)
				}
			}
		}
	}
	return names
}

// namesOf returns the names of errors that spec declares.
func namesOf(spec ast.Spec) (names []string) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if strings.HasSuffix(s.Name.Name, "Error") {
			names = append(names, s.Name.Name)
		}
	case *ast.ValueSpec:
		for i, n := range s.Names {
			if i >= len(s.Values) {
				continue
			}
			if call, ok := s.Values[i].(*ast.CallExpr); ok && makesError(call) {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

func makesError(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.Contains([]string{"errors.New", "fmt.Errorf"}, fmt.Sprint(f.X, ".", f.Sel))
}

func TestTableHasNoErrorTwice(t *testing.T) {
	for i, e := range errorTable {
		for _, before := range errorTable[:i] {
			if errors.Is(e.err, before.err) {
				t.Errorf("%v (%v) is hidden by an entry before it", e.err, e.reason)
			}
		}
	}
}

// Every reason of the API is used, by the table or by a case of its own, and
// has a sample beside it.
func TestEveryReasonIsUsedAndHasASample(t *testing.T) {
	used := map[string]bool{"UNSPECIFIED": true}
	for _, s := range sentinels {
		used[s.reason] = true
	}
	text, err := os.ReadFile("../../proto/medmarket/v1/error_reason.proto")
	if err != nil {
		t.Fatal(err)
	}
	comments := commentsOf(string(text))
	for _, name := range pb.ErrorReason_name {
		if short := strings.TrimPrefix(name, "ERROR_REASON_"); !used[short] {
			t.Errorf("%s: no error has it", name)
		}
		if name != pb.ErrorReason_ERROR_REASON_UNSPECIFIED.String() && !strings.Contains(comments[name], `Sample: "`) {
			t.Errorf("%s: no sample, only %q", name, comments[name])
		}
	}
}

// commentsOf returns what is said above each value of an enum.
func commentsOf(text string) map[string]string {
	comments, above := map[string]string{}, ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if said, isComment := strings.CutPrefix(line, "//"); isComment {
			above += said
			continue
		}
		if name, _, isValue := strings.Cut(line, " = "); isValue {
			comments[name] = above
		}
		above = ""
	}
	return comments
}

func TestRefusalNamesItsReasons(t *testing.T) {
	_, s := toStatus(t.Context(), &provider.RefusedError{
		Reasons: []policy.ReasonCode{policy.ReasonGrantPurpose, policy.ReasonColumnNotReleased}, Columns: []string{"a.b", "c.d"},
	}, "")
	if got := infoOf(s).GetMetadata()["columns"]; got != "a.b,c.d" {
		t.Errorf("columns are %q", got)
	}
	if got := infoOf(s).GetMetadata()["reasons"]; got != "GRANT_PURPOSE,COLUMN_NOT_RELEASED" {
		t.Errorf("reasons are %q", got)
	}
	_, s = toStatus(t.Context(), &dp.InvalidQueryError{Field: "group_by[0]", Why: "is wrong"}, "")
	if got := infoOf(s).GetMetadata()["field"]; got != "group_by[0]" {
		t.Errorf("field is %q", got)
	}
}

// A time-out is the caller's if her call ended; one inside is our failure.
func TestWhoseTimeout(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithTimeout(t.Context(), 0)
	defer cancelLate()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		want codes.Code
	}{
		{ended, fmt.Errorf("counting: %w", context.Canceled), codes.Canceled},
		{late, fmt.Errorf("counting: %w", context.DeadlineExceeded), codes.DeadlineExceeded},
		{t.Context(), fmt.Errorf("the chain: %w", context.DeadlineExceeded), codes.Internal},
		{t.Context(), fmt.Errorf("the chain: %w", context.Canceled), codes.Internal},
		{ended, provider.ErrFailed, codes.Aborted},
	} {
		if _, s := toStatus(c.ctx, c.err, "0123"); status.Code(s) != c.want {
			t.Errorf("%v, call ended with %v: got %v, want %v", c.err, c.ctx.Err(), status.Code(s), c.want)
		}
	}
}

func TestNoErrorIsNoStatus(t *testing.T) {
	if told, s := toStatus(t.Context(), nil, "0123"); s != nil || !told {
		t.Errorf("got %v, %v", s, told)
	}
}
