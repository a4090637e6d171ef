package eth_test

import (
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger/contracts"
	"github.com/medmarket/medmarket/ledger/eth"
)

// TestRefusalsAreComplete fails when a contract has an error without a constant,
// or the other way round.
func TestRefusalsAreComplete(t *testing.T) {
	known := []eth.Refusal{
		eth.MalformedSignature,
		eth.NotOperator, eth.BadRoles, eth.ZeroValue, eth.NotRegistered, eth.OwnOperatorRole, eth.Retired, eth.NotNew, eth.ForgedRotation, eth.BadApprovals,
		eth.NotSigner, eth.IsSigner, eth.NotProvider, eth.Offender, eth.TooManySigners, eth.LastSigner, eth.DifferentVoters, eth.NoConflict,
		eth.BadHeader, eth.TooYoung, eth.TooOld, eth.NotCanonical, eth.NoWork, eth.AlreadyClaimed, eth.NotResearcher, eth.NotMarketplace, eth.Nothing, eth.InsufficientCredit, eth.UnevenVouchers, eth.ForgedVoucher, eth.VoucherSuperseded, eth.InsufficientEscrow, eth.ReleaseDelayTooShort, eth.NotHolder, eth.NotAnnounced, eth.ReleaseTooEarly, eth.ForgedRelease, eth.ReleaseSuperseded, eth.NotRetired,
		eth.NotCommittee, eth.TooFewSignatures, eth.AlreadySigned, eth.OtherTerms, eth.WrongStatus, eth.WrongSuspension, eth.ZeroGrant, eth.UnevenTerms, eth.DatasetOrder, eth.EmptyPeriod, eth.GrantExpired, eth.BadReview, eth.BadSteps, eth.OtherHead,
		eth.NotAnchorer, eth.ZeroRoot, eth.SizeFell, eth.RootConflict, eth.NotAllower, eth.ZeroDataset, eth.AllowanceFell,
	}
	var inContracts []eth.Refusal
	for _, contract := range []abi.ABI{
		contracts.NewRegistry().GetABI(), contracts.NewWorkBudget().GetABI(),
		contracts.NewGrants().GetABI(), contracts.NewAnchors().GetABI(),
	} {
		for name := range contract.Errors {
			inContracts = append(inContracts, eth.Refusal(name))
		}
	}
	slices.Sort(known)
	slices.Sort(inContracts)
	if diff := cmp.Diff(slices.Compact(inContracts), known); diff != "" {
		t.Errorf("refusals (-contracts +constants):\n%s", diff)
	}
}
