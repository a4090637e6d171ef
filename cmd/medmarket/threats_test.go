package main

import (
	"cmp"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every test that docs/threat-model.md names is there.
func TestThreatModelNamesTests(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	document, err := os.ReadFile(filepath.Join(root, "docs", "threat-model.md"))
	must(t, err)
	declared := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return cmp.Or(err, fs.SkipDir)
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		content, err := os.ReadFile(path)
		for _, m := range function.FindAllSubmatch(content, -1) {
			declared[string(m[1])] = true
		}
		return err
	}))
	named := regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(document, -1)
	if len(named) < 40 {
		t.Errorf("%d tests are named", len(named))
	}
	for _, m := range named {
		if !declared[string(m[1])] {
			t.Errorf("%s is named and not there", m[1])
		}
	}
}

// The configuration that we give as an example names settings that there are.
func TestExampleConfiguration(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "deploy", "medmarket.yaml")
	for _, command := range []string{"serve", "provider run", "chain run"} {
		s, err := readSettings(append([]string{"--config", file}, strings.Fields(command)...), func(string) (string, bool) { return "", false })
		must(t, err)
		for _, fault := range s.faults { // of files that are not on this machine
			if !strings.Contains(fault.Error(), "no such file") && !strings.Contains(fault.Error(), "is not there") {
				t.Errorf("%s: %v", command, fault)
			}
		}
		if len(s.args) == 0 {
			t.Errorf("%s: %q of the file", command, s.args)
		}
	}
}

// systemd knows every setting of the unit.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("SKIP: no systemd-analyze on this machine")
	}
	unit, err := os.ReadFile(filepath.Join("..", "..", "deploy", "medmarket.service"))
	must(t, err)
	program, err := os.Executable()
	must(t, err)
	file := filepath.Join(t.TempDir(), "medmarket.service")
	must(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(unit), "/usr/local/bin/medmarket", program)), 0o600))
	if out, err := exec.CommandContext(t.Context(), "systemd-analyze", "verify", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
