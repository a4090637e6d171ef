package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// A study names as many datasets and purposes as the command line does, each dataset with the ceiling; diseases are those of DS alone.
func TestAStudyOfSeveralHospitals(t *testing.T) {
	t.Parallel()
	const flags = "grant request --key cmd_grant_test.go --protocol Study --committee 0x00000000000000000000000000000000000000c0 --country US "
	filed := func(more string) (policy.Grant, error) {
		var c cli
		parser, err := newParser(&c)
		must(t, err)
		if _, err := parser.Parse(strings.Fields(flags + more)); err != nil {
			t.Fatalf("%s: %v", more, err)
		}
		return c.Grant.Request.grant(ledger.Address{1})
	}
	one, err := filed("--dataset a --epsilon 0.5")
	must(t, err)
	ceiling := one.Datasets[0].NanoRho
	g, err := filed("--dataset a --dataset b --dataset c --epsilon 0.5 --purpose HMB --purpose DS --disease MONDO:0005148")
	must(t, err)
	if diff := cmp.Diff([]policy.DatasetCeiling{{Dataset: "a", NanoRho: ceiling}, {Dataset: "b", NanoRho: ceiling}, {Dataset: "c", NanoRho: ceiling}}, g.Datasets); ceiling <= 0 || diff != "" {
		t.Errorf("datasets (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]policy.DataUse{{Permission: duo.HMB}, {Permission: duo.DS, Diseases: []string{"MONDO:0005148"}}}, g.Purposes); diff != "" {
		t.Errorf("purposes (-want +got):\n%s", diff)
	}
	for _, wrong := range []string{"--purpose HMB --disease MONDO:0005148", "--purpose DS", "--purpose cancer"} {
		if _, err := filed("--dataset a " + wrong); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}
