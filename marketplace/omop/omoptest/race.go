package omoptest

import "testing"

// NotUnderRace skips a test with -short, which is how make test-race runs them: it does one thing after
// another, slowly, so the race detector would find nothing that make test does not.
func NotUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}
