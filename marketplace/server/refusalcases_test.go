package server_test

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

const (
	askMethod   = pb.QueryService_Ask_FullMethodName
	quoteMethod = pb.QueryService_Quote_FullMethodName
)

// asks is an ask of the researcher, changed before it is signed.
func asks(change func(*ledger.Ask)) func(*world) proto.Message {
	return func(w *world) proto.Message { return w.order(researcher, w.Query(1000), change) }
}

// sends is an ask of the researcher, changed after it is signed.
func sends(change func(w *world, r *pb.AskRequest)) func(*world) proto.Message {
	return func(w *world) proto.Message {
		r := w.order(researcher, w.Query(1000), nil)
		change(w, r)
		return r
	}
}

// by makes a request of the matrix as a caller would.
func by(name string, make func(*world, string) proto.Message) func(*world) proto.Message {
	return func(w *world) proto.Message { return make(w, name) }
}

// just is a request that needs no world.
func just(m proto.Message) func(*world) proto.Message {
	return func(*world) proto.Message { return m }
}

// answer has the researcher's usual question answered.
func answer(w *world) {
	w.tb.Helper()
	ok(w.tb, w.call(researcher, askMethod, ask(w, researcher)))
}

// granting has the committee approve another grant, under which is asked then.
func granting(change func(*policy.Grant)) func(*world) {
	return func(w *world) {
		g := filed(w, change)
		ok(w.tb, w.market.ApproveGrant(w.tb.Context(), w.grant.Hash(), w.approval(w.Committee, g, w.grant)))
	}
}

// filed files another study, under which is asked then.
func filed(w *world, change func(*policy.Grant)) policy.Grant {
	w.tb.Helper()
	g := w.Grant()
	g.ID = "another"
	change(&g)
	w.grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
	_, err := w.market.RequestGrant(w.tb.Context(), w.grant)
	ok(w.tb, err)
	return g
}

// policing sets the second revision of the dataset policy.
func policing(change func(*policy.DatasetPolicy)) func(*world) {
	return func(w *world) {
		p := w.Policy()
		p.Revision = 2
		change(&p)
		ok(w.tb, w.SetPolicy(w.tb.Context(), w.SignPolicy(p)))
	}
}

// another is a number that nothing has.
func another() []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return b
}

// asking is a refusal of an ask for these reasons of the policy.
func asking(arrange func(*world), change func(*ledger.Ask), reasons ...policy.ReasonCode) refusal {
	return refusal{reason: "REFUSED", policy: reasons, other: true, method: askMethod, arrange: arrange, request: asks(change)}
}

var refusals = func() map[string]refusal {
	all := map[string]refusal{}
	for _, group := range []map[string]refusal{refusedRequests, refusedQueries, refusedAsks, refusedByPolicy, refusedStudies, refusedSteps, refusedAtHospital, refusedProofs, refusedKeys, refusedReaders} {
		for name, c := range group {
			all[name] = c
		}
	}
	return all
}()

// refusedRequests are not heard at all.
var refusedRequests = map[string]refusal{
	"unsigned": {reason: "UNAUTHENTICATED", method: askMethod, request: by(researcher, ask),
		headers: func(h map[string]string) { delete(h, "medmarket-signature") }},
	"signed by another key": {reason: "UNAUTHENTICATED", other: true, method: askMethod, request: by(researcher, ask),
		headers: func(h map[string]string) { h["medmarket-address"] = "0x" + strings.Repeat("11", 20) }},
	"nonce changed": {reason: "UNAUTHENTICATED", other: true, method: askMethod, request: by(researcher, ask),
		headers: func(h map[string]string) { h["medmarket-nonce"] = "0x" + strings.Repeat("22", 32) }},
	"replayed request": {reason: "REQUEST_REPLAYED", method: pb.QueryService_GetAccount_FullMethodName, request: just(&pb.GetAccountRequest{}), twice: true},
	"stale request": {reason: "REQUEST_STALE", method: askMethod, request: by(researcher, ask),
		arrange: func(w *world) { w.shift.Store(int64(2 * time.Minute)) }},
	"no role": {reason: "FORBIDDEN", method: askMethod, caller: committee, request: by(researcher, ask)},
	"a patient on the marketplace": {reason: "FORBIDDEN", other: true, method: pb.DatasetService_ListDatasets_FullMethodName,
		caller: patient, request: just(&pb.ListDatasetsRequest{})},
	"another hospital's steward": {reason: "FORBIDDEN", other: true, method: pb.PreferenceService_SetDatasetPolicy_FullMethodName,
		caller: otherSteward, request: by(steward, datasetPolicy)},
	"too large a message": {reason: "MESSAGE_TOO_LARGE", method: pb.GrantService_RequestGrant_FullMethodName,
		request: just(&pb.RequestGrantRequest{Document: &pb.SignedDocument{Content: make([]byte, 2<<20), Signature: make([]byte, 65)}})},
	"a field too long": {reason: "MALFORMED", other: true, method: pb.GrantService_RequestGrant_FullMethodName,
		request: just(&pb.RequestGrantRequest{Document: &pb.SignedDocument{Content: make([]byte, 262145), Signature: make([]byte, 65)}})},
	"a field missing": {reason: "MALFORMED", other: true, method: quoteMethod, request: just(&pb.QuoteRequest{})},
}

