package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"

	"github.com/medmarket/medmarket/ledger"
)

// A flag that the command line does not give comes from the environment, else from the
// file that --config names, else it has its default. Secrets are in files that flags name.

// settings are what environment and file say to one command, and what is wrong with them.
type settings struct {
	called string   // the command, in words
	top    []string // flags of every command, to be put before the command line
	args   []string // flags of the one called, to be put behind it
	faults []error
	file   string // that was read; none if empty
	named  int    // variables of the environment that count
}

// maxConfig bounds a configuration file, in bytes.
const maxConfig = 1 << 20

// newParser makes the parser of a command line.
func newParser(c *cli) (*kong.Kong, error) {
	return kong.New(c, kong.Name("medmarket"), kong.UsageOnError(),
		kong.TypeMapper(reflect.TypeFor[ledger.Address](), kong.MapperFunc(readAddress)),
		kong.Description("A privacy-preserving research data marketplace for medical records.\n\n"+
			"A flag can also stand in the environment, as MEDMARKET_<COMMAND>_<FLAG>, or in the file of --config; 'medmarket config check' looks at both."))
}

// readSettings reads what is said of the command that args call, beside args. A command line
// that calls none is for the parser to refuse. A variable that is empty counts as not there.
func readSettings(args []string, lookup func(string) (string, bool)) (s settings, err error) {
	parser, err := newParser(&cli{})
	if err != nil {
		return s, err
	}
	given, err := kong.Trace(parser, args)
	if err != nil {
		return s, err
	}
	if given.Error != nil || given.Selected() == nil {
		return s, nil
	}
	r := settingsReader{settings: s, lookup: func(name string) (string, bool) {
		value, _ := lookup(name)
		return value, value != ""
	}, given: map[*kong.Flag]bool{}}
	path := selectedPath(given.Selected())
	for _, n := range path {
		r.called = strings.TrimSpace(r.called + " " + n.Name)
	}
	for _, p := range given.Path {
		if p.Flag != nil {
			r.given[p.Flag] = true
		}
	}
	root, err := r.open(given)
	if err != nil {
		return s, err
	}
	r.node(parser.Model.Node, root, path, nil)
	return r.settings, nil
}

// selectedPath are the commands from the top, which is not among them, to node.
func selectedPath(node *kong.Node) (path []*kong.Node) {
	for ; node.Parent != nil; node = node.Parent {
		path = append([]*kong.Node{node}, path...)
	}
	return path
}

type settingsReader struct {
	settings
	lookup func(string) (string, bool)
	given  map[*kong.Flag]bool // on the command line
}

func (r *settingsReader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

// open reads the file that --config or the environment names; nil if none does.
func (r *settingsReader) open(given *kong.Context) (*yaml.Node, error) {
	r.file, _ = r.lookup("MEDMARKET_CONFIG")
	for _, flag := range given.Model.Flags {
		if flag.Name == "config" && r.given[flag] {
			r.file, _ = given.FlagValue(flag).(string)
		}
	}
	if r.file == "" {
		return nil, nil
	}
	f, err := os.Open(r.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err == nil && len(b) > maxConfig {
		err = fmt.Errorf("more than %d bytes", maxConfig)
	}
	var document yaml.Node
	if err == nil {
		err = yaml.Unmarshal(b, &document)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.file, err)
	}
	if len(document.Content) == 0 { // nothing, or comments only
		return nil, nil
	}
	return document.Content[0], nil
}

// node reads a command's part of the file, and the environment, if the command called is it or
// below it; of other commands it looks at the names only.
func (r *settingsReader) node(n *kong.Node, part *yaml.Node, selected []*kong.Node, words []string) {
	inFile := r.members(n, part, words)
	called := len(selected) == 0 || selected[0].Parent == n
	for _, flag := range n.Flags {
		if called && !r.given[flag] {
			r.flag(flag, inFile[flag.Name], words)
		}
	}
	for _, child := range n.Children {
		below := []*kong.Node{child} // not on the way: neither called nor above what is
		isCalled := called && len(selected) > 0 && selected[0] == child
		if isCalled {
			below = selected[1:]
		}
		if isCalled || inFile[child.Name] != nil {
			r.node(child, inFile[child.Name], below, append(slices.Clip(words), child.Name))
		}
	}
}

// members are the values of a mapping in the file by name, each of which must be a flag or command of n.
func (r *settingsReader) members(n *kong.Node, part *yaml.Node, words []string) map[string]*yaml.Node {
	if part == nil {
		return nil
	}
	if part.Kind != yaml.MappingNode {
		r.fault("%s:%d: %s wants a mapping of names to values", r.file, part.Line, place(words))
		return nil
	}
	out := map[string]*yaml.Node{}
	for i := 0; i+1 < len(part.Content); i += 2 {
		key, value := part.Content[i], part.Content[i+1]
		known := slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == key.Value && settable(f) }) ||
			slices.ContainsFunc(n.Children, func(c *kong.Node) bool { return c.Name == key.Value })
		switch {
		case !known:
			r.fault("%s:%d: %s has no %q: see '%s --help'", r.file, key.Line, place(words), key.Value, strings.Join(append([]string{"medmarket"}, words...), " "))
		case out[key.Value] != nil:
			r.fault("%s:%d: %q stands there twice", r.file, key.Line, key.Value)
		default:
			out[key.Value] = value
		}
	}
	return out
}

