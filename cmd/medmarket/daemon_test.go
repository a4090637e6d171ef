package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// daemon is medmarket serve, or a hospital's node, as a process of its own.
type daemon struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	stdout *bufio.Reader
	dir    string
	env    []string // beside ours
}

// start runs serve on free ports and returns once it can be used.
func (d *daemon) start(dir, records string, flags ...string) error {
	if err := d.launch(dir, records, flags...); err != nil {
		return err
	}
	return d.ready()
}

// launch runs serve on free ports. The process is the test binary itself (see
// TestMain).
func (d *daemon) launch(dir, records string, flags ...string) error {
	return d.run(dir, append([]string{
		"serve", "--dir", dir, "--records", records,
		"--market", "127.0.0.1:0", "--patients", "127.0.0.1:0", "--chain", "127.0.0.1:0",
		"--market-http", "127.0.0.1:0", "--patients-http", "127.0.0.1:0",
	}, flags...)...)
}

// run runs a command that serves over a folder.
func (d *daemon) run(dir string, args ...string) error {
	program, err := exec.LookPath("medmarket")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	*d = daemon{cmd: exec.CommandContext(ctx, program, args...), dir: dir, env: d.env}
	d.cmd.Env = append(os.Environ(), d.env...)
	d.cmd.Stderr = &d.stderr
	d.cmd.Cancel = func() error { defer cancel(); return d.cmd.Process.Kill() }
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return errors.Join(err, ctx.Err())
	}
	d.stdout = bufio.NewReader(out)
	return d.cmd.Start()
}

// ready waits until it can be used.
func (d *daemon) ready() error {
	for {
		line, err := d.stdout.ReadString('\n')
		if strings.HasPrefix(line, "Ctrl-C") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("ended before it was ready: %w\n%s", errors.Join(err, d.cmd.Wait()), &d.stderr)
		}
	}
}

// stop ends the process by SIGTERM and returns what Wait says: nil for exit code 0.
func (d *daemon) stop() error {
	err := d.cmd.Process.Signal(syscall.SIGTERM)
	for err == nil {
		_, err = d.stdout.ReadString('\n') // until it closes its output
	}
	err = d.cmd.Wait()
	d.cmd = nil
	if err != nil {
		return fmt.Errorf("%w\n%s", err, &d.stderr)
	}
	return nil
}

// kill ends the process by SIGKILL, if it runs.
func (d *daemon) kill() {
	if d.cmd == nil || d.cmd.Process == nil {
		return
	}
	_ = d.cmd.Process.Kill() // it may have ended by itself
	_ = d.cmd.Wait()         // "signal: killed"
	d.cmd = nil
}

func (d *daemon) network(t testing.TB) network {
	t.Helper()
	n, err := readNetwork(filepath.Join(d.dir, "network.json"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type daemonKey struct{}

// cmdServe starts the script's daemon: serve DIR RECORDS [FLAG...].
func cmdServe(ts *testscript.TestScript, _ bool, args []string) {
	d := ts.Value(daemonKey{}).(*daemon)
	if d.cmd != nil {
		ts.Fatalf("serve runs already")
	}
	d.env = []string{"SSL_CERT_FILE=" + ts.Getenv("SSL_CERT_FILE")}
	records := ts.MkAbs(args[1])
	if file, isPostgres := strings.CutPrefix(args[1], inPostgres); isPostgres {
		records = inPostgres + ts.MkAbs(file)
	}
	ts.Check(d.start(ts.MkAbs(args[0]), records, args[2:]...))
}

// cmdShutdown stops the script's daemon, which must end with exit code 0 and have
// logged nothing but lines with one of the given texts: shutdown [TEXT...].
func cmdShutdown(ts *testscript.TestScript, _ bool, args []string) {
	d := ts.Value(daemonKey{}).(*daemon)
	ts.Check(d.stop())
	for line := range strings.Lines(d.stderr.String()) {
		if !slices.ContainsFunc(args, func(text string) bool { return strings.Contains(line, text) }) {
			ts.Fatalf("serve logged: %s", line)
		}
	}
}

// cmdCrash kills the script's daemon without warning.
func cmdCrash(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Value(daemonKey{}).(*daemon).kill()
}