// refusedQueries cannot be planned.
var refusedQueries = map[string]refusal{
	"unknown dataset": {reason: "UNKNOWN_DATASET", method: quoteMethod, request: changedQuery(func(q *pb.Query) { q.Dataset = "nowhere" })},
	"unknown concept": {reason: "UNKNOWN_CONCEPT", method: pb.ConceptService_GetConcept_FullMethodName, request: just(&pb.GetConceptRequest{Id: 17})},
	"no vocabulary": {reason: "NO_VOCABULARY", method: pb.ConceptService_SearchConcepts_FullMethodName,
		arrange: func(w *world) { w.shelf.closed = true }, request: just(&pb.SearchConceptsRequest{Query: "diabetes"})},
	"a dataset that is not there": {reason: "UNKNOWN_DATASET", other: true, method: pb.DatasetService_GetDataset_FullMethodName,
		request: just(&pb.GetDatasetRequest{Id: "nowhere"})},
	"malformed query": {reason: "INVALID_QUERY", method: quoteMethod,
		request: changedQuery(func(q *pb.Query) { q.GroupBy[1].GetAgeBand().Edges = []int32{40, 40} })},
	"the same group twice": {reason: "INVALID_QUERY", other: true, method: quoteMethod,
		request: changedQuery(func(q *pb.Query) { q.GroupBy[1] = q.GroupBy[0] })},
	"oversized query": {reason: "INVALID_QUERY", other: true, method: quoteMethod, request: changedQuery(func(q *pb.Query) {
		many := make([]int64, 600)
		for i := range many {
			many[i] = int64(i + 1)
		}
		keys := &pb.GroupBy_PersonConcept{ConceptIds: many}
		q.GroupBy[1], q.GroupBy[2] = &pb.GroupBy{Kind: &pb.GroupBy_Race{Race: keys}}, &pb.GroupBy{Kind: &pb.GroupBy_Ethnicity{Ethnicity: keys}}
	})},
	"too many concepts in a group": {reason: "MALFORMED", other: true, method: quoteMethod,
		request: changedQuery(func(q *pb.Query) { q.GroupBy[2].GetHasEvent().ConceptIds = make([]int64, 1001) })},
	"too costly":          {reason: "INVALID_QUERY", other: true, method: quoteMethod, request: changedQuery(func(q *pb.Query) { q.Precision = &pb.Query_NanoRho{NanoRho: 1 << 50} })},
	"a margin of nothing": {reason: "INVALID_QUERY", other: true, method: quoteMethod, request: changedQuery(func(q *pb.Query) { q.Precision = &pb.Query_Margin{} })},
	"no precision":        {reason: "MALFORMED", other: true, method: quoteMethod, request: changedQuery(func(q *pb.Query) { q.Precision = nil })},
	"no policy yet": {reason: "NO_POLICY", method: quoteMethod, request: just(&pb.QuoteRequest{Query: query()}), arrange: func(w *world) {
		file := filepath.Join(w.tb.(*testing.T).TempDir(), "new.db")
		s, err := store.OpenProvider(w.tb.Context(), store.Config{File: file, Log: slog.New(slog.DiscardHandler)})
		ok(w.tb, err)
		w.tb.Cleanup(func() { ok(w.tb, s.Close()) })
		w.Store, w.files = s, append(w.files, file)
		w.Restart()
		w.link.Node = w.Node
	}},
	"an institution that does not answer": {reason: "INSTITUTION_UNAVAILABLE", caller: anonymous,
		method: pb.SessionService_OpenInstitutionSession_FullMethodName, request: unreachableToken},
	"the hospital is gone": {reason: "HOSPITAL_UNAVAILABLE", method: askMethod, request: func(w *world) proto.Message {
		r := ask(w, researcher)
		w.link.Break = func() error { return marketplace.ErrUnavailable }
		return r
	}},
}

func changedQuery(change func(*pb.Query)) func(*world) proto.Message {
	q := query()
	change(q)
	return just(&pb.QuoteRequest{Query: q})
}

