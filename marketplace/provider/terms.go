package provider

import (
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// TermsAcceptance is a researcher's word that she keeps to a dataset's terms. She signs it
// once for each revision of them; it travels with each of her asks, so that the hospital
// need not take the marketplace's word.
type TermsAcceptance struct {
	Dataset  string      `json:"dataset"`
	Revision uint64      `json:"revision"` // of the terms
	Text     ledger.Hash `json:"text"`     // SHA-256 of what she read
}

// AcceptanceOf is what a researcher signs of a dataset's terms.
func AcceptanceOf(dataset string, t policy.DatasetTerms) TermsAcceptance {
	return TermsAcceptance{Dataset: dataset, Revision: t.Revision, Text: ledger.HashBytes([]byte(t.Text))}
}

// AcceptedRevision is the revision of the terms of p if signed is their acceptance by
// researcher and still good at now, Unix seconds; else 0. Signed may be nil.
func AcceptedRevision(d ledger.Domain, p policy.DatasetPolicy, researcher ledger.Address, signed *ledger.SignedDocument, now int64) uint64 {
	if p.Terms == nil || signed == nil || signed.Expiry != 0 && signed.Expiry <= now {
		return 0
	}
	var a TermsAcceptance
	if ledger.ParseCanonical(signed.Content, &a) != nil || a != AcceptanceOf(p.Dataset, *p.Terms) {
		return 0
	}
	by, err := signed.Signer(d, ledger.KindTermsAcceptance)
	if err != nil || by != researcher || signed.Revision != a.Revision {
		return 0
	}
	return a.Revision
}
