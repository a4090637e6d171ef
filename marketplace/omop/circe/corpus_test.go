package circe_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// imported is a definition of the phenotype library, and what became of it.
type imported struct {
	name      string
	text      []byte
	criterion cohort.Criterion
	err       error
}

var importOnce = sync.OnceValues(func() (all []imported, err error) {
	texts, err := omoptest.CirceDefinitions(context.Background())
	for i, name := range slices.Sorted(maps.Keys(texts)) {
		if testing.Short() && i%10 > 0 {
			continue
		}
		c, fault := circe.Import(texts[name])
		all = append(all, imported{name, texts[name], c, fault})
	}
	return all, err
})

// corpus is the library, a tenth of it with -short; the test is skipped where it is not there.
func corpus(t *testing.T) []imported {
	t.Helper()
	all, err := importOnce()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Skip("SKIP: no shared/data beside the repository, or no xz; set MEDMARKET_SHARED_DATA")
	}
	return all
}

// Issue 5: at least 950 of the 1,100 definitions import, the rest name what is missing, none panics; what is imported is
// canonical, and stays what it is when printed and read again.
func TestCorpus(t *testing.T) {
	definitions := corpus(t)
	count, missing := 0, map[string]int{}
	for _, d := range definitions {
		name, c := d.name, d.criterion
		if d.err != nil {
			faults := circe.Faults(d.err)
			if len(faults) == 0 {
				t.Errorf("%s: %v names nothing", name, d.err)
			}
			seen := map[string]bool{}
			for _, f := range faults {
				seen[f.Path[strings.LastIndex(f.Path, ".")+1:]+" "+f.What] = true
			}
			for what := range seen {
				missing[what]++
			}
			continue
		}
		count++
		printed, err := json.Marshal(c)
		if err != nil {
			t.Fatal(name, err)
		}
		var read cohort.Criterion
		if err := json.Unmarshal(printed, &read); err != nil {
			t.Fatal(name, err)
		}
		again, err := cohort.Canonical(read)
		if err != nil {
			t.Fatal(name, err)
		}
		if text, _ := json.Marshal(again); string(text) != string(printed) {
			t.Errorf("%s:\n%s\nread again:\n%s", name, printed, text)
		}
	}
	if testing.Short() {
		return
	}
	t.Logf("bench: circe_imported %d of %d", count, len(definitions))
	for _, what := range slices.Sorted(maps.Keys(missing)) {
		t.Logf("missing in %d: %s", missing[what], what)
	}
	if len(definitions) != 1100 || count < 950 {
		t.Errorf("%d of %d imported, want 950 of 1100", count, len(definitions))
	}
}