// refusedAsks are not what they must be, or cannot be paid.
var refusedAsks = map[string]refusal{
	"ask that is no JSON":       {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) { r.Ask = []byte("ask") })},
	"ask in another spelling":   {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) { r.Ask = append(r.GetAsk(), ' ') })},
	"ask with an unknown field": {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) { r.Ask = append([]byte(`{"a":1,`), r.GetAsk()[1:]...) })},
	"no request id":             {reason: "MALFORMED", other: true, method: askMethod, request: asks(func(a *ledger.Ask) { a.RequestID = ledger.Hash{} })},
	"another plan":              {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) { r.Plan = append(r.GetPlan(), ' ') })},
	"too many visas": {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) {
		r.Passport = &pb.Passport{Visas: slices.Repeat([]string{"a.b.c"}, 17)}
	})},
	"oversized plan":            {reason: "MALFORMED", other: true, method: askMethod, request: sends(func(_ *world, r *pb.AskRequest) { r.Plan = make([]byte, 65537) })},
	"ask changed when signed":   {reason: "WRONG_SIGNATURE", method: askMethod, request: sends(func(w *world, r *pb.AskRequest) { r.Ask = w.order(researcher, w.Query(1000), nil).GetAsk() })},
	"ask signed by another":     {reason: "WRONG_SIGNATURE", method: askMethod, request: by(otherResearcher, ask)},
	"voucher signed by another": {reason: "WRONG_SIGNATURE", other: true, method: askMethod, request: sends(func(w *world, r *pb.AskRequest) { w.promise(otherResearcher, r) })},
	"expired ask":               {reason: "SIGNATURE_EXPIRED", method: askMethod, request: func(w *world) proto.Message { return asks(func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() })(w) }},
	"chain without agreement": {reason: "CHECKPOINT_STALE", method: askMethod, request: by(researcher, ask),
		arrange: func(w *world) {
			_, err := w.market.Quote(w.tb.Context(), w.keys[researcher].Address(), w.Query(1000), nil) // its store is held against the chain
			ok(w.tb, err)
			w.chain.Sealed(w.Clock.Now().Add(-provider.DefaultStaleAfter).Unix() - 1)
		}},
	"chain allows no more": {reason: "ALLOWANCE_NOT_FINAL", method: askMethod, request: by(researcher, ask),
		arrange: func(w *world) {
			w.chain.Fail = only("RaiseAllowance")
			if err := w.Ahead(w.tb.Context()); err == nil { // keeps what is asked for
				w.tb.Error("asked for all the same")
			}
		}},
	"records are renewed": {reason: "RECORDS_NOT_READY", method: askMethod, request: by(researcher, ask),
		arrange: func(w *world) { w.Engine.OnReady = func() error { return errors.New("dial db.example.org") } }},
	"unknown grant":              {reason: "UNKNOWN_GRANT", method: askMethod, request: asks(func(a *ledger.Ask) { a.Grant = ledger.Hash(another()) })},
	"price above what is signed": {reason: "PRICE_ABOVE_SIGNED", method: askMethod, request: asks(func(a *ledger.Ask) { a.MaxWork-- })},
	"cost above what is signed":  {reason: "PRICE_ABOVE_SIGNED", method: askMethod, request: asks(func(a *ledger.Ask) { a.MaxNanoRho-- })},
	"voucher too low": {reason: "VOUCHER_MISMATCH", method: askMethod, request: sends(func(w *world, r *pb.AskRequest) {
		r.Voucher--
		w.promise(researcher, r)
	})},
	"voucher too high": {reason: "VOUCHER_MISMATCH", method: askMethod, arrange: answer, request: func(w *world) proto.Message {
		r := w.order(researcher, w.Query(1001), nil)
		r.Voucher++
		w.promise(researcher, r)
		return r
	}},
	"no credit": {reason: "NO_CREDIT", method: askMethod, request: by(researcher, ask), arrange: func(w *world) { w.chain.SetEscrow(w.Researcher.Address(), w.market.Address(), 0) }},
	"grant budget spent": {reason: "GRANT_BUDGET_SPENT", method: askMethod, arrange: func(w *world) {
		granting(func(g *policy.Grant) { g.Datasets[0].NanoRho = 1500 })(w)
		answer(w)
	}, request: func(w *world) proto.Message { return w.order(researcher, w.Query(1001), nil) }},
	"request id of another ask": {reason: "REQUEST_ID_REUSED", method: askMethod, request: func(w *world) proto.Message {
		first := w.order(researcher, w.Query(1000), nil)
		ok(w.tb, w.call(researcher, askMethod, first))
		var a ledger.Ask
		ok(w.tb, ledger.ParseCanonical(first.GetAsk(), &a))
		return w.order(researcher, w.Query(1001), func(b *ledger.Ask) { b.RequestID = a.RequestID })
	}},
	"plan of another version": {reason: "PLAN_MISMATCH", method: askMethod, request: func(w *world) proto.Message {
		old := w.Metadata
		old.Version = "0"
		plan, err := dp.NewPlan(w.Query(1000), old)
		ok(w.tb, err)
		content, err := ledger.Canonical(plan.Statement())
		ok(w.tb, err)
		r := w.order(researcher, w.Query(1000), func(a *ledger.Ask) { a.PlanHash = ledger.HashBytes(content) })
		r.Plan = content
		return r
	}},
	"unknown receipt":             {reason: "UNKNOWN_RECEIPT", method: pb.ReceiptService_GetReceipt_FullMethodName, request: func(*world) proto.Message { return &pb.GetReceiptRequest{RequestId: another()} }},
	"another study's receipt":     {reason: "UNKNOWN_RECEIPT", method: pb.ReceiptService_GetReceipt_FullMethodName, caller: otherResearcher, request: by(researcher, receipt)},
	"unknown query":               {reason: "UNKNOWN_RECEIPT", method: pb.RegisterService_GetQuery_FullMethodName, request: func(*world) proto.Message { return &pb.GetQueryRequest{RequestId: another()} }},
	"too long a page of register": {reason: "MALFORMED", other: true, method: pb.RegisterService_ListQueries_FullMethodName, request: just(&pb.ListQueriesRequest{PageSize: 101})},
}

// deciding has the committee change its mind.
func deciding(status ledger.GrantStatus) func(*world) {
	return func(w *world) {
		r, _, err := w.chain.Grant(w.tb.Context(), w.grant.Hash(), w.Committee.Address())
		ok(w.tb, err)
		r.Status = status
		w.chain.Put(r)
	}
}

// refusedSteps do not go with the study.
var refusedSteps = map[string]refusal{
	"returned, not to be approved": {reason: "STEP_NOT_NOW", method: pb.GrantService_ApproveGrant_FullMethodName, caller: committee,
		request: func(w *world) proto.Message {
			g := filed(w, func(*policy.Grant) {})
			ok(w.tb, w.call(committee, pb.GrantService_CreateStep_FullMethodName, w.step(committee, w.grant.Hash(), review.Return, 1)))
			id, sig := w.grant.Hash(), w.approval(w.Committee, g, w.grant)
			return &pb.ApproveGrantRequest{Id: id[:], Signature: sig[:]}
		}},
	"withdrawn by the committee": {reason: "STEP_NOT_YOURS", method: pb.GrantService_CreateStep_FullMethodName, caller: committee,
		request: func(w *world) proto.Message {
			filed(w, func(*policy.Grant) {})
			return w.step(committee, w.grant.Hash(), review.Withdraw, 1)
		}},
	"a step too far": {reason: "STALE_STEP", method: pb.GrantService_CreateStep_FullMethodName, caller: committee,
		request: func(w *world) proto.Message { return w.step(committee, w.grant.Hash(), review.Inquire, 2) }},
	"a step without its text": {reason: "MALFORMED", other: true, method: pb.GrantService_CreateStep_FullMethodName,
		request: func(w *world) proto.Message { return w.step(researcher, w.grant.Hash(), review.Report, 1) }},
	"a visa of a suspended grant": {reason: "GRANT_NOT_IN_FORCE", method: pb.VisaService_CreateVisa_FullMethodName, arrange: deciding(ledger.GrantSuspended), request: by(researcher, visaOfGrant)},
	"a visa of another dataset": {reason: "UNKNOWN_DATASET", method: pb.VisaService_CreateVisa_FullMethodName, request: func(w *world) proto.Message {
		id := w.grant.Hash()
		return &pb.CreateVisaRequest{Grant: id[:], Dataset: "elsewhere"}
	}},
	"a file that is not there": {reason: "UNKNOWN_FILE", method: pb.GrantService_GetFile_FullMethodName, request: func(w *world) proto.Message {
		id := w.grant.Hash()
		return &pb.GetFileRequest{Id: id[:], Hash: another()}
	}},
	"a file too many": {reason: "TOO_MANY_FILES", method: pb.GrantService_CreateFile_FullMethodName, request: func(w *world) proto.Message {
		for i := range review.MaxFiles {
			_, err := w.market.AddFile(w.tb.Context(), w.Researcher.Address(), w.grant.Hash(), "protocol.pdf", []byte{byte(i)})
			ok(w.tb, err)
		}
		return newFile(w, researcher)
	}},
	"another's study": {reason: "UNKNOWN_GRANT", other: true, method: pb.GrantService_GetGrant_FullMethodName, caller: otherResearcher, request: by(otherResearcher, grantByID)},
}

