package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
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
	one, _ := st.pop.someone(anyHealthResearch)
	if one != nil {
		file, err := keyFile(keys, "patient", one.key)
		if err != nil {
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
	if one == nil {
		return nil
	}
	return st.doctor(ctx, one, keys)
}

// keyFile writes a key file of the tour.
func keyFile(dir, name string, key *ledger.Key) (file string, err error) {
	file = filepath.Join(dir, name+".key")
	return file, writeFile(file, []byte(hex.EncodeToString(key.Secret())+"\n"), 0o600)
}

// doctor has the hospital point at a patient's records, and her share all of them with a doctor for a month.
func (st *story) doctor(ctx context.Context, one *patient, keys string) (err error) {
	_, err = pb.NewRecordServiceClient(st.cast.steward.clinic).PointAtRecords(ctx, &pb.PointAtRecordsRequest{Patients: []int64{one.number}})
	if err != nil {
		return err
	}
	key, err := ledger.NewKey()
	if err != nil {
		return err
	}
	opener, err := records.OpenerOf(key)
	if err != nil {
		return err
	}
	p, err := newPerson(one.key, st.s.network)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	shared, err := p.share(st.t.env, records.Access{
		Reader: key.Address(), Kinds: recordindex.Kinds(), To: records.Months - 1, Until: time.Now().AddDate(0, 1, 0).Unix(), Records: true,
	})
	if err != nil {
		return err
	}
	sealed, err := sharing{[]sharedHospital{shared}}.seal(opener.Public())
	if err != nil {
		return err
	}
	access := filepath.Join(keys, "for-doctor")
	if err := writeFile(access, sealed, 0o600); err != nil {
		return err
	}
	file, err := keyFile(keys, "doctor", key)
	if err != nil {
		return err
	}
	st.t.detail("doctor       " + st.s.network.HospitalOrigin + "/#/doctor/history  opens what the patient shared, once it is fetched:")
	st.t.detail(fmt.Sprintf("             medmarket records fetch --json --network %s --key %s --out records %s > history.json",
		filepath.Join(st.s.cfg.dir, "network.json"), file, access))
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
