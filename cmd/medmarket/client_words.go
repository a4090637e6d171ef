package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/docs"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/policy"
)

// finality is said where a record may be on the chain and not count yet.
const finality = "What was put on the chain counts once it is final, about a minute later: see `medmarket participant show`, `medmarket grant show`."

// hints are what to try after an error of the API, by its reason.
var hints = map[string]string{
	"FORBIDDEN":           finality,
	"UNKNOWN_PARTICIPANT": finality,
	"NO_CREDIT":           "Escrow counts once it is final, about a minute later: see `medmarket credit show`.",
}

// explain writes an error of the API for people: its reason code and its text,
// without the transport's own words, each reason of a refusal in a sentence, and
// what to do, as docs/errors.md says it. Other errors are as they were.
func explain(err error) error {
	var remote interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &remote) {
		return err
	}
	s := remote.GRPCStatus()
	for _, d := range s.Details() {
		info, ok := d.(*errdetails.ErrorInfo)
		if !ok {
			continue
		}
		return inWords(info.GetReason(), s.Message(), info.GetMetadata()["reasons"])
	}
	return err
}

// inWords puts together what is said of an error with this reason and message;
// reasons are those of a refusal, joined by commas.
func inWords(reason, message, reasons string) error {
	lines, remedies := []string{reason + ": " + message}, docs.Remedies()
	if remedy := remedies[reason]; remedy != "" && reasons == "" {
		lines = append(lines, "  "+remedy)
	}
	for code := range strings.SplitSeq(reasons, ",") {
		if code == "" {
			continue
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s: %s %s", code, policy.Explain(policy.ReasonCode(code)), remedies[code]), " "))
		if code == string(policy.ReasonGrantMissing) {
			lines = append(lines, "  "+finality)
		}
	}
	if hint := hints[reason]; hint != "" {
		lines = append(lines, "  "+hint)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// unreachableError is a server that did not answer. Its text leaves out the
// transport's own words.
type unreachableError struct {
	what  string // and where
	never bool   // it could not be reached at all
	err   error
}

func (e *unreachableError) Error() string {
	if e.never {
		return fmt.Sprintf("cannot reach %s: is `medmarket serve` running?", e.what)
	}
	return "lost the connection to " + e.what
}

func (e *unreachableError) Unwrap() error { return e.err }

// reaching is a client interceptor that says in words that the server at address
// cannot be reached.
func reaching(address string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		err := invoke(ctx, method, req, reply, cc, opts...)
		if status.Code(err) != codes.Unavailable || errorInfo(err) != nil {
			return err
		}
		message := status.Convert(err).Message()
		if strings.Contains(message, "authentication handshake failed") {
			return fmt.Errorf("the server at %s does not speak TLS, or with a certificate that nobody trusted vouches for (--ca): servers elsewhere are spoken to by TLS only", address)
		}
		return &unreachableError{"the server at " + address, strings.Contains(message, "while dialing"), err}
	}
}

// dialled is reaching for what does not speak gRPC.
func dialled(what string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return &unreachableError{what, true, err}
	}
	return err
}

// refusalWords are what contracts mean by refusals that a client can cause.
var refusalWords = map[eth.Refusal]string{
	eth.NotResearcher:      "your key is not registered as a researcher (`medmarket participant show`)",
	eth.NotMarketplace:     "the marketplace is not registered on the chain",
	eth.InsufficientCredit: "you have less free credit than that (`medmarket credit show`): seal blocks and claim them with `medmarket credit claim`",
	eth.Nothing:            "nothing to escrow: name an amount above 0",
	eth.NotRegistered:      "your key is not registered, or it was replaced (`medmarket participant show`)",
	eth.NotNew:             "the new key was registered before: make another with `medmarket key new`",
	eth.NotOperator:        "your key is not registered as an operator's (`medmarket participant show`)",
	eth.NotSigner:          "the key is no signer of checkpoints: only signers vote on signers",
	eth.IsSigner:           "the key is a signer's: the signers vote it out (`medmarket participant vote-signer --out`) and the new one in",
	eth.NotProvider:        "only a provider can become a signer: an operator registers it first (`medmarket participant register`)",
	eth.Offender:           "the signer was removed for voting twice, for good",
	eth.LastSigner:         "the last signer stays",
	eth.TooManySigners:     "there are 64 signers already",
	eth.BadApprovals:       "a committee must give 1 to 16 approvals",
	eth.ForgedRotation:     "the signature is not the new key's, for this lost key: it comes from `medmarket participant accept`",
	eth.TooFewSignatures:   "fewer members have signed than must (`medmarket grant list`)",
	eth.NotCommittee:       "your key is not registered as a committee's (`medmarket participant show`)",
	eth.WrongStatus:        "the grant is not in the state for this, or what changed it is not final yet: see `medmarket grant show`, or try again in a minute",
	eth.WrongSuspension:    "the grant's last suspension is not final yet: try again in a minute",
	eth.AlreadySigned:      "you have signed this already; other members of the committee must",
	eth.TooYoung:           "a block is not final yet: try again in a minute",
	eth.TooOld:             "a block is too old to be claimed: the chain keeps the hashes of the last 8191",
	eth.NotCanonical:       "a block is no longer on the chain",
	eth.AlreadyClaimed:     "a block was claimed before",
}

// refusedByContract says in words what a contract refused; the contract's own
// name for it follows.
func refusedByContract(err error) error {
	if errors.Is(err, eth.ErrNoCoins) {
		return fmt.Errorf("the key has no coins to pay for the transaction: name one that has some by --payer, where the command has that flag (it decides nothing); who seals earns coins. (%w)", eth.ErrNoCoins)
	}
	var refused *eth.RefusedError
	if !errors.As(err, &refused) {
		return err
	}
	if words, known := refusalWords[refused.Refusal]; known {
		return fmt.Errorf("%s: %w", words, refused)
	}
	return err
}
