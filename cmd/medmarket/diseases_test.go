package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadDiseases(t *testing.T) {
	for text, want := range map[string]string{
		`{"release": "r", "is_a": {"MONDO:0005148": ["MONDO:0005015"], "MONDO:0005015": []}}`: "",
		`{"is_a": {"MONDO:0005148": []}}`:                                "release is required",
		`{"release": "r", "is_a": {"MONDO:0005148": ["MONDO:0005015"]}}`: "unknown term",
		`{"release": "r", "is_a": {"MONDO:0000001": ["MONDO:0000001"]}}`: "cycle",
		`{"release": "r", "isa": {}}`:                                    "unknown field",
	} {
		file := filepath.Join(t.TempDir(), "diseases.json")
		must(t, os.WriteFile(file, []byte(text), 0o600))
		d, err := readDiseases(file)
		switch {
		case want == "" && (err != nil || !d.IsA("MONDO:0005148", "MONDO:0005015")):
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if d, err := readDiseases(""); d != nil || err != nil {
		t.Errorf("no file: %v, %v", d, err)
	}
}
