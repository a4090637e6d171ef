// Command medmarket is a privacy-preserving research data marketplace for
// medical records: the marketplace, a hospital's node and the chain in one
// process (serve), a hospital's node (provider), a ledger node (chain) and a miner (mine), its clients, a telling of
// the whole story (demo), the tools around a hospital's records (data) and the offline
// verifier (verify).
//
// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a receipt, a proof, a log or a decision is not
// what it must be, 4 a receipt is not anchored yet.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitMismatch = 3
	exitPending  = 4
)

// cli is the command line. Every command has its own type with a Run method.
type cli struct {
	Config   string     `help:"YAML file with flags: those of every command at the top, those of a command under its name, as in serve: {dir: /var/lib/medmarket}. The environment goes before it (MEDMARKET_SERVE_DIR), the command line before both." type:"existingfile" placeholder:"FILE"`
	LogLevel slog.Level `help:"Least level that is logged to standard error: debug, info, warn or error." default:"warn" env:"MEDMARKET_LOG_LEVEL"`

	Demo  demoCommand  `cmd:"" help:"Tell the whole story on this machine: mine, be granted, ask, verify."`
	Serve serveCommand `cmd:"" help:"Run marketplace, hospital node and chain in one process."`
	Chain chainCommand `cmd:"" help:"Run a ledger node of its own."`

	Provider providerCommand `cmd:"" help:"Run a hospital's node as a process of its own."`
	Market   marketCommand   `cmd:"" help:"What a marketplace gives to hospitals."`
	Backup   backupCommand   `cmd:"" help:"Copy the stores of a marketplace or a hospital, while it serves."`

	Mine   mineCommand   `cmd:"" help:"Seal blocks for a node and claim the work (researcher)."`
	Data   dataCommand   `cmd:"" help:"Make or load a hospital's records (OMOP CDM)."`
	Verify verifyCommand `cmd:"" help:"Check a receipt offline."`

	Key         keyCommand         `cmd:"" help:"Make and show key files."`
	Participant participantCommand `cmd:"" help:"Who may do what."`
	Dataset     datasetCommand     `cmd:"" help:"Datasets, what is said of them, and their policies."`
	Concept     conceptCommand     `cmd:"" help:"Look up OMOP concepts by name and code."`
	Patient     patientCommand     `cmd:"" help:"Codes for patients, at the hospital."`
	Prefer      preferCommand      `cmd:"" help:"Patients' release preferences, at the hospital."`
	Records     recordsCommand     `cmd:"" help:"The record index: pointers to a patient's records, and who may see them."`
	Grant       grantCommand       `cmd:"" help:"Studies and their grants."`
	Credit      creditCommand      `cmd:"" help:"Credit from sealing work."`
	Query       queryCommand       `cmd:"" help:"Price and ask questions."`
	Receipt     receiptCommand     `cmd:"" help:"Fetch a receipt, with its anchor once that is final."`
	Audit       auditCommand       `cmd:"" help:"The whole history held against the chain; decisions of a hospital, made again and explained."`
	Session     sessionCommand     `cmd:"" help:"Sign in with Ethereum (EIP-4361), for a short while."`
	REST        restCommand        `cmd:"" help:"Sign and send a REST request, or print it for curl." name:"rest"`
	Completion  completionCommand  `cmd:"" help:"Completion of commands and flags in a shell."`
	Configure   configCommand      `cmd:"" help:"Look at a configuration before it is run." name:"config"`
}

// env is what a command gets of the process: nothing else in this program
// touches standard streams, flags or signals.
type env struct {
	ctx    context.Context
	stdin  *os.File
	stdout *os.File
	stderr *os.File
	log    *slog.Logger
	config string // file that --config names
}

// exitError carries an exit code other than exitFailed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	var c cli
	command, code := parse(&c, args)
	if command == nil {
		return code
	}
	ctx, cancel := limited(ctx, command.Selected())
	defer cancel()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	err := gaveUp(ctx, command.Run(&env{ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, log: log, config: c.Config}))
	if err == nil {
		return 0
	}
	fmt.Fprintln(os.Stderr, "medmarket:", err)
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return exitFailed
}

// parse reads the command line, and what environment and configuration file add to it, into c. No command
// means that there is nothing to run, but the exit code.
func parse(c *cli, args []string) (command *kong.Context, code int) {
	s, err := readSettings(args, os.LookupEnv)
	if err == nil && s.called != configCheck { // which tells of them itself
		err = errors.Join(s.faults...)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "medmarket: %v\n", err)
		return nil, exitUsage
	}
	parser, err := newParser(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, "medmarket:", err)
		return nil, exitFailed
	}
	if command, err = parser.Parse(s.with(args)); err != nil {
		fmt.Fprintf(os.Stderr, "medmarket: %v\nTry '%s --help'.\n", err, misused(err))
		return nil, exitUsage
	}
	return command, 0
}

// misused names the command whose help tells what is wrong, as far as one was named.
func misused(err error) string {
	const program = "medmarket"
	var usage *kong.ParseError
	if !errors.As(err, &usage) {
		return program
	}
	name := program
	for _, step := range usage.Context.Path {
		if step.Command != nil {
			name += " " + step.Command.Name
		}
	}
	return name
}
