package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// commands are all that can be run, by name.
func commands(t *testing.T) map[string]*kong.Node {
	t.Helper()
	parser, err := newParser(&cli{})
	must(t, err)
	all := map[string]*kong.Node{}
	for _, n := range parser.Model.Leaves(false) {
		var words []string
		for _, step := range selectedPath(n) {
			words = append(words, step.Name)
		}
		all[strings.Join(words, " ")] = n
	}
	if len(all) < 100 {
		t.Fatalf("%d commands", len(all))
	}
	return all
}

// flagsOf are the flags that a command takes, those of all commands among them.
func flagsOf(n *kong.Node) map[string]*kong.Flag {
	all := map[string]*kong.Flag{}
	for ; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			all[f.Name] = f
		}
	}
	return all
}

// notInJSON are the commands without --json, and what they print instead.
var notInJSON = map[string]string{
	"serve": "addresses, and runs", "provider run": "addresses, and runs",
	"market card": "JSON", "records card": "JSON", "records open": "JSON", "query import": "JSON", "rest": "what the server answers, JSON",
	"completion print": "a script", "completion words": "a script's words",
}

// Every command tells programs what came of it, and people what it and each of its flags is.
func TestEveryCommandIsForPeopleAndPrograms(t *testing.T) {
	t.Parallel()
	all := commands(t)
	for name, n := range all {
		flags := flagsOf(n)
		if _, has := flags["json"]; has == (notInJSON[name] != "") {
			t.Errorf("%s: has --json: %t, and prints %q", name, has, notInJSON[name])
		}
		if n.Help == "" {
			t.Errorf("%s: no help", name)
		}
		for _, f := range flags {
			if f.Help == "" {
				t.Errorf("%s --%s: no help", name, f.Name)
			}
		}
		for _, a := range n.Positional {
			if a.Help == "" {
				t.Errorf("%s <%s>: no help", name, a.Name)
			}
		}
	}
	for name := range notInJSON {
		if all[name] == nil {
			t.Errorf("%s is no command", name)
		}
	}
}

// Documents call commands by their names, with flags that they have.
func TestDocumentsNameCommandsAndFlags(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	must(t, err)
	all, anywhere, first := commands(t), map[string]bool{}, map[string]bool{}
	for name, n := range all {
		first[strings.Fields(name)[0]] = true
		for flag := range flagsOf(n) {
			anywhere[flag] = true
		}
	}
	called := regexp.MustCompile(`medmarket ((?:--config \S+ )?[a-z][^|;#` + "`" + `]*)`)
	flag := regexp.MustCompile(`(?:^|[^-\w])--([a-z][a-z-]*)`)
	found := 0
	for _, file := range append(files, filepath.Join(root, "README.md"), filepath.Join(root, "deploy", "medmarket.service")) {
		content, err := os.ReadFile(file)
		must(t, err)
		text := strings.ReplaceAll(string(content), "\\\n", " ")
		for line := range strings.Lines(text) {
			for _, m := range called.FindAllStringSubmatch(line, -1) {
				words := slices.DeleteFunc(strings.Fields(m[1]), func(w string) bool { return strings.HasPrefix(w, "--config") || strings.HasSuffix(w, ".yaml") })
				if len(words) == 0 || !first[words[0]] { // a sentence
					continue
				}
				n := all[words[0]]
				if n == nil && len(words) > 1 {
					n = all[words[0]+" "+words[1]]
				}
				if n == nil {
					if len(words) > 1 && strings.HasPrefix(line, "    ") {
						t.Errorf("%s: %q is no command", filepath.Base(file), strings.TrimSpace(m[0]))
					}
					continue
				}
				found++
				if n.Name == "check" && n.Parent.Name == "config" { // what follows is another command's
					continue
				}
				has := flagsOf(n)
				for _, f := range flag.FindAllStringSubmatch(m[1], -1) {
					if has[f[1]] == nil {
						t.Errorf("%s: %q has no --%s", filepath.Base(file), strings.Join(words[:2], " "), f[1])
					}
				}
			}
			for _, m := range regexp.MustCompile("`--([a-z][a-z-]*)").FindAllStringSubmatch(line, -1) {
				if !anywhere[m[1]] && m[1] != "clean" { // pg_restore's
					t.Errorf("%s: no command has --%s", filepath.Base(file), m[1])
				}
			}
		}
	}
	if found < 150 {
		t.Errorf("%d calls of commands were found", found)
	}
}
