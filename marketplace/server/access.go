package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	medmarketv1 "github.com/medmarket/medmarket/proto/medmarket/v1"
)

var errForbidden = errors.New("not allowed")

// anyRole is every registered participant.
const anyRole = ledger.RoleResearcher | ledger.RoleCommittee | ledger.RoleProvider |
	ledger.RoleMarketplace | ledger.RoleSteward | ledger.RoleOperator

// rule says who may call a method.
type rule struct {
	roles  ledger.Role // any one of these
	anyKey bool        // any key may call; the handler checks ownership (patients are not on the chain)
	public bool        // anyone may call, without a signature: nothing but what the register shows everyone
}

// access lists every method; one that is not here is denied.
var access = map[string]rule{
	medmarketv1.ParticipantService_RegisterParticipant_FullMethodName: {roles: ledger.RoleOperator},
	medmarketv1.ParticipantService_GetParticipant_FullMethodName:      {roles: anyRole},
	medmarketv1.DatasetService_ListDatasets_FullMethodName:            {roles: anyRole},
	medmarketv1.DatasetService_GetDataset_FullMethodName:              {roles: anyRole},
	medmarketv1.ConceptService_SearchConcepts_FullMethodName:          {roles: anyRole},
	medmarketv1.ConceptService_GetConcept_FullMethodName:              {roles: anyRole},
	medmarketv1.ConceptService_NameConcepts_FullMethodName:            {roles: anyRole},
	medmarketv1.GrantService_RequestGrant_FullMethodName:              {roles: ledger.RoleResearcher},
	medmarketv1.GrantService_ApproveGrant_FullMethodName:              {roles: ledger.RoleCommittee},
	medmarketv1.GrantService_GetGrant_FullMethodName:                  {roles: anyRole},
	medmarketv1.GrantService_ListGrants_FullMethodName:                {roles: anyRole},
	medmarketv1.QueryService_Quote_FullMethodName:                     {roles: ledger.RoleResearcher},
	medmarketv1.QueryService_Ask_FullMethodName:                       {roles: ledger.RoleResearcher},
	medmarketv1.QueryService_GetAccount_FullMethodName:                {roles: ledger.RoleResearcher},
	medmarketv1.ReceiptService_GetReceipt_FullMethodName:              {roles: ledger.RoleResearcher | ledger.RoleCommittee},

	medmarketv1.RegisterService_GetAnchor_FullMethodName:   {public: true},
	medmarketv1.RegisterService_ListStudies_FullMethodName: {public: true},
	medmarketv1.RegisterService_GetStudy_FullMethodName:    {public: true},
	medmarketv1.RegisterService_ListQueries_FullMethodName: {public: true},
	medmarketv1.RegisterService_GetQuery_FullMethodName:    {public: true},

	medmarketv1.PreferenceService_EnrolPatients_FullMethodName:     {roles: ledger.RoleSteward},
	medmarketv1.PreferenceService_RecordPreferences_FullMethodName: {roles: ledger.RoleSteward},
	medmarketv1.PreferenceService_SetPreferences_FullMethodName:    {anyKey: true},
	medmarketv1.PreferenceService_GetPreference_FullMethodName:     {anyKey: true},
	medmarketv1.PreferenceService_GetConsentProof_FullMethodName:   {anyKey: true},
	medmarketv1.PreferenceService_SetDatasetPolicy_FullMethodName:  {roles: ledger.RoleSteward},
	medmarketv1.PreferenceService_SetDatasetProfile_FullMethodName: {roles: ledger.RoleSteward},

	medmarketv1.PatientService_InvitePatients_FullMethodName:  {roles: ledger.RoleSteward},
	medmarketv1.PatientService_RedeemCode_FullMethodName:      {anyKey: true},
	medmarketv1.PatientService_ChangeKey_FullMethodName:       {anyKey: true},
	medmarketv1.PatientService_SetContacts_FullMethodName:     {anyKey: true},
	medmarketv1.PatientService_ListNotices_FullMethodName:     {anyKey: true},
	medmarketv1.PatientService_CarryNotice_FullMethodName:     {anyKey: true},
	medmarketv1.PatientService_ListPreferences_FullMethodName: {anyKey: true},
	medmarketv1.PatientService_ListExposures_FullMethodName:   {anyKey: true},
}

// participants looks up who is registered under an address.
type participants func(context.Context, ledger.Address) (ledger.Participant, error)

// Caller is who signed the request and what the chain says she may do.
type caller struct {
	ledger.Participant
}

type callerKey struct{}

func callerFrom(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller) // the interceptor always sets it
	return c
}

type verifiedKey struct{}

// withCaller says whose signature over the request was checked already: the
// REST edge checks it over the bytes that came in.
func withCaller(ctx context.Context, address ledger.Address) context.Context {
	return context.WithValue(ctx, verifiedKey{}, address)
}

func verifiedCaller(ctx context.Context) (address ledger.Address, ok bool) {
	address, ok = ctx.Value(verifiedKey{}).(ledger.Address)
	return address, ok
}

// admit checks the role of address against the method's rule.
func admit(ctx context.Context, method string, address ledger.Address, lookup participants) (context.Context, error) {
	r, listed := access[method]
	if !listed {
		return ctx, fmt.Errorf("%w: %s", errForbidden, method)
	}
	p, err := lookup(ctx, address)
	if err != nil {
		return ctx, err
	}
	p.Address = address
	if !r.anyKey && p.Roles&r.roles == 0 {
		return ctx, fmt.Errorf("%w: %s has no role for %s", errForbidden, address, method)
	}
	return context.WithValue(ctx, callerKey{}, caller{p}), nil
}
