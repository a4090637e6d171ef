package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// consented has a patient who withdrew check offline that the hospital was
// committed to her withdrawal when it gave the answer.
func (st *story) consented(ctx context.Context) (err error) {
	one, withdrawn := st.pop.someone(withdrew)
	if one == nil {
		return nil // nobody is in the records
	}
	she, err := newPerson(one.key, st.s.network)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, she.close()) }()
	check, err := st.consentOf(ctx, she)
	if err != nil {
		return err
	}
	v, err := check.check()
	if err != nil {
		return err
	}
	c := v.verdict().Consent
	if withdrawn && c.Status != string(policy.Withdrawn) {
		return fmt.Errorf("the hospital was committed to %q for a patient who had withdrawn", c.Status)
	}
	st.result.Consent.AsOf, st.result.Consent.Status, st.result.Consent.Verified = c.AsOf, c.Status, true
	who := "A patient who had withdrawn"
	if !withdrawn {
		who = "A patient"
	}
	st.t.step("%s verified offline: when it answered, at log index %d, her hospital was committed to her preference as %s (block %d).",
		who, c.AsOf, c.Status, c.Block)
	if st.kept() {
		st.t.detail("medmarket verify --trust " + st.trustFile() + " --proof " + check.Consent +
			" --patient " + check.Patient.String() + " " + st.receiptFile())
	}
	return nil
}

// consentOf waits for the patient's anchored proof at the log index of the answer,
// and returns how she checks it.
func (st *story) consentOf(ctx context.Context, she *person) (*verifyCommand, error) {
	ask := &pb.GetConsentProofRequest{AsOf: st.asOf}
	var content []byte
	err := st.s.await(ctx, func() (bool, error) {
		proofBytes, proof, err := she.consentProof(ctx, ask)
		content = proofBytes
		return proof.Anchor != nil, err
	})
	if err != nil {
		return nil, err
	}
	c := &verifyCommand{
		Receipt: st.receiptFile(), Consent: filepath.Join(st.s.cfg.dir, "consent.json"), Patient: she.address(), Trust: st.trustFile(),
	}
	return c, writeFile(c.Consent, content, 0o600)
}