// settable reports whether a flag has a place in files and environment.
func settable(f *kong.Flag) bool { return f.Name != "help" && f.Name != "config" }

func place(words []string) string {
	if len(words) == 0 {
		return "the top"
	}
	return strings.Join(words, ".")
}

// flag takes the environment's value of a flag, else the file's.
func (r *settingsReader) flag(f *kong.Flag, inFile *yaml.Node, words []string) {
	if !settable(f) {
		return
	}
	name := variable(words, f.Name)
	if value, ok := r.lookup(name); ok {
		r.named++
		r.take(f, []string{value}, len(words) == 0, name)
		return
	}
	for _, short := range f.Envs {
		if value, ok := r.lookup(short); ok {
			r.named++
			r.take(f, []string{value}, len(words) == 0, short)
			return
		}
	}
	if inFile != nil {
		where := fmt.Sprintf("%s:%d: %s", r.file, inFile.Line, strings.Join(append(slices.Clip(words), f.Name), "."))
		values, err := valuesOf(f, inFile)
		if err != nil {
			r.fault("%s: %w", where, err)
			return
		}
		r.take(f, values, len(words) == 0, where)
	}
}

// variable is the environment's name of a flag.
func variable(words []string, flag string) string {
	return strings.ToUpper(strings.ReplaceAll("MEDMARKET_"+strings.Join(append(slices.Clip(words), flag), "_"), "-", "_"))
}

// take adds a flag to the command line, once for each value, if the flag can read them.
func (r *settingsReader) take(f *kong.Flag, values []string, top bool, where string) {
	for _, v := range values {
		scratch := reflect.New(f.Target.Type()).Elem()
		if err := f.Mapper.Decode(&kong.DecodeContext{Value: f.Value, Scan: kong.ScanAsType(kong.FlagValueToken, v)}, scratch); err != nil {
			r.fault("%s: %w", where, err)
			return
		}
		if top {
			r.top = append(r.top, "--"+f.Name+"="+v)
		} else {
			r.args = append(r.args, "--"+f.Name+"="+v)
		}
	}
}

var errShape = errors.New("want one value, or a list where the flag may be repeated")

// valuesOf are the values of a flag in the file: one, a list of them, or names with values for a flag of KEY=VALUE.
func valuesOf(f *kong.Flag, node *yaml.Node) (values []string, err error) {
	element := func(n *yaml.Node) (string, error) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			return "", errShape
		}
		if sep := f.Tag.Sep; sep > 0 && f.IsSlice() {
			return kong.JoinEscaped([]string{n.Value}, sep), nil
		}
		return n.Value, nil
	}
	switch {
	case node.Kind == yaml.SequenceNode && f.IsSlice():
		for _, n := range node.Content {
			v, err := element(n)
			if err != nil {
				return nil, err
			}
			values = append(values, v)
		}
		return values, nil
	case node.Kind == yaml.MappingNode && f.IsMap():
		for i := 0; i+1 < len(node.Content); i += 2 {
			v, err := element(node.Content[i+1])
			if err != nil {
				return nil, err
			}
			values = append(values, kong.JoinEscaped([]string{node.Content[i].Value + "=" + v}, f.Tag.MapSep))
		}
		return values, nil
	}
	v, err := element(node)
	return []string{v}, err
}

// with is a command line with what it does not say itself: flags behind it stand before what follows "--".
func (s settings) with(args []string) []string {
	end := slices.Index(args, "--")
	if end < 0 {
		end = len(args)
	}
	return slices.Concat(s.top, args[:end], s.args, args[end:])
}
