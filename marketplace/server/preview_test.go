package server_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A quote says of each measure how exact it will be: exactly, or as an estimate with the size that it is for.
func TestQuoteSaysHowExact(t *testing.T) {
	w := newWorld(t)
	age := &pb.Value{Field: pb.Field_FIELD_AGE}
	q := &pb.Query{
		Dataset: query().GetDataset(), Precision: &pb.Query_NanoRho{NanoRho: 90_000},
		Measures: []*pb.Measure{
			{Kind: &pb.Measure_Patients_{Patients: &pb.Measure_Patients{}}},
			{Kind: &pb.Measure_Mean{Mean: &pb.Measure_Bounded{Value: age, High: 100}}},
			{Kind: &pb.Measure_Quantiles_{Quantiles: &pb.Measure_Quantiles{Value: age, High: 100, Ranks: []float64{0.5}}}},
		},
	}
	margins := func(size float64) []*pb.Margin {
		t.Helper()
		q.MarginSize = size
		id := w.grant.Hash()
		a := &pb.QuoteResponse{}
		r := &pb.QuoteRequest{Query: q, Grant: id[:]}
		ok(t, w.as(researcher, w.marketAt).Invoke(t.Context(), pb.QueryService_Quote_FullMethodName, r, a))
		return a.GetMargins()
	}
	unsized, sized := margins(0), margins(1e6)
	want := []*pb.Margin{
		{Measure: "patients", Half: unsized[0].Half},
		{Measure: "mean", TimesPatients: unsized[1].GetTimesPatients()},
		{Measure: "quantiles", TimesPatients: unsized[2].GetTimesPatients(), InRanks: true},
	}
	for i := range want {
		if !proto.Equal(unsized[i], want[i]) || i > 0 && want[i].GetTimesPatients() < 100 {
			t.Errorf("without a size: %v", unsized[i])
		}
		if i > 0 {
			want[i].Half = new(want[i].GetTimesPatients() / 1e6)
			want[i].Size = &pb.GroupSize{Patients: 1e6, Basis: pb.SizeBasis_SIZE_BASIS_ASKED}
		}
		if !proto.Equal(sized[i], want[i]) {
			t.Errorf("for a million: %v, want %v", sized[i], want[i])
		}
	}
	if unsized[0].GetHalf() < 10 {
		t.Errorf("the number of patients is within %v", unsized[0].GetHalf())
	}
	if got := reason(w.call(otherResearcher, pb.QueryService_Quote_FullMethodName, &pb.QuoteRequest{Query: q, Grant: make([]byte, 32)})); got != "" {
		t.Errorf("a grant of zeros is none: %s", got)
	}
	if got := reason(w.call(researcher, pb.QueryService_Quote_FullMethodName, &pb.QuoteRequest{Query: q, Grant: append(make([]byte, 31), 1)})); got != "UNKNOWN_GRANT" {
		t.Errorf("an unknown grant: %s", got)
	}
}
