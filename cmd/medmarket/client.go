package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// signatureLife is how long a signed document may wait before it is used.
const signatureLife = 10 * time.Minute

// person speaks to a running system with one key. Everything she sends is signed.
type person struct {
	key    *ledger.Key
	net    network
	market *grpc.ClientConn
	clinic grpc.ClientConnInterface
	closes []func() error
}

// errElsewhere stands for a hospital that is not in a network.json.
var errElsewhere = errors.New("this network.json is a marketplace's, whose hospitals are elsewhere: name a hospital's own by --network")

// nowhere is no connection.
type nowhere struct{}

func (nowhere) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	return errElsewhere
}

func (nowhere) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errElsewhere
}

func newPerson(key *ledger.Key, n network) (*person, error) {
	market, err := n.dial(n.Marketplace, key, n.Trust.Marketplaces[0])
	if err != nil {
		return nil, err
	}
	p := &person{key: key, net: n, market: market, clinic: nowhere{}, closes: []func() error{market.Close}}
	if n.Hospital == "" {
		return p, nil
	}
	clinic, err := n.dial(n.Hospital, key, n.Trust.Providers[0])
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	p.clinic, p.closes = clinic, append(p.closes, clinic.Close)
	return p, nil
}

// maxReply bounds an answer: an anchored receipt holds every header of the
// chain, some 1.4 kB each.
const maxReply = 256 << 20

func (p *person) close() (err error) {
	for _, f := range p.closes {
		err = errors.Join(err, f())
	}
	return err
}

func (p *person) address() ledger.Address { return p.key.Address() }

// sign signs a document with a short life.
func (p *person) sign(kind ledger.Kind, v any, revision uint64) (*pb.SignedDocument, error) {
	return signAs(p.key, p.net.Trust.Domain(), kind, v, revision)
}

func signAs(k *ledger.Key, d ledger.Domain, kind ledger.Kind, v any, revision uint64) (*pb.SignedDocument, error) {
	s, err := ledger.NewSignedDocument(k, d, kind, v, revision, time.Now().Add(signatureLife).Unix())
	if err != nil {
		return nil, err
	}
	return &pb.SignedDocument{Content: s.Content, Revision: s.Revision, Expiry: s.Expiry, Signature: s.Signature[:]}, nil
}

// register has an operator put a participant on the chain.
func (p *person) register(ctx context.Context, who ledger.Address, org string, roles ...pb.Role) error {
	id := organisation(org)
	_, err := pb.NewParticipantServiceClient(p.market).RegisterParticipant(ctx, &pb.RegisterParticipantRequest{
		Participant: &pb.Participant{Address: who[:], Roles: roles, Organisation: id[:]},
	})
	return err
}

// setPolicy has a steward set the dataset policy.
func (p *person) setPolicy(ctx context.Context, d policy.DatasetPolicy) error {
	doc, err := p.sign(ledger.KindDatasetPolicy, d.Normalize(), d.Revision)
	if err != nil {
		return err
	}
	_, err = pb.NewPreferenceServiceClient(p.clinic).SetDatasetPolicy(ctx, &pb.SetDatasetPolicyRequest{Policy: doc})
	return err
}

// setProfile has a steward set what is said of a dataset.
func (p *person) setProfile(ctx context.Context, d provider.DatasetProfile) error {
	doc, err := p.sign(ledger.KindDatasetProfile, d.Normalize(), d.Revision)
	if err != nil {
		return err
	}
	_, err = pb.NewPreferenceServiceClient(p.clinic).SetDatasetProfile(ctx, &pb.SetDatasetProfileRequest{Profile: doc})
	return err
}

// requestGrant files a study and returns the id of its grant.
func (p *person) requestGrant(ctx context.Context, g policy.Grant) (ledger.Hash, error) {
	doc, err := p.sign(ledger.KindDataGrant, g.Normalize(), 1)
	if err != nil {
		return ledger.Hash{}, err
	}
	r, err := pb.NewGrantServiceClient(p.market).RequestGrant(ctx, &pb.RequestGrantRequest{Document: doc})
	if err != nil {
		return ledger.Hash{}, err
	}
	if len(r.GetId()) != len(ledger.Hash{}) {
		return ledger.Hash{}, errors.New("the marketplace answered with a malformed grant id")
	}
	return ledger.Hash(r.GetId()), nil
}

// approveGrant has a committee read a study's document and sign its terms.
func (p *person) approveGrant(ctx context.Context, id ledger.Hash) error {
	grants := pb.NewGrantServiceClient(p.market)
	r, err := grants.GetGrant(ctx, &pb.GetGrantRequest{Id: id[:]})
	if err != nil {
		return err
	}
	signed, err := signedDocument(r.GetGrant().GetDocument())
	if err != nil {
		return err
	}
	if signed.Hash() != id {
		return errors.New("the marketplace showed another document than the one asked for")
	}
	var g policy.Grant
	if err := ledger.ParseCanonical(signed.Content, &g); err != nil {
		return err
	}
	terms, err := marketplace.Terms(g, signed)
	if err != nil {
		return err
	}
	digest, err := marketplace.TermsDigest(p.net.Trust.Domain(), terms)
	if err != nil {
		return err
	}
	approval := p.key.Sign(digest)
	_, err = grants.ApproveGrant(ctx, &pb.ApproveGrantRequest{Id: id[:], Signature: approval[:]})
	return err
}

