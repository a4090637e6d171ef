package pages

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

var errTooLarge = errors.New("the receipt is too large")

// result is what verifying a receipt came to.
type result struct {
	Verified bool
	Pending  bool // all but the anchor matches
	Steps    []verifier.Step
	Block    uint64 // in which the log's root is, if Verified
	Genesis  ledger.Hash
	Trusted  uint64 // confirmations
}

type receiptPage struct {
	facts
	Concepts []marketplace.VocabularyConcept // that the question names
	Result   result
}

// facts are what the register says of a question.
type facts struct {
	marketplace.Registered
	Words string // the question
	Title string // what the hospital calls its dataset; empty: not known
	Of    string // name of the researcher's organisation; empty: not known
}

func (p *pages) facts(ctx context.Context, r marketplace.Registered) facts {
	said := p.cfg.Market.LastSaid(r.Question.Query.Dataset)
	names := p.organisations(r.Question.Query.Dataset)
	return facts{r, question(r.Question, p.names(ctx, r.Question.Query)), titleBy(r.Provider, said), names[r.Organisation]}
}

// verifyPage is the form and, after an upload, what came of it.
type verifyPage struct {
	Facts    *facts // nil for a receipt that does not match
	Concepts []marketplace.VocabularyConcept
	Result   *result
}

func (p *pages) receipt(r *http.Request) (view, error) {
	id, err := ledger.ParseHash(r.PathValue("id"))
	if err != nil {
		return view{}, errNotFound
	}
	v := receiptPage{}
	registered, err := p.cfg.Market.RegisteredQuery(r.Context(), id)
	if err != nil {
		return view{}, err
	}
	v.facts = p.facts(r.Context(), registered)
	v.Concepts = p.concepts(r.Context(), v.Question)
	free, err := p.checks.take(r.Context())
	if err != nil {
		return view{}, err
	}
	defer free()
	receipt, err := p.cfg.Market.Receipt(r.Context(), id)
	if err != nil {
		return view{}, err
	}
	content, err := ledger.Canonical(receipt)
	if err != nil {
		return view{}, err
	}
	_, v.Result = p.check(content)
	return view{Template: "receipt.html", Title: "Receipt " + short(id), Data: v}, nil
}

func (p *pages) form(*http.Request) (view, error) {
	return view{Template: "verify.html", Title: "Verify a receipt", Data: verifyPage{}}, nil
}

func (p *pages) verify(r *http.Request) (view, error) {
	free, err := p.uploads.take(r.Context())
	if err != nil {
		return view{}, err
	}
	defer free()
	content, err := upload(r)
	if err != nil {
		return view{}, err
	}
	receipt, checked, err := p.checkInTurn(r.Context(), content)
	if err != nil {
		return view{}, err
	}
	v := verifyPage{Result: &checked}
	if checked.Verified || checked.Pending {
		registered, err := marketplace.RegisteredOf(receipt.Statement, receipt.Inclusion.Index)
		if err != nil {
			return view{}, err
		}
		told := p.facts(r.Context(), registered)
		v.Facts, v.Concepts = &told, p.concepts(r.Context(), registered.Question)
	}
	return view{Template: "verify.html", Title: "Verify a receipt", Data: v}, nil
}

// upload reads the file of the form's field "receipt".
func upload(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, errUpload
	}
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil, errUpload // the form ended before the field
		}
		if part.FormName() != "receipt" {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(part, maxUpload+1))
		switch {
		case err != nil, len(content) == 0:
			return nil, errUpload
		case len(content) > maxUpload:
			return nil, errTooLarge
		}
		return content, nil
	}
}

func (p *pages) checkInTurn(ctx context.Context, content []byte) (ledger.Receipt, result, error) {
	free, err := p.checks.take(ctx)
	if err != nil {
		return ledger.Receipt{}, result{}, err
	}
	defer free()
	receipt, checked := p.check(content)
	return receipt, checked, nil
}

// check verifies a receipt now.
func (p *pages) check(content []byte) (ledger.Receipt, result) {
	receipt, err := verifier.Receipt(content, p.cfg.Trust, p.cfg.Now().Unix())
	out := result{
		Verified: err == nil, Pending: errors.Is(err, verifier.ErrPending), Steps: verifier.Steps(err),
		Genesis: p.cfg.Trust.Genesis, Trusted: p.cfg.Trust.Confirmations,
	}
	if out.Verified {
		out.Block = receipt.Anchor.Block
	}
	return receipt, out
}
