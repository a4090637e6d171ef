package eth

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger/contracts"
)

// Refusal is a contract's reason for refusing a call: the name of its custom
// error, whose meaning stands beside it in ledger/contracts/src. It is compared
// with errors.Is.
type Refusal string

// Error names the reason.
func (r Refusal) Error() string { return "contract refused: " + string(r) }

// Refusals of signatures, by Registry, WorkBudget and Grants.
const (
	MalformedSignature Refusal = "MalformedSignature"
)

// Refusals by Registry.
const (
	NotOperator     Refusal = "NotOperator"
	BadRoles        Refusal = "BadRoles"
	ZeroValue       Refusal = "ZeroValue"
	NotRegistered   Refusal = "NotRegistered"
	OwnOperatorRole Refusal = "OwnOperatorRole"
	Retired         Refusal = "Retired"
	NotNew          Refusal = "NotNew"
	ForgedRotation  Refusal = "ForgedRotation"
	BadApprovals    Refusal = "BadApprovals"
)

// Refusals by Registry about signers of checkpoints.
const (
	NotSigner       Refusal = "NotSigner"
	IsSigner        Refusal = "IsSigner"
	NotProvider     Refusal = "NotProvider"
	Offender        Refusal = "Offender"
	TooManySigners  Refusal = "TooManySigners"
	LastSigner      Refusal = "LastSigner"
	DifferentVoters Refusal = "DifferentVoters"
	NoConflict      Refusal = "NoConflict"
)

// Refusals by WorkBudget.
const (
	BadHeader            Refusal = "BadHeader"
	TooYoung             Refusal = "TooYoung"
	TooOld               Refusal = "TooOld"
	NotCanonical         Refusal = "NotCanonical"
	NoWork               Refusal = "NoWork"
	AlreadyClaimed       Refusal = "AlreadyClaimed"
	NotResearcher        Refusal = "NotResearcher"
	NotMarketplace       Refusal = "NotMarketplace"
	Nothing              Refusal = "Nothing"
	InsufficientCredit   Refusal = "InsufficientCredit"
	UnevenVouchers       Refusal = "UnevenVouchers"
	ForgedVoucher        Refusal = "ForgedVoucher"
	VoucherSuperseded    Refusal = "VoucherSuperseded"
	InsufficientEscrow   Refusal = "InsufficientEscrow"
	ReleaseDelayTooShort Refusal = "ReleaseDelayTooShort"
	NotHolder            Refusal = "NotHolder"
	NotAnnounced         Refusal = "NotAnnounced"
	ReleaseTooEarly      Refusal = "ReleaseTooEarly"
	ForgedRelease        Refusal = "ForgedRelease"
	ReleaseSuperseded    Refusal = "ReleaseSuperseded"
	NotRetired           Refusal = "NotRetired"
)

// Refusals by Grants.
const (
	NotCommittee     Refusal = "NotCommittee"
	TooFewSignatures Refusal = "TooFewSignatures"
	AlreadySigned    Refusal = "AlreadySigned"
	OtherTerms       Refusal = "OtherTerms"
	WrongStatus      Refusal = "WrongStatus"
	WrongSuspension  Refusal = "WrongSuspension"
	ZeroGrant        Refusal = "ZeroGrant"
	UnevenTerms      Refusal = "UnevenTerms"
	DatasetOrder     Refusal = "DatasetOrder"
	EmptyPeriod      Refusal = "EmptyPeriod"
	GrantExpired     Refusal = "GrantExpired"
	BadReview        Refusal = "BadReview"
	BadSteps         Refusal = "BadSteps"
	OtherHead        Refusal = "OtherHead"
)

// Refusals by Anchors.
const (
	NotAnchorer   Refusal = "NotAnchorer"
	ZeroRoot      Refusal = "ZeroRoot"
	SizeFell      Refusal = "SizeFell"
	RootConflict  Refusal = "RootConflict"
	NotAllower    Refusal = "NotAllower"
	ZeroDataset   Refusal = "ZeroDataset"
	AllowanceFell Refusal = "AllowanceFell"
)

// RefusedError is a refusal with the values the contract gave for it.
type RefusedError struct {
	Refusal Refusal
	Values  string // as "name value, name value"; empty if there are none
}

// Error names the reason and its values.
func (e *RefusedError) Error() string {
	if e.Values == "" {
		return e.Refusal.Error()
	}
	return e.Refusal.Error() + " (" + e.Values + ")"
}

// Unwrap returns the [Refusal].
func (e *RefusedError) Unwrap() error { return e.Refusal }

// abis are the contracts' interfaces, in which errors are looked up.
func abis() []abi.ABI {
	return []abi.ABI{
		contracts.NewRegistry().GetABI(), contracts.NewWorkBudget().GetABI(),
		contracts.NewGrants().GetABI(), contracts.NewAnchors().GetABI(),
	}
}

// explain turns a node's report of a reverted call into a [*RefusedError], and
// leaves any other error as it is.
func explain(err error) error {
	var withData rpc.DataError
	if !errors.As(err, &withData) {
		return err
	}
	text, ok := withData.ErrorData().(string)
	if !ok {
		return err
	}
	raw, decodeErr := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if decodeErr != nil || len(raw) < 4 {
		return err
	}
	for _, contract := range abis() {
		definition, lookupErr := contract.ErrorByID([4]byte(raw))
		if lookupErr != nil {
			continue
		}
		values, unpackErr := definition.Inputs.Unpack(raw[4:])
		if unpackErr != nil {
			return err
		}
		return &RefusedError{Refusal: Refusal(definition.Name), Values: describe(definition.Inputs, values)}
	}
	return err
}

func describe(inputs abi.Arguments, values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		switch v.(type) {
		case [32]byte:
			parts[i] = fmt.Sprintf("%s 0x%x", inputs[i].Name, v)
		default:
			parts[i] = fmt.Sprintf("%s %v", inputs[i].Name, v)
		}
	}
	return strings.Join(parts, ", ")
}
