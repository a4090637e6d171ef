package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// configCheck is how the command is called that tells of all faults at once.
const configCheck = "config check"

type configCommand struct {
	Check configCheckCommand `cmd:"" help:"Say all that is wrong with the configuration that a command would run with, and start nothing: 'config check serve', 'config check provider run --dir DIR', 'config check chain run'."`
}

type configCheckCommand struct {
	outcome
	Command []string `arg:"" help:"The command, with the flags that it will be called with." passthrough:""`
}

// configurable is a command that can say what is wrong with its flags before it runs.
type configurable interface {
	// faults are all that it would refuse to run for, as far as that shows without starting anything.
	faults(e *env) []error
}

func (c *configCheckCommand) Run(e *env) error {
	args := c.Command
	if e.config != "" {
		args = append([]string{"--config=" + e.config}, args...)
	}
	s, err := readSettings(args, os.LookupEnv)
	if err != nil {
		return err
	}
	found := s.faults
	var inner cli
	parser, err := newParser(&inner)
	if err != nil {
		return err
	}
	called, err := parser.Parse(s.with(args))
	switch {
	case err != nil:
		found = append(found, err)
	default:
		command, ok := called.Selected().Target.Addr().Interface().(configurable)
		if !ok {
			return &exitError{exitUsage, fmt.Errorf("'%s' is not a command that is configured: name serve, provider run or chain run", called.Command())}
		}
		found = append(found, flatten(command.faults(e))...)
	}
	found = append(found, unknownVariables(parser.Model.Node, os.Environ())...)
	return c.report(e, s, found)
}

// report tells each fault in a line of its own, and fails if there is one.
func (c *configCheckCommand) report(e *env, s settings, found []error) (err error) {
	faults := []string{}
	for _, fault := range found {
		faults = append(faults, fault.Error())
		fmt.Fprintln(e.stderr, "medmarket:", fault)
	}
	if len(found) == 0 || c.JSON {
		err = c.say(e, map[string]any{"file": s.file, "variables": s.named, "faults": faults},
			"no fault found: file %s, %d variables of the environment", cmp.Or(s.file, "none"), s.named)
	}
	if len(found) > 0 {
		err = errors.Join(err, fmt.Errorf("faults in the configuration: %d", len(found)))
	}
	return err
}

// flatten takes joined errors apart, so that each is told in a line of its own.
func flatten(errs []error) (out []error) {
	for _, err := range errs {
		var joined interface{ Unwrap() []error }
		switch {
		case err == nil:
		case errors.As(err, &joined) && strings.Contains(err.Error(), "\n"):
			out = append(out, flatten(joined.Unwrap())...)
		default:
			out = append(out, err)
		}
	}
	return out
}

// ownVariables are read by what is no flag: tests and benchmarks.
var ownVariables = []string{"MEDMARKET_CONFIG", "MEDMARKET_LONG", "MEDMARKET_BENCH", "MEDMARKET_SHARED_DATA"}

// unknownVariables are those of the environment that look like ours and set nothing.
func unknownVariables(root *kong.Node, environ []string) (out []error) {
	known := variables(root, nil)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if value != "" && strings.HasPrefix(name, "MEDMARKET_") && !known[name] && !slices.Contains(ownVariables, name) {
			out = append(out, fmt.Errorf("%s in the environment sets nothing: a variable is MEDMARKET_<COMMAND>_<FLAG>, as in MEDMARKET_SERVE_DIR", name))
		}
	}
	slices.SortFunc(out, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return out
}

// variables are the names that the flags of n, and of all commands below it, have in the environment.
func variables(n *kong.Node, words []string) map[string]bool {
	known := map[string]bool{}
	for _, f := range n.Flags {
		if settable(f) {
			known[variable(words, f.Name)] = true
			for _, short := range f.Envs {
				known[short] = true
			}
		}
	}
	for _, child := range n.Children {
		for name := range variables(child, append(slices.Clip(words), child.Name)) {
			known[name] = true
		}
	}
	return known
}