// refusedByPolicy are decided against.
var refusedByPolicy = map[string]refusal{
	"all that applies": {reason: "REFUSED", policy: []policy.ReasonCode{policy.ReasonGrantPurpose, policy.ReasonColumnNotReleased}, method: askMethod,
		arrange: policing(func(p *policy.DatasetPolicy) {
			p.Columns, p.PermittedUse = p.Columns[1:], []policy.DataUse{{Permission: duo.NRES}}
		}),
		request: asks(func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) })},
	"stale token": asking(nil, func(a *ledger.Ask) { a.AtLeastAsOf = 1 << 40 }, policy.ReasonSnapshotStale),
	"no such use": asking(nil, func(a *ledger.Ask) { a.Purpose.Permission = "DUO:0000999" }, policy.ReasonUnknownTerm),
	"diseases of a use that has none": asking(nil, func(a *ledger.Ask) { a.Purpose.Diseases = []string{"MONDO:0005148"} },
		policy.ReasonUnknownTerm, policy.ReasonInputInvalid),
	"not approved": asking(func(w *world) { filed(w, func(*policy.Grant) {}) }, nil, policy.ReasonGrantMissing),
	"revoked":      asking(deciding(ledger.GrantRevoked), nil, policy.ReasonGrantRevoked),
	"suspended":    asking(deciding(ledger.GrantSuspended), nil, policy.ReasonGrantSuspended),
	"superseded":   asking(deciding(ledger.GrantSuperseded), nil, policy.ReasonGrantSuperseded),
	"closed":       asking(deciding(ledger.GrantClosed), nil, policy.ReasonGrantClosed),
	"to be reviewed": asking(func(w *world) {
		granting(func(g *policy.Grant) { g.ReviewBy = providertest.Start + 3600 })(w)
		w.Clock.Advance(3600)
	}, func(a *ledger.Ask) { a.Expiry += 7200 }, policy.ReasonGrantReviewDue),
	"terms":                 asking(policing(func(p *policy.DatasetPolicy) { p.Terms = &policy.DatasetTerms{Revision: 1, Text: "Keep it."} }), nil, policy.ReasonTermsNotAccepted),
	"not yet valid":         asking(granting(func(g *policy.Grant) { g.Period.Start = providertest.Start + 3600 }), nil, policy.ReasonGrantNotYetValid),
	"expired":               asking(func(w *world) { w.Clock.Advance(1_000_001) }, nil, policy.ReasonGrantExpired),
	"purpose":               asking(policing(func(p *policy.DatasetPolicy) { p.PermittedUse = []policy.DataUse{{Permission: duo.NRES}} }), func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }, policy.ReasonGrantPurpose),
	"dataset's purpose":     asking(policing(func(p *policy.DatasetPolicy) { p.PermittedUse = []policy.DataUse{{Permission: duo.POA}} }), nil, policy.ReasonDatasetPurpose),
	"embargo":               asking(policing(func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 3600 }), nil, policy.ReasonDatasetEmbargoed),
	"column":                asking(policing(func(p *policy.DatasetPolicy) { p.Columns = p.Columns[1:] }), nil, policy.ReasonColumnNotReleased),
	"per-query cap":         asking(policing(func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerQuery = 1 }), nil, policy.ReasonEpsilonQueryCap),
	"dataset budget":        asking(policing(func(p *policy.DatasetPolicy) { p.TotalNanoRho = 900 }), nil, policy.ReasonEpsilonDatasetBudget),
	"grant ceiling":         asking(granting(func(g *policy.Grant) { g.Datasets[0].NanoRho = 900 }), nil, policy.ReasonGrantEpsilon),
	"organisation's budget": asking(policing(func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerOrganisation = 900 }), nil, policy.ReasonEpsilonOrganisationCap),
	"too fine":              asking(policing(func(p *policy.DatasetPolicy) { p.Columns[0].Finest = policy.LevelExists }), nil, policy.ReasonDatasetGranularity),
	"sensitive":             asking(policing(func(p *policy.DatasetPolicy) { p.Columns[0].Label = policy.HIV }), nil, policy.ReasonDatasetSensitiveClass),
	"sensitive by its code": asking(policing(func(p *policy.DatasetPolicy) {
		p.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{providertest.Diabetes}}}
	}), nil, policy.ReasonDatasetSensitiveClass),
	"methods granted, not said": asking(func(w *world) {
		policing(narrowing(policy.Modifier{Code: duo.NMDS}))(w)
		granting(func(g *policy.Grant) { g.Purposes[0].Methods = true })(w)
	}, nil, policy.ReasonDatasetMethods),
	"methods": asking(func(w *world) {
		policing(narrowing(policy.Modifier{Code: duo.NMDS}))(w)
		granting(func(g *policy.Grant) { g.Purposes[0].Methods = true })(w)
	}, func(a *ledger.Ask) { a.Purpose.Methods = true }, policy.ReasonDatasetMethods),
	"methods not granted": asking(nil, func(a *ledger.Ask) { a.Purpose.Methods = true }, policy.ReasonGrantPurpose),
	"ancestry": asking(func(w *world) {
		policing(func(p *policy.DatasetPolicy) {
			p.PermittedUse = []policy.DataUse{{Permission: duo.GRU}}
			narrowing(policy.Modifier{Code: duo.NPOA})(p)
		})(w)
		granting(func(g *policy.Grant) { g.Purposes[0].Permission = duo.POA })(w)
	}, func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }, policy.ReasonDatasetAncestry),
	"for profit": asking(func(w *world) {
		policing(narrowing(policy.Modifier{Code: duo.NPU}))(w)
		granting(func(g *policy.Grant) { g.SponsorType = policy.Commercial })(w)
	}, nil, policy.ReasonDatasetNotForProfit),
	"commercial": asking(func(w *world) {
		policing(narrowing(policy.Modifier{Code: duo.NCU}))(w)
		granting(func(g *policy.Grant) { g.CommercialUse = true })(w)
	}, nil, policy.ReasonDatasetNonCommercial),
	"abroad":      asking(policing(narrowing(policy.Modifier{Code: duo.GS, Countries: []string{"FR"}})), nil, policy.ReasonDatasetGeography),
	"institution": asking(policing(narrowing(policy.Modifier{Code: duo.IS, Institutions: []string{ledger.Hash{}.String()}})), nil, policy.ReasonDatasetInstitution),
	"too late": asking(func(w *world) {
		policing(narrowing(policy.Modifier{Code: duo.TS, Months: 1}))(w)
		granting(func(g *policy.Grant) { g.Period.Start = providertest.Start - 32*24*3600 })(w)
	}, nil, policy.ReasonDatasetTimeLimit),
	"project":          asking(policing(narrowing(policy.Modifier{Code: duo.PS, Projects: []string{ledger.Hash{}.String()}})), nil, policy.ReasonDatasetProject),
	"person":           asking(policing(narrowing(policy.Modifier{Code: duo.US, Users: []string{ledger.Address{}.String()}})), nil, policy.ReasonDatasetUser),
	"no genetic study": asking(policing(narrowing(policy.Modifier{Code: duo.GSO})), nil, policy.ReasonDatasetGeneticOnly),
	"not bona fide":    showing(providertest.Requires(policy.ResearcherStatus, providertest.BonaFide), noVisa, policy.ReasonActorNotBonaFide),
	"not affiliated":   showing(providertest.Requires(policy.AffiliationAndRole, "*@university.example"), noVisa, policy.ReasonActorVisaMissing),
	"other terms accepted": showing(providertest.Requires(policy.AcceptedTermsAndPolicies, "https://hospital.example/terms/3"),
		shownVisa(policy.AcceptedTermsAndPolicies, "https://hospital.example/terms/2", nil), policy.ReasonTermsNotAccepted),
	"visa of no trusted issuer": showing(providertest.Requires(policy.ResearcherStatus, providertest.BonaFide),
		func(*world) []string { return []string{"eyJhbGciOiJub25lIn0.e30."} }, policy.ReasonActorVisaInvalid, policy.ReasonActorNotBonaFide),
	"visa that has ended": showing(providertest.Requires(policy.ResearcherStatus, providertest.BonaFide),
		shownVisa(policy.ResearcherStatus, providertest.BonaFide, func(v *policy.Visa) { v.Expires = v.Asserted + 1 }),
		policy.ReasonActorVisaExpired, policy.ReasonActorNotBonaFide),
	"approval": asking(policing(func(p *policy.DatasetPolicy) { p.RequiredApprovals = []policy.Approval{policy.Collaboration} }), nil, policy.ReasonGrantConditionUnmet),
	"children": asking(granting(func(g *policy.Grant) { g.Vulnerable = []policy.Population{policy.Children} }), nil, policy.ReasonManualReview),
	"another disease": asking(func(w *world) {
		policing(func(p *policy.DatasetPolicy) {
			p.PermittedUse = []policy.DataUse{{Permission: duo.DS, Diseases: []string{providertest.BreastCancer}}}
		})(w)
	}, func(a *ledger.Ask) {
		a.Purpose = ledger.Purpose{Permission: string(duo.DS), Diseases: []string{providertest.Cancer}}
	}, policy.ReasonDatasetDisease),
	"dataset not granted": asking(func(w *world) {
		g := w.Grant()
		g.ID, g.Datasets[0].Dataset = "elsewhere", "hospital-b"
		w.grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
		ok(w.tb, w.book.Submit(w.tb.Context(), marketplace.Study{Request: w.grant}, providertest.Organisation,
			review.Entry{Step: review.Step{Study: w.grant.Hash(), Number: 1, Action: review.Submit, Grant: w.grant.Hash()}}))
		w.chain.Put(w.Terms(g, w.grant))
	}, nil, policy.ReasonGrantDataset),
	"not on the grant": {reason: "REFUSED", policy: []policy.ReasonCode{policy.ReasonGrantResearcher}, other: true, method: askMethod,
		caller: otherResearcher, request: by(otherResearcher, ask)},
	"a repeat after revocation": asking(func(w *world) {
		answer(w)
		r, _, err := w.chain.Grant(w.tb.Context(), w.grant.Hash(), w.Committee.Address())
		ok(w.tb, err)
		r.Status = ledger.GrantRevoked
		w.chain.Put(r)
	}, nil, policy.ReasonGrantRevoked),
}

