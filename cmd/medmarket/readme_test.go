package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// blocks returns the indented blocks of a part of a Markdown text, in order,
// but for those that show a session ($ in front of a command).
func blocks(text, from, to string) (out []string) {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	var block strings.Builder
	for line := range strings.Lines(text + "\n.") {
		code, isCode := strings.CutPrefix(line, "    ")
		if isCode || (block.Len() > 0 && strings.TrimSpace(line) == "") {
			block.WriteString(code)
			continue
		}
		if s := block.String(); s != "" && !strings.HasPrefix(s, "$ ") {
			out = append(out, s)
		}
		block.Reset()
	}
	return out
}

// tour is a document of which every command is run, from the build to the end; only serve goes to the background, on free
// ports.
type tour struct {
	file, from, to string // the part between two lines; to the end if there is no other
	blocks         int    // at least so many
	says           []string
}

var tours = []tour{
	{"README.md", "## A day by hand", "## Who does what", 6, []string{" matches.", "under your revision 1", "revision 2 is in force"}},
	{"docs/manual.md", "## Run it", "## REST", 10, []string{"Receipt 0x", "Consent proof of index 0x", "withdrawn", "every patient number means who it meant"}},
	{"docs/tour-patient.md", "# A patient's", "the end of the document", 9, []string{"Patients by sex", "Consent proof of index 0x", "withdrawn", "revoked;"}},
	{"docs/tour-researcher.md", "# A researcher's", "the end of the document", 12, []string{"shown again, free", "GRANT_PURPOSE", "answered already", "Receipt 0x", "closing balance:"}},
	{"docs/tour-committee.md", "# A committee's", "the end of the document", 12, []string{"at most 7", "superseded", "15 steps, each signed by who took it; 15 final on the chain"}},
	{"docs/tour-steward.md", "# A steward's", "the end of the document", 9, []string{"the same, byte for byte", "1 College Street", "it rises to", "\"verified\": true"}},
	{"docs/tour-miner.md", "# A miner's", "the end of the document", 6, []string{"work of block", "a release is announced"}},
}

func TestTours(t *testing.T) {
	if !long {
		t.Skip("waits for a chain to make records final, many times: make test-long")
	}
	for _, one := range tours {
		t.Run(one.file, func(t *testing.T) {
			t.Parallel()
			one.run(t)
		})
	}
}

func (u tour) run(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", u.file))
	must(t, err)
	all := blocks(string(text), u.from, u.to)
	if len(all) < u.blocks {
		t.Fatalf("%d blocks in the tour of %s", len(all), u.file)
	}
	dir := t.TempDir()
	program, err := exec.LookPath("medmarket")
	must(t, err)
	must(t, os.Mkdir(filepath.Join(dir, "bin"), 0o700))
	must(t, os.Symlink(program, filepath.Join(dir, "bin", "medmarket")))

	script := "set -euo pipefail\n" + strings.Join(all, "\n")
	script = strings.Replace(script, "make build\n", "", 1)
	start, rest, found := strings.Cut(script, "bin/medmarket serve ")
	flags, rest, _ := strings.Cut(rest, "\n")
	if !found {
		t.Fatal("the tour does not run serve")
	}
	script = start + "bin/medmarket serve " + flags + freePorts(t) + " > serve.out 2> serve.err &\n" +
		"trap 'kill %1; wait' EXIT\nuntil grep -q Ctrl-C serve.out; do kill -0 %1; sleep 1; done\n" + rest
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) } // bash ends serve
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		served, _ := os.ReadFile(filepath.Join(dir, "serve.err"))
		t.Fatalf("%v\n%s\nserve: %s", err, out, served)
	}
	for _, want := range u.says {
		if !strings.Contains(string(out), want) {
			t.Errorf("the tour does not say %q:\n%s", want, out)
		}
	}
}

// freePorts are serve's flags for ports that are free now.
func freePorts(t *testing.T) (flags string) {
	t.Helper()
	for _, flag := range []string{"market", "patients", "market-http", "patients-http", "chain"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		flags += fmt.Sprintf(" --%s %s", flag, l.Addr())
		must(t, l.Close())
	}
	return flags
}
