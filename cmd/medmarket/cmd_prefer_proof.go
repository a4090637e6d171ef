package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type preferProofCommand struct {
	access
	outcome
	AsOf    uint64       `help:"Log index, as a receipt states it; default: from which your preference is in force." name:"as-of"`
	Out     string       `help:"File to write." default:"consent.json" type:"path"`
	Patient *int64       `help:"The hospital's patient number (steward)." xor:"whom"`
	Index   *ledger.Hash `help:"An index that is not in the hospital's map (steward)." xor:"whom"`
}

func (c *preferProofCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r := &pb.GetConsentProofRequest{AsOf: c.AsOf}
		switch {
		case c.Patient != nil:
			r.OfWhom = &pb.GetConsentProofRequest_Patient{Patient: *c.Patient}
		case c.Index != nil:
			r.OfWhom = &pb.GetConsentProofRequest_Index{Index: c.Index[:]}
		}
		if c.AsOf == 0 {
			_, current, err := p.preference(e, nil)
			if err != nil {
				return err
			}
			r.AsOf = current.GetAsOf()
		}
		content, proof, err := p.consentProof(e.ctx, r)
		if err != nil {
			return err
		}
		if c.Patient == nil && c.Index == nil {
			if err := pin(c.Key, proof); err != nil {
				return err
			}
		}
		if err := writeFile(c.Out, content, 0o600); err != nil {
			return err
		}
		state := "not anchored yet; fetch it again later"
		if proof.Anchor != nil {
			state = "anchored on the chain"
		}
		return c.say(e, map[string]any{"file": c.Out, "anchored": proof.Anchor != nil, "index": proof.Index},
			"%s: %s\n  index %s: keep it, every proof must be about it", c.Out, state, proof.Index)
	})
}

// pin keeps the index that a hospital first told the holder of a key, in a file
// beside the key (hospital's address -> index), and refuses a proof of another
// one: a hospital could else show her the entry of somebody else.
func pin(key string, proof consent.Proof) error {
	path := key + ".index"
	pins := map[string]ledger.Hash{}
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &pins)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, err)
	}
	hospital := proof.Provider.String()
	switch first, pinned := pins[hospital]; {
	case !pinned:
		pins[hospital] = proof.Index
		if b, err = json.Marshal(pins); err != nil {
			return err
		}
		return writeFile(path, append(b, '\n'), 0o600)
	case first != proof.Index:
		return &exitError{exitMismatch, fmt.Errorf("the hospital's proof is about index %s, and yours is %s (%s): it is not about you", proof.Index, first, path)}
	}
	return nil
}

// consentProof fetches a proof from the hospital. It is not verified yet.
func (p *person) consentProof(ctx context.Context, r *pb.GetConsentProofRequest) ([]byte, consent.Proof, error) {
	var proof consent.Proof
	reply, err := pb.NewPreferenceServiceClient(p.clinic).GetConsentProof(ctx, r)
	if err != nil {
		return nil, proof, err
	}
	if err := ledger.ParseCanonical(reply.GetProof(), &proof); err != nil {
		return nil, proof, fmt.Errorf("the hospital answered with a malformed proof: %w", err)
	}
	return reply.GetProof(), proof, nil
}