// showing is a refusal of an ask with visas, of a dataset that requires one.
func showing(required policy.RequiredVisa, visas func(*world) []string, reasons ...policy.ReasonCode) refusal {
	return refusal{reason: "REFUSED", policy: reasons, other: true, method: askMethod,
		arrange: policing(func(p *policy.DatasetPolicy) { p.RequiredVisas = []policy.RequiredVisa{required} }),
		request: sends(func(w *world, r *pb.AskRequest) {
			shown := w.Passport(visas(w)...)
			r.Passport = &pb.Passport{Visas: shown.Visas, Links: []*pb.SignedDocument{wire(shown.Links[0])}}
		})}
}

func noVisa(*world) []string { return nil }

// shownVisa is one visa, as the issuer signs it.
func shownVisa(t policy.VisaType, value string, change func(*policy.Visa)) func(*world) []string {
	return func(w *world) []string { return []string{w.Visa(t, value, change)} }
}

func narrowing(m policy.Modifier) func(*policy.DatasetPolicy) {
	return func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{m} }
}

// refusedStudies are about grants and participants.
var refusedStudies = map[string]refusal{
	"unknown study":             {reason: "UNKNOWN_GRANT", method: pb.GrantService_GetGrant_FullMethodName, request: func(*world) proto.Message { return &pb.GetGrantRequest{Id: another()} }},
	"unknown study of register": {reason: "UNKNOWN_GRANT", other: true, method: pb.RegisterService_GetStudy_FullMethodName, request: func(*world) proto.Message { return &pb.GetStudyRequest{Id: another()} }},
	"approved twice": {reason: "GRANT_EXISTS", method: pb.GrantService_ApproveGrant_FullMethodName, caller: committee, request: func(w *world) proto.Message {
		id, sig := w.grant.Hash(), w.approval(w.Committee, w.Grant(), w.grant)
		return &pb.ApproveGrantRequest{Id: id[:], Signature: sig[:]}
	}},
	"approved by another committee": {reason: "WRONG_SIGNATURE", other: true, method: pb.GrantService_ApproveGrant_FullMethodName, caller: otherCommittee,
		request: by(otherCommittee, approval)},
	"a committee that is none": {reason: "UNKNOWN_PARTICIPANT", method: pb.GrantService_RequestGrant_FullMethodName,
		request: changedStudy(func(w *world, g *policy.Grant) { g.Committee = w.Steward.Address().String() })},
	"a study of no dataset": {reason: "UNKNOWN_DATASET", other: true, method: pb.GrantService_RequestGrant_FullMethodName,
		request: changedStudy(func(_ *world, g *policy.Grant) { g.Datasets[0].Dataset = "nowhere" })},
	"a study without purposes": {reason: "MALFORMED", other: true, method: pb.GrantService_RequestGrant_FullMethodName,
		request: changedStudy(func(_ *world, g *policy.Grant) { g.Purposes = nil })},
	"a participant without roles": {reason: "MALFORMED", other: true, method: pb.ParticipantService_RegisterParticipant_FullMethodName, caller: operator,
		request: func(w *world) proto.Message {
			r := registration(w, operator).(*pb.RegisterParticipantRequest)
			r.Participant.Roles = nil
			return r
		}},
}

