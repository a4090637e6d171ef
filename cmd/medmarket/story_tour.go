package main

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// tour leaves an account for each person with whoever opens the pages, and says where they are.
func (st *story) tour(ctx context.Context) error {
	if st.Once {
		return nil
	}
	market, clinic := st.s.network.MarketplaceOrigin, st.s.network.HospitalOrigin
	keys := filepath.Join(st.s.cfg.dir, "keys")
	st.t.step("A tour of the pages, with accounts to try them: open the address and import the key file there.")
	if one, _ := st.pop.someone(anyHealthResearch); one != nil {
		file := filepath.Join(keys, "patient.key")
		if err := writeFile(file, []byte(hex.EncodeToString(one.key.Secret())+"\n"), 0o600); err != nil {
			return err
		}
		st.t.detail("patient      " + clinic + "/#/keys  " + file)
	}
	if len(st.pop.paper) > 0 {
		code, err := st.invite(ctx, st.pop.paper[0].number)
		if err != nil {
			return err
		}
		st.t.detail("new patient  " + clinic + "/#/keys  make a key, then enter the code " + code)
	}
	st.t.detail("researcher   " + market + "/#/keys  " + filepath.Join(keys, "researcher.key"))
	st.t.detail("committee    " + market + "/#/keys  " + filepath.Join(keys, "committee.key"))
	st.t.detail("steward      " + clinic + "/#/keys  " + filepath.Join(keys, "steward.key"))
	return nil
}

// invite has the steward make a code for a patient who has no key yet.
func (st *story) invite(ctx context.Context, patient int64) (code string, err error) {
	steward := st.cast.steward
	doc, err := steward.sign(ledger.KindInvitation, provider.Invitation{
		Provider: st.s.network.Trust.Providers[0], Patients: []int64{patient}, Until: time.Now().Add(24 * time.Hour).Unix(),
	}, 1)
	if err != nil {
		return "", err
	}
	r, err := pb.NewPatientServiceClient(steward.clinic).InvitePatients(ctx, &pb.InvitePatientsRequest{Invitation: doc})
	if err != nil {
		return "", err
	}
	return r.GetCodes()[0].GetCode(), nil
}
