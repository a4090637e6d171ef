package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/medmarket/medmarket/marketplace/verifier"
)

type verifyCommand struct {
	Receipt string `arg:"" help:"Receipt file." type:"existingfile"`
	Trust   string `help:"Trust file: genesis hash, trusted keys and confirmations of the network." required:"" type:"existingfile"`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

// verdict is what verify prints with --json.
type verdict struct {
	Verified bool   `json:"verified"`
	Anchored bool   `json:"anchored"`
	Block    uint64 `json:"block,omitempty"`
	Mismatch string `json:"mismatch,omitempty"`
}

func (c *verifyCommand) Run(e *env) error {
	content, trust, err := readReceipt(c.Receipt, c.Trust)
	if err != nil {
		return err
	}
	r, err := verifier.Receipt(content, trust, time.Now().Unix())
	v := verdict{Verified: err == nil, Anchored: err == nil}
	switch {
	case err == nil:
		v.Block = r.Anchor.Block
	case errors.Is(err, verifier.ErrPending):
		err = &exitError{code: exitPending, err: err}
	default:
		v.Mismatch = err.Error()
		err = &exitError{code: exitMismatch, err: fmt.Errorf("receipt does not match: %w", err)}
	}
	if c.JSON {
		return errors.Join(printJSON(e.stdout, v), err)
	}
	if err != nil {
		return err
	}
	s := r.Statement
	fmt.Fprintf(e.stdout, "Receipt %s matches.\n", s.Ask.RequestID)
	fmt.Fprintf(e.stdout, "  asked    by %s under grant %s\n", s.Researcher, s.Ask.Grant)
	fmt.Fprintf(e.stdout, "  answered by %s at log index %d, %d groups\n", s.Releases[0].Provider, s.Releases[0].Release.AsOf, len(s.Answer))
	fmt.Fprintf(e.stdout, "  cost     %d nano-rho, %s credits\n", s.NanoRho, credits(s.Work))
	fmt.Fprintf(e.stdout, "  anchored in block %d, %d confirmations, chain %s\n", r.Anchor.Block, trust.Confirmations, trust.Genesis)
	return nil
}

func readReceipt(receipt, trustFile string) ([]byte, verifier.Trust, error) {
	content, err := os.ReadFile(receipt)
	if err != nil {
		return nil, verifier.Trust{}, err
	}
	b, err := os.ReadFile(trustFile)
	if err != nil {
		return nil, verifier.Trust{}, err
	}
	trust, err := verifier.ParseTrust(b)
	return content, trust, err
}

// credits writes expected hashes as credits: 2^20 expected hashes are one.
func credits(work int64) string { return fmt.Sprintf("%.2f", float64(work)/(1<<20)) }