func changedStudy(change func(*world, *policy.Grant)) func(*world) proto.Message {
	return func(w *world) proto.Message {
		g := w.Grant()
		g.ID = "changed"
		change(w, &g)
		return &pb.RequestGrantRequest{Document: wire(w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))}
	}
}

// refusedAtHospital are about patients, preferences and policies.
var refusedAtHospital = map[string]refusal{
	"not enrolled":   {reason: "NOT_ENROLLED", method: pb.PreferenceService_GetPreference_FullMethodName, request: just(&pb.GetPreferenceRequest{})},
	"no preference":  {reason: "NO_PREFERENCE", method: pb.PreferenceService_GetPreference_FullMethodName, caller: otherPatient, request: just(&pb.GetPreferenceRequest{})},
	"enrolled twice": {reason: "ALREADY_ENROLLED", method: pb.PreferenceService_EnrolPatients_FullMethodName, caller: steward, request: by(steward, enrolment)},
	"unknown patient": {reason: "UNKNOWN_PATIENT", method: pb.PreferenceService_EnrolPatients_FullMethodName, caller: steward, request: func(w *world) proto.Message {
		s := provider.EnrolmentStatement{Provider: w.Address(), Enrolments: []provider.Enrolment{{Patient: 99, Key: providertest.NewKey(w.tb).Address()}}}
		return &pb.EnrolPatientsRequest{Enrolments: wire(w.Sign(w.Steward, ledger.KindEnrolment, s, 1))}
	}},
	"document that is not canonical": {reason: "MALFORMED", method: pb.PreferenceService_EnrolPatients_FullMethodName, caller: steward,
		request: func(w *world) proto.Message {
			r := enrolment(w, steward).(*pb.EnrolPatientsRequest)
			r.Enrolments.Content = append(r.GetEnrolments().GetContent(), ' ')
			return r
		}},
	"preference of the same revision": {reason: "STALE_REVISION", method: pb.PreferenceService_SetPreferences_FullMethodName, caller: patient, request: preferring(patient, 1)},
	"preference of a later revision":  {reason: "STALE_REVISION", method: pb.PreferenceService_SetPreferences_FullMethodName, caller: patient, request: preferring(patient, 3)},
	"preference of nobody enrolled":   {reason: "NOT_ENROLLED", other: true, method: pb.PreferenceService_SetPreferences_FullMethodName, request: preferring(researcher, 1)},
	"another patient's preference":    {reason: "WRONG_SIGNATURE", other: true, method: pb.PreferenceService_SetPreferences_FullMethodName, caller: otherPatient, request: preferring(patient, 2)},
	"expired preference": {reason: "SIGNATURE_EXPIRED", method: pb.PreferenceService_SetPreferences_FullMethodName, caller: patient, request: func(w *world) proto.Message {
		r := preferring(patient, 2)(w)
		w.Clock.Advance(3600)
		return r
	}},
	"a batch with one that is stale": {reason: "STALE_REVISION", other: true, method: pb.PreferenceService_SetPreferences_FullMethodName, caller: steward,
		request: func(w *world) proto.Message {
			good, bad := preferring(patient, 2)(w).(*pb.SetPreferencesRequest), preferring(otherPatient, 7)(w).(*pb.SetPreferencesRequest)
			return &pb.SetPreferencesRequest{Preferences: slices.Concat(good.GetPreferences(), bad.GetPreferences())}
		}},
	"recorded for a patient with a key": {reason: "PATIENT_HAS_KEY", method: pb.PreferenceService_RecordPreferences_FullMethodName, caller: steward,
		request: func(w *world) proto.Message {
			s := provider.RecordedPreferences{Provider: w.Address(), Form: provider.Paper, Recorded: []provider.RecordedPreference{
				{Patient: 1, Revision: 2, Preference: providertest.Anything()},
			}}
			return &pb.RecordPreferencesRequest{Recorded: wire(w.Sign(w.Steward, ledger.KindRecordedPreferences, s, 1))}
		}},
	"policy of the same revision": {reason: "STALE_REVISION", other: true, method: pb.PreferenceService_SetDatasetPolicy_FullMethodName, caller: steward, request: func(w *world) proto.Message {
		return &pb.SetDatasetPolicyRequest{Policy: wire(w.SignPolicy(w.Policy()))}
	}},
	"policy by another": {reason: "WRONG_SIGNATURE", other: true, method: pb.PreferenceService_SetDatasetPolicy_FullMethodName, caller: steward, request: by(otherSteward, datasetPolicy)},
}