// grantFinal reports whether a grant is in force.
func (p *person) grantFinal(ctx context.Context, id ledger.Hash) (bool, error) {
	r, err := pb.NewGrantServiceClient(p.market).GetGrant(ctx, &pb.GetGrantRequest{Id: id[:]})
	return r.GetFinal(), err
}

// account returns what the marketplace says of the researcher's credit.
func (p *person) account(ctx context.Context) (*pb.GetAccountResponse, error) {
	return pb.NewQueryServiceClient(p.market).GetAccount(ctx, &pb.GetAccountRequest{})
}

// quote plans and prices a query.
func (p *person) quote(ctx context.Context, q *pb.Query) (*pb.QuoteResponse, error) {
	return pb.NewQueryServiceClient(p.market).Quote(ctx, &pb.QuoteRequest{Query: q})
}

// terms are what an ask says besides what was quoted.
type terms struct {
	grant   ledger.Hash
	use     duo.Use
	asOf    uint64 // least log index at the hospital, or at each; 0: any
	partial bool   // take what there is of several hospitals
}

// ask signs an ask at the quoted cost and price, with its voucher, and sends it.
func (p *person) ask(ctx context.Context, t terms, q *pb.QuoteResponse) (*pb.AskResponse, error) {
	order, err := p.order(t, q)
	if err != nil {
		return nil, err
	}
	return pb.NewQueryServiceClient(p.market).Ask(ctx, order)
}

// order signs an ask under a new request id. Sending it again is safe: it is
// answered once and paid once.
func (p *person) order(t terms, q *pb.QuoteResponse) (*pb.AskRequest, error) {
	a := ledger.Ask{
		Grant:      t.grant,
		Purpose:    ledger.Purpose{Permission: string(t.use.Permission), Diseases: t.use.Diseases, Methods: t.use.Methods},
		MaxNanoRho: q.GetCost().GetNanoRho(), Expiry: time.Now().Add(signatureLife).Unix(),
	}
	out := &pb.AskRequest{}
	for i, h := range q.GetHospitals() {
		if len(h.GetProvider()) != len(ledger.Address{}) || !slices.Contains(p.net.Trust.Providers, ledger.Address(h.GetProvider())) {
			return nil, fmt.Errorf("the marketplace quoted for %q at %s, which is no hospital that network.json trusts", h.GetDataset(), hexOf(h.GetProvider()))
		}
		asked := ledger.Asked{
			PlanHash: ledger.HashBytes(h.GetPlan()), Provider: ledger.Address(h.GetProvider()), Dataset: h.GetDataset(), MaxWork: h.GetWork(), AtLeastAsOf: t.asOf,
		}
		if i > 0 {
			a.Also, out.Plans = append(a.Also, asked), append(out.Plans, h.GetPlan())
			continue
		}
		a.PlanHash, a.Provider, a.Dataset, a.MaxWork, a.AtLeastAsOf = asked.PlanHash, asked.Provider, asked.Dataset, asked.MaxWork, asked.AtLeastAsOf
		out.Plan = h.GetPlan()
	}
	if _, err := rand.Read(a.RequestID[:]); err != nil {
		return nil, err
	}
	var err error
	if out.Ask, err = ledger.Canonical(a); err != nil {
		return nil, err
	}
	d := p.net.Trust.Domain()
	sig := p.key.Sign(d.DocumentDigest(ledger.Document{Kind: ledger.KindAsk, Hash: ledger.HashBytes(out.Ask), Expiry: a.Expiry}))
	voucher := ledger.Voucher{
		Researcher: p.address(), Marketplace: p.net.Trust.Marketplaces[0], Cumulative: uint64(q.GetDrawn() + q.GetWork()),
	}
	voucherSig := p.key.Sign(d.VoucherDigest(voucher))
	out.Signature, out.Voucher, out.VoucherSignature = sig[:], voucher.Cumulative, voucherSig[:]
	if t.partial {
		p.takePartial(out)
	}
	return out, nil
}

// takePartial signs that she takes what is answered of an ask.
func (p *person) takePartial(r *pb.AskRequest) {
	sig := p.key.Sign(p.net.Trust.Domain().DocumentDigest(ledger.Document{Kind: ledger.KindPartial, Hash: ledger.HashBytes(r.GetAsk())}))
	r.Partial = sig[:]
}

// receipt fetches a receipt, whose headers begin with block known; anchored is false while its anchor is pending.
func (p *person) receipt(ctx context.Context, request ledger.Hash, known uint64) (content []byte, anchored bool, err error) {
	r, err := pb.NewReceiptServiceClient(p.market).GetReceipt(ctx, &pb.GetReceiptRequest{RequestId: request[:], KnownBlock: known})
	return r.GetReceipt(), r.GetAnchored(), err
}

// errorInfo is the detail of an error of the API that has its reason, nil if there is none.
func errorInfo(err error) *errdetails.ErrorInfo {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

// refusalReasons returns the reason codes of a refused ask, nil for any other error.
func refusalReasons(err error) []string {
	if info := errorInfo(err); info.GetReason() == "REFUSED" {
		return slices.DeleteFunc(strings.Split(info.GetMetadata()["reasons"], ","), func(s string) bool { return s == "" })
	}
	return nil
}
