package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	medmarketv1 "github.com/medmarket/medmarket/proto/medmarket/v1"
)

var (
	errForbidden  = errors.New("not allowed")
	errNotVouched = fmt.Errorf("%w: the institution does not vouch for all that the key is", errForbidden)
)

// anyRole is every registered participant.
const anyRole = ledger.RoleResearcher | ledger.RoleCommittee | ledger.RoleProvider |
	ledger.RoleMarketplace | ledger.RoleSteward | ledger.RoleOperator

// rule says who may call a method.
type rule struct {
	roles   ledger.Role // any one of these
	anyKey  bool        // any key may call; the handler checks ownership (patients are not on the chain)
	session bool        // a session will do: it only reads, or a document inside is signed
	public  bool        // anyone may call, without a signature: what the register shows everyone, and signing in
}

// access lists every method; one that is not here is denied.
var access = map[string]rule{
	medmarketv1.ParticipantService_RegisterParticipant_FullMethodName: {roles: ledger.RoleOperator},
	medmarketv1.ParticipantService_GetParticipant_FullMethodName:      {roles: anyRole, session: true},
	medmarketv1.DatasetService_ListDatasets_FullMethodName:            {roles: anyRole, session: true},
	medmarketv1.DatasetService_GetDataset_FullMethodName:              {roles: anyRole, session: true},
	medmarketv1.DatasetService_AcceptTerms_FullMethodName:             {roles: ledger.RoleResearcher, session: true},
	medmarketv1.ConceptService_SearchConcepts_FullMethodName:          {roles: anyRole, session: true},
	medmarketv1.ConceptService_GetConcept_FullMethodName:              {roles: anyRole, session: true},
	medmarketv1.ConceptService_NameConcepts_FullMethodName:            {roles: anyRole, session: true},
	medmarketv1.GrantService_RequestGrant_FullMethodName:              {roles: ledger.RoleResearcher, session: true},
	medmarketv1.GrantService_ApproveGrant_FullMethodName:              {roles: ledger.RoleCommittee, session: true},
	medmarketv1.GrantService_ChangeGrant_FullMethodName:               {roles: ledger.RoleCommittee, session: true},
	medmarketv1.GrantService_GetGrant_FullMethodName:                  {roles: anyRole, session: true},
	medmarketv1.GrantService_ListGrants_FullMethodName:                {roles: anyRole, session: true},
	medmarketv1.GrantService_CreateStep_FullMethodName:                {roles: ledger.RoleResearcher | ledger.RoleCommittee, session: true},
	medmarketv1.GrantService_ListSteps_FullMethodName:                 {roles: ledger.RoleResearcher | ledger.RoleCommittee, session: true},
	medmarketv1.GrantService_CreateFile_FullMethodName:                {roles: ledger.RoleResearcher | ledger.RoleCommittee},
	medmarketv1.GrantService_GetFile_FullMethodName:                   {roles: ledger.RoleResearcher | ledger.RoleCommittee, session: true},
	medmarketv1.VisaService_CreateVisa_FullMethodName:                 {roles: ledger.RoleResearcher},
	medmarketv1.QueryService_Quote_FullMethodName:                     {roles: ledger.RoleResearcher, session: true},
	medmarketv1.QueryService_Ask_FullMethodName:                       {roles: ledger.RoleResearcher, session: true},
	medmarketv1.QueryService_StartAsk_FullMethodName:                  {roles: ledger.RoleResearcher, session: true},
	medmarketv1.QueryService_GetOperation_FullMethodName:              {roles: ledger.RoleResearcher, session: true},
	medmarketv1.QueryService_CancelOperation_FullMethodName:           {roles: ledger.RoleResearcher},
	medmarketv1.QueryService_GetAccount_FullMethodName:                {roles: ledger.RoleResearcher, session: true},
	medmarketv1.QueryService_ListDrawings_FullMethodName:              {roles: ledger.RoleResearcher, session: true},
	medmarketv1.LiveService_GetLive_FullMethodName:                    {roles: anyRole, session: true},
	medmarketv1.LiveService_ListBlocks_FullMethodName:                 {roles: anyRole, session: true},
	medmarketv1.ReceiptService_GetReceipt_FullMethodName:              {roles: ledger.RoleResearcher | ledger.RoleCommittee, session: true},

	medmarketv1.SessionService_CreateNonce_FullMethodName:            {public: true},
	medmarketv1.SessionService_OpenSession_FullMethodName:            {public: true},
	medmarketv1.SessionService_OpenInstitutionSession_FullMethodName: {public: true},
	medmarketv1.SessionService_CloseSessions_FullMethodName:          {roles: anyRole, anyKey: true, session: true},

	medmarketv1.RegisterService_GetAnchor_FullMethodName:   {public: true},
	medmarketv1.RegisterService_ListStudies_FullMethodName: {public: true},
	medmarketv1.RegisterService_GetStudy_FullMethodName:    {public: true},
	medmarketv1.RegisterService_ListQueries_FullMethodName: {public: true},
	medmarketv1.RegisterService_GetQuery_FullMethodName:    {public: true},

	medmarketv1.PreferenceService_EnrolPatients_FullMethodName:     {roles: ledger.RoleSteward, session: true},
	medmarketv1.PreferenceService_RecordPreferences_FullMethodName: {roles: ledger.RoleSteward, session: true},
	medmarketv1.PreferenceService_SetPreferences_FullMethodName:    {anyKey: true, session: true},
	medmarketv1.PreferenceService_GetPreference_FullMethodName:     {anyKey: true, session: true},
	medmarketv1.PreferenceService_ReadConsent_FullMethodName:       {anyKey: true, session: true},
	medmarketv1.PreferenceService_GetConsentProof_FullMethodName:   {anyKey: true, session: true},
	medmarketv1.PreferenceService_SetDatasetPolicy_FullMethodName:  {roles: ledger.RoleSteward, session: true},
	medmarketv1.PreferenceService_SetDatasetProfile_FullMethodName: {roles: ledger.RoleSteward, session: true},

	medmarketv1.DecisionService_GetOwnDataset_FullMethodName:   {roles: ledger.RoleSteward, session: true},
	medmarketv1.DecisionService_ListDecisions_FullMethodName:   {roles: ledger.RoleSteward, session: true},
	medmarketv1.DecisionService_ReplayDecision_FullMethodName:  {roles: ledger.RoleSteward, session: true},
	medmarketv1.DecisionService_ExplainDecision_FullMethodName: {roles: ledger.RoleSteward, session: true},
	medmarketv1.DecisionService_GetConnector_FullMethodName:    {roles: ledger.RoleSteward, session: true},
	medmarketv1.DecisionService_ListProcessing_FullMethodName:  {roles: ledger.RoleSteward, session: true},

	medmarketv1.RecordService_PointAtRecords_FullMethodName:       {roles: ledger.RoleSteward},
	medmarketv1.RecordService_GetIndexSecret_FullMethodName:       {anyKey: true},
	medmarketv1.RecordService_ListPointers_FullMethodName:         {anyKey: true, session: true},
	medmarketv1.RecordService_GetRecord_FullMethodName:            {anyKey: true, session: true},
	medmarketv1.RecordService_RevokeAccess_FullMethodName:         {anyKey: true, session: true},
	medmarketv1.RecordService_ListAccessUses_FullMethodName:       {anyKey: true, session: true},
	medmarketv1.RecordService_SetOpinion_FullMethodName:           {anyKey: true, session: true},
	medmarketv1.RecordService_ListDoubts_FullMethodName:           {roles: ledger.RoleSteward, session: true},
	medmarketv1.RecordService_ReplyToDoubt_FullMethodName:         {roles: ledger.RoleSteward, session: true},
	medmarketv1.RecordService_BreakGlass_FullMethodName:           {anyKey: true},
	medmarketv1.RecordService_CountersignEmergency_FullMethodName: {anyKey: true, session: true},
	medmarketv1.RecordService_ListEmergencies_FullMethodName:      {anyKey: true, session: true},
	medmarketv1.RecordService_ListOpinions_FullMethodName:         {anyKey: true, session: true},

	medmarketv1.PatientService_InvitePatients_FullMethodName:  {roles: ledger.RoleSteward},
	medmarketv1.PatientService_RedeemCode_FullMethodName:      {anyKey: true},
	medmarketv1.PatientService_ChangeKey_FullMethodName:       {anyKey: true, session: true},
	medmarketv1.PatientService_SetContacts_FullMethodName:     {anyKey: true, session: true},
	medmarketv1.PatientService_ListNotices_FullMethodName:     {anyKey: true, session: true},
	medmarketv1.PatientService_CarryNotice_FullMethodName:     {anyKey: true, session: true},
	medmarketv1.PatientService_DelegateTo_FullMethodName:      {anyKey: true, session: true},
	medmarketv1.PatientService_RevokeMandate_FullMethodName:   {anyKey: true, session: true},
	medmarketv1.PatientService_ListMandates_FullMethodName:    {anyKey: true, session: true},
	medmarketv1.PatientService_ListPreferences_FullMethodName: {anyKey: true, session: true},
	medmarketv1.PatientService_ListExposures_FullMethodName:   {anyKey: true, session: true},
	medmarketv1.PatientService_ListDisclosures_FullMethodName: {anyKey: true, session: true},
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

// verified is who calls: the key that signed the request, or that opened the session.
type verified struct {
	key     ledger.Address
	session bool
	vouched signin.Vouched // of a session that an institution opened; nil: the key did
}

// withCaller says who calls, where that was checked already: the REST edge checks it
// over what came in.
func withCaller(ctx context.Context, who verified) context.Context {
	return context.WithValue(ctx, verifiedKey{}, who)
}

func verifiedCaller(ctx context.Context) (who verified, ok bool) {
	who, ok = ctx.Value(verifiedKey{}).(verified)
	return who, ok
}

// admit checks who calls against the method's rule.
func admit(ctx context.Context, method string, who verified, lookup participants) (context.Context, error) {
	r, listed := access[method]
	if !listed {
		return ctx, fmt.Errorf("%w: %s", errForbidden, method)
	}
	if who.session && !r.session {
		return ctx, fmt.Errorf("%w: %s wants a signed request, not a session", errForbidden, method)
	}
	p, err := lookup(ctx, who.key)
	if err != nil {
		return ctx, err
	}
	p.Address = who.key
	if (!r.anyKey || who.vouched != nil) && p.Roles&r.roles == 0 { // an institution's people are no patients
		return ctx, fmt.Errorf("%w: %s has no role for %s", errForbidden, who.key, method)
	}
	if who.vouched != nil && !who.vouched.All(p) {
		return ctx, errNotVouched
	}
	return context.WithValue(ctx, callerKey{}, caller{p}), nil
}
