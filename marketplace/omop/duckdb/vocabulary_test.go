package duckdb_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

// shelf is what a vocabulary hands over.
type shelf struct {
	Concepts []marketplace.VocabularyConcept
	Above    [][3]int64
}

func (s *shelf) concept(c marketplace.VocabularyConcept) error {
	s.Concepts = append(s.Concepts, c)
	return nil
}

func (s *shelf) above(above, below int64, steps int) error {
	s.Above = append(s.Above, [3]int64{above, below, int64(steps)})
	return nil
}

// Athena's files are read as they are, also where a name has quotation marks; so are those with commas.
func TestReadVocabulary(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"CONCEPT.csv": "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\tvalid_start_date\n" +
			"201826\tType 2 diabetes mellitus\tCondition\tSNOMED\tDisorder\tS\t44054006\t19700101\n" +
			"7\tNeedle, 5\" long\tDevice\tSNOMED\tPhysical Object\t\t07\t19700101\n" +
			"eight\tno id\tDevice\tSNOMED\tPhysical Object\t\t08\t19700101\n",
		"concept_ancestor.CSV": "ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation\n201820,201826,1,1\n",
		"DRUG_STRENGTH.csv":    "left alone",
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got shelf
	if err := duckdb.ReadVocabulary(t.Context(), dir, got.concept, got.above); err != nil {
		t.Fatal(err)
	}
	want := shelf{
		Concepts: []marketplace.VocabularyConcept{
			{ID: 201826, Name: "Type 2 diabetes mellitus", Domain: "Condition", Vocabulary: "SNOMED", Class: "Disorder", Standard: "S", Code: "44054006"},
			{ID: 7, Name: `Needle, 5" long`, Domain: "Device", Vocabulary: "SNOMED", Class: "Physical Object", Code: "07"},
		},
		Above: [][3]int64{{201820, 201826, 1}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("vocabulary (-want +got):\n%s", d)
	}
	broken := errors.New("broken")
	err := duckdb.ReadVocabulary(t.Context(), dir, func(marketplace.VocabularyConcept) error { return broken }, got.above)
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	var not *omop.NotOMOPError
	if err := duckdb.ReadVocabulary(t.Context(), t.TempDir(), got.concept, got.above); !errors.As(err, &not) {
		t.Errorf("got %v, want a NotOMOPError", err)
	}
}

// What a generated hospital's tables say of concepts is what the generator says without any hospital: it does not
// depend on the patients.
func TestGeneratedVocabularyIsPublic(t *testing.T) {
	dir := t.TempDir()
	if _, err := synth.Generate(t.Context(), synth.Config{Patients: 1, Seed: 3, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	var tables, list shelf
	if err := duckdb.ReadVocabulary(t.Context(), dir, tables.concept, tables.above); err != nil {
		t.Fatal(err)
	}
	if err := synth.Vocabulary(context.Background(), list.concept, list.above); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(list, tables); d != "" || len(list.Concepts) < 100 {
		t.Errorf("%d concepts; vocabulary (-generator +tables):\n%s", len(list.Concepts), d)
	}
}