// preferring is a patient's preference of a revision.
func preferring(name string, revision uint64) func(*world) proto.Message {
	return func(w *world) proto.Message {
		s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: providertest.Withdrawal()}
		return &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{wire(w.Sign(w.keys[name], ledger.KindReleasePreference, s, revision))}}
	}
}

// restOnly are refused before they are a message of the API.
var restOnly = map[string]func(w *world) *http.Request{
	"UNKNOWN_PATH":           func(w *world) *http.Request { return w.plain(http.MethodGet, "/v1/records") },
	"METHOD_NOT_ALLOWED":     func(w *world) *http.Request { return w.plain(http.MethodDelete, "/v1/datasets") },
	"UNSUPPORTED_MEDIA_TYPE": func(w *world) *http.Request { return w.plain(http.MethodPost, "/v1/quotes") },
}

// plain is a request with a body of plain text, signed by the researcher.
func (w *world) plain(verb, path string) *http.Request {
	w.tb.Helper()
	r := httptest.NewRequestWithContext(w.tb.Context(), verb, path, nil)
	r.Header.Set("Content-Type", "text/plain")
	ok(w.tb, server.SignHTTP(r, plainBody, w.keys[researcher], w.Domain, w.market.Address()))
	return r
}

var plainBody = []byte("how many?")

func TestRESTRefusalsChangeNothing(t *testing.T) {
	table := server.Documented(t)
	w := newWorld(t)
	for reason, request := range restOnly {
		before := w.digest()
		r, body := request(w), []byte(nil)
		if reason == "UNSUPPORTED_MEDIA_TYPE" {
			body = plainBody
		} else {
			ok(t, server.SignHTTP(r, nil, w.keys[researcher], w.Domain, w.market.Address()))
		}
		refusal{reason: reason}.check(t, "REST", table[reason], w.serveHTTP(w.marketServer, r, body))
		if after := w.digest(); len(after) == 0 || !equalMaps(before, after) {
			t.Errorf("%s: changed %v to %v", reason, before, after)
		}
	}
}

func equalMaps(a, b map[string]string) bool {
	for k, v := range a {
		if b[k] != v {
			return false
		}
	}
	return len(a) == len(b)
}

const proofMethod = pb.PreferenceService_GetConsentProof_FullMethodName

// published closes the first interval of the hospital's log.
func published(w *world) {
	w.tb.Helper()
	_, err := w.Store.Publish(w.tb.Context(), w.Clock.Now().Unix())
	ok(w.tb, err)
}

// refusedProofs are proofs of consent that there are not, or not for everybody.
var refusedProofs = map[string]refusal{
	"a log index within an interval": {reason: "NO_INTERVAL", caller: patient, method: proofMethod, arrange: published,
		request: just(&pb.GetConsentProofRequest{AsOf: 65})},
	"a log index to come": {reason: "NOT_REACHED", caller: patient, method: proofMethod, arrange: published,
		request: just(&pb.GetConsentProofRequest{AsOf: 128})},
	"a log index before the enrolment": {reason: "NO_ENTRY", method: proofMethod, request: just(&pb.GetConsentProofRequest{AsOf: 64}),
		arrange: func(w *world) {
			published(w)
			ok(w.tb, w.Store.Enrol(w.tb.Context(), []provider.Enrolment{{Patient: 3, Key: w.keys[researcher].Address()}}, 1))
		}},
	"a decision that was never made": {reason: "UNKNOWN_DECISION", caller: steward, method: pb.DecisionService_ReplayDecision_FullMethodName,
		request: just(&pb.ReplayDecisionRequest{RequestId: make([]byte, 32)})},
	"absence of what is there": {reason: "INDEX_PRESENT", caller: steward, method: proofMethod, arrange: published,
		request: func(w *world) proto.Message {
			p, err := w.ConsentProofOf(w.tb.Context(), 1, 64)
			ok(w.tb, err)
			return &pb.GetConsentProofRequest{AsOf: 64, OfWhom: &pb.GetConsentProofRequest_Index{Index: p.Index[:]}}
		}},
	"another patient's proof": {reason: "FORBIDDEN", other: true, caller: patient, method: proofMethod, arrange: published,
		request: just(&pb.GetConsentProofRequest{AsOf: 64, OfWhom: &pb.GetConsentProofRequest_Patient{Patient: 2}})},
	"a proof for somebody unknown": {reason: "NOT_ENROLLED", other: true, method: proofMethod, arrange: published,
		request: just(&pb.GetConsentProofRequest{AsOf: 64})},
}

const redeemMethod = pb.PatientService_RedeemCode_FullMethodName

