// Command mutate changes Go files one token at a time and says which changes no test notices.
//
//	mutate -root .. -tests './policy ./policy/duo' -flags '-rapid.nofailfile -rapid.shrinktime=1ms' policy/rules.go policy/duo/use.go
//
// Most mutants are made by one build: each comparison, "and", "or", "not", true, false, sum and whole number asks at run time
// whether it is the one that is changed. Where Go wants a constant none can ask, which takes a build a mutant; one that does not
// compile is not counted: it proves nothing about the tests. The tree is not touched: what is built is an overlay of the go
// command. Tests run to the first that fails, those that -last names only where no other does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	l := laboratory{overlay: map[string]string{}}
	flag.StringVar(&l.root, "root", ".", "the module")
	flag.Func("tests", "the packages whose tests must notice, by spaces; required", func(s string) error { l.tests = strings.Fields(s); return nil })
	flag.Func("flags", "more flags of their test binaries, by spaces", func(s string) error { l.flags = strings.Fields(s); return nil })
	flag.StringVar(&l.last, "last", "", "tests that take long, as go test -run has them")
	flag.Func("at", "only mutants at these places, as they are printed, by spaces", func(s string) error { l.at = strings.Fields(s); return nil })
	flag.DurationVar(&l.patience, "timeout", time.Minute, "a mutant that takes longer is noticed")
	flag.Parse()
	if err := l.run(flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// laboratory is where mutants are made and tried.
type laboratory struct {
	root         string
	tests, flags []string
	last         string
	at           []string // beginnings of places; none: all
	patience     time.Duration
	dir          string            // for what is made
	overlay      map[string]string // what is read instead, by absolute path

	killed, survived, broken int
}

func (l *laboratory) run(files []string) (err error) {
	if l.dir, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	defer os.RemoveAll(l.dir)
	exported, err := exports(l.root, files)
	if err != nil {
		return err
	}
	var sources []*source
	for _, file := range files {
		s, err := parse(l.root, file, exported)
		if err != nil {
			return err
		}
		sources = append(sources, s)
	}
	if err := l.switched(sources); err != nil {
		return err
	}
	clear(l.overlay)
	if err := l.built(sources); err != nil {
		return err
	}
	fmt.Printf("%d of %d mutants that compile were noticed; %d did not compile\n", l.killed, l.killed+l.survived, l.broken)
	return nil
}

// switched tries the mutants that one build has.
func (l *laboratory) switched(sources []*source) error {
	number := 0
	for _, s := range sources {
		if err := l.instead(s.file, s.instrumented(number)); err != nil {
			return err
		}
		if err := l.instead(filepath.Join(filepath.Dir(s.file), "mutant_switch.go"), []byte("package "+s.name+switches)); err != nil {
			return err
		}
		number += len(s.switched)
	}
	if !l.build() {
		return errors.New("the build that has all mutants fails")
	}
	if !l.passes(0) {
		return errors.New("tests fail where nothing is changed")
	}
	number = 0
	for _, s := range sources {
		for _, what := range s.switched {
			number++
			if l.wants(what) {
				l.count(what, l.passes(number))
			}
		}
	}
	return nil
}

// built tries the mutants that take a build each.
func (l *laboratory) built(sources []*source) error {
	for _, s := range sources {
		for _, m := range s.built {
			if !l.wants(m.what) {
				continue
			}
			if err := l.instead(s.file, m.content); err != nil {
				return err
			}
			if !l.build() {
				l.broken++
				continue
			}
			l.count(m.what, l.passes(0))
		}
		clear(l.overlay)
	}
	return nil
}

// wants says whether a change is at one of the places that are asked for.
func (l *laboratory) wants(what string) bool {
	place, _, _ := strings.Cut(what, " ")
	at := func(begins string) bool { return place == begins || strings.HasPrefix(place, begins+":") }
	return len(l.at) == 0 || slices.ContainsFunc(l.at, at)
}

func (l *laboratory) count(what string, survived bool) {
	if survived {
		l.survived++
		fmt.Println("survived:", what)
		return
	}
	l.killed++
}

// instead has the go command read content for a file.
func (l *laboratory) instead(file string, content []byte) error {
	absolute, err := filepath.Abs(filepath.Join(l.root, file))
	if err != nil {
		return err
	}
	l.overlay[absolute] = filepath.Join(l.dir, strings.ReplaceAll(file, string(filepath.Separator), "_"))
	return os.WriteFile(l.overlay[absolute], content, 0o600)
}

// build makes the test binaries; false if something does not compile.
func (l *laboratory) build() bool {
	replaced, err := json.Marshal(map[string]any{"Replace": l.overlay})
	if err != nil {
		return false
	}
	overlay := filepath.Join(l.dir, "overlay.json")
	if os.WriteFile(overlay, replaced, 0o600) != nil {
		return false
	}
	for i, tests := range l.tests {
		if !l.goes(l.root, 0, "go", "test", "-c", "-vet=off", "-o", l.binary(i), "-overlay", overlay, tests) {
			return false
		}
	}
	return true
}

func (l *laboratory) binary(i int) string { return filepath.Join(l.dir, strconv.Itoa(i)+".test") }

// passes says whether no test notices a mutant.
func (l *laboratory) passes(mutant int) bool {
	rounds := [][]string{{"-test.skip=" + l.last}, {"-test.run=" + l.last}}
	if l.last == "" {
		rounds = rounds[1:]
	}
	for _, round := range rounds {
		for i, tests := range l.tests {
			if !l.goes(filepath.Join(l.root, tests), mutant, l.binary(i), slices.Concat([]string{"-test.short", "-test.failfast"}, round, l.flags)...) {
				return false
			}
		}
	}
	return true
}

func (l *laboratory) goes(dir string, mutant int, name string, args ...string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), l.patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "MUTANT="+strconv.Itoa(mutant))
	return c.Run() == nil
}
