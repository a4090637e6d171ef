package main

import (
	"encoding/csv"
	"strings"
	"testing"
)

// No cell of ours is a formula to a spreadsheet, and what a page shows is text.
func TestSheetsAreInert(t *testing.T) {
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", `a","b`, "fine", ""}
	s := sheet{Title: "<script>", Facts: [][2]string{{"<b>", "<i>"}}, Columns: make([]string, len(evil)), Rows: [][]string{evil}, Notes: []string{"<img>"}}
	var out strings.Builder
	if err := (sheetFormat{CSV: true}).write(&out, s, nil); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, c := range rows[1] {
		want := evil[i]
		if i < 8 {
			want = "'" + want
		}
		if c != want {
			t.Errorf("%q is written as %q", evil[i], c)
		}
	}
	out.Reset()
	s.Rows = [][]string{{"<script>alert(1)</script>"}}
	if err := (sheetFormat{HTML: true}).write(&out, s, nil); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<b>", "<i>", "<img"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("the page has %s", bad)
		}
	}
}