// refusedKeys are codes and keys that do not bind.
var refusedKeys = map[string]refusal{
	"a code with a typing error": {reason: "CODE_REFUSED", method: redeemMethod, request: just(&pb.RedeemCodeRequest{Code: "0000-0000"})},
	"a code that there is not": {reason: "CODE_REFUSED", method: redeemMethod, arrange: func(w *world) {
		ok(w.tb, w.call(steward, pb.PatientService_InvitePatients_FullMethodName, invitation(w, steward)))
	}, request: just(&pb.RedeemCodeRequest{Code: provider.NewCode().Reveal()})},
	"a code with a key that is bound": {reason: "ALREADY_ENROLLED", other: true, caller: patient, method: redeemMethod,
		request: just(&pb.RedeemCodeRequest{Code: provider.NewCode().Reveal()})},
	"a code for a number that there is not": {reason: "UNKNOWN_PATIENT", caller: steward, method: pb.PatientService_InvitePatients_FullMethodName,
		request: func(w *world) proto.Message {
			s := provider.Invitation{Provider: w.Address(), Patients: []int64{1, 4711}, Recovery: true, Until: w.Clock.Now().Unix() + 3600}
			return &pb.InvitePatientsRequest{Invitation: wire(w.Sign(w.Steward, ledger.KindInvitation, s, 1))}
		}},
	"a code for a patient with a key": {reason: "ALREADY_ENROLLED", other: true, caller: steward, method: pb.PatientService_InvitePatients_FullMethodName,
		request: func(w *world) proto.Message {
			s := provider.Invitation{Provider: w.Address(), Patients: []int64{1}, Until: w.Clock.Now().Unix() + 3600}
			return &pb.InvitePatientsRequest{Invitation: wire(w.Sign(w.Steward, ledger.KindInvitation, s, 1))}
		}},
	"a key changed for another patient's": {reason: "ALREADY_ENROLLED", other: true, caller: patient, method: pb.PatientService_ChangeKey_FullMethodName,
		request: func(w *world) proto.Message {
			s := provider.KeyChange{Provider: w.Address(), Key: w.keys[patient].Address(), Next: w.keys[otherPatient].Address()}
			accepts := w.Sign(w.keys[otherPatient], ledger.KindKeyChange, s, 1).Signature
			return &pb.ChangeKeyRequest{Change: wire(w.Sign(w.keys[patient], ledger.KindKeyChange, s, 1)), NextSignature: accepts[:]}
		}},
	"a key change without the other key": {reason: "WRONG_SIGNATURE", other: true, caller: patient, method: pb.PatientService_ChangeKey_FullMethodName,
		request: func(w *world) proto.Message {
			r := keyChange(w, patient).(*pb.ChangeKeyRequest)
			r.NextSignature = r.GetChange().GetSignature()
			return r
		}},
	"a notice by a key that is no hospital's": {reason: "WRONG_SIGNATURE", other: true, method: pb.PatientService_CarryNotice_FullMethodName,
		request: func(w *world) proto.Message {
			s := provider.KeyNotice{Provider: w.Researcher.Address(), To: w.Address(), Former: w.keys[patient].Address()}
			return &pb.CarryNoticeRequest{Notice: wire(w.Sign(w.Researcher, ledger.KindKeyNotice, s, 1))}
		}},
	"a mandate that there is not": {reason: "NO_MANDATE", other: true, method: showMethod, request: just(&pb.GetPreferenceRequest{Mandate: make([]byte, 32)})},
	"a mandate that was revoked": {reason: "NO_MANDATE", method: pb.PreferenceService_SetPreferences_FullMethodName, request: func(w *world) proto.Message {
		r := revocation(w, patient).(*pb.RevokeMandateRequest)
		ok(w.tb, w.call(patient, pb.PatientService_RevokeMandate_FullMethodName, r))
		var s provider.Revocation
		ok(w.tb, ledger.ParseCanonical(r.GetRevocation().GetContent(), &s))
		return byMandate(w, s.Mandate, providertest.Withdrawal(), 1)
	}},
	"a delegate who permits": {reason: "DELEGATE_WIDENS", method: pb.PreferenceService_SetPreferences_FullMethodName, request: func(w *world) proto.Message {
		s := provider.Delegation{Provider: w.Address(), Key: w.Researcher.Address(), Kind: provider.Delegate, Until: w.Clock.Now().Unix() + 3600, Nonce: ledger.Hash{1}}
		d := w.Sign(w.keys[otherPatient], ledger.KindDelegation, s, 1)
		ok(w.tb, w.call(otherPatient, pb.PatientService_DelegateTo_FullMethodName, &pb.DelegateToRequest{Delegation: wire(d)}))
		return byMandate(w, d.Hash(), providertest.Anything(), 1)
	}},
	"a delegate who takes her cap away": {reason: "OWN_CAP_RAISED", method: pb.PreferenceService_SetPreferences_FullMethodName, request: func(w *world) proto.Message {
		capped := providertest.Withdrawal()
		capped.OwnCap = &policy.Loss{NanoRho: 1}
		own := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: capped}
		ok(w.tb, w.call(otherPatient, pb.PreferenceService_SetPreferences_FullMethodName, &pb.SetPreferencesRequest{
			Preferences: []*pb.SignedDocument{wire(w.Sign(w.keys[otherPatient], ledger.KindReleasePreference, own, 1))},
		}))
		s := provider.Delegation{Provider: w.Address(), Key: w.Researcher.Address(), Kind: provider.Delegate, Until: w.Clock.Now().Unix() + 3600, Nonce: ledger.Hash{1}}
		d := w.Sign(w.keys[otherPatient], ledger.KindDelegation, s, 1)
		ok(w.tb, w.call(otherPatient, pb.PatientService_DelegateTo_FullMethodName, &pb.DelegateToRequest{Delegation: wire(d)}))
		return byMandate(w, d.Hash(), providertest.Withdrawal(), 2)
	}},
	"one mandate too many": {reason: "TOO_MANY_MANDATES", caller: patient, method: pb.PatientService_DelegateTo_FullMethodName, arrange: func(w *world) {
		for range provider.MaxMandates {
			ok(w.tb, w.call(patient, pb.PatientService_DelegateTo_FullMethodName, delegation(w, patient)))
		}
	}, request: by(patient, delegation)},
	"contacts before the last": {reason: "STALE_REVISION", other: true, caller: patient, method: pb.PatientService_SetContacts_FullMethodName,
		arrange: func(w *world) {
			ok(w.tb, w.call(patient, pb.PatientService_SetContacts_FullMethodName, contacts(w, patient)))
		},
		request: by(patient, contacts)},
}

// byMandate is what the researcher says by a mandate.
func byMandate(w *world, id ledger.Hash, p policy.ReleasePreference, revision uint64) proto.Message {
	s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Grantor{By: "delegate", Mandate: &id}, Preference: p.Normalize()}
	return &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{wire(w.Sign(w.Researcher, ledger.KindReleasePreference, s, revision))}}
}

// only fails a method of the chain.
func only(failing string) func(string) error {
	return func(method string) error {
		if method == failing {
			return errors.New("no peers")
		}
		return nil
	}
}
