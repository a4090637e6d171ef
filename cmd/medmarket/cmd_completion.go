package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Print completionPrintCommand `cmd:"" help:"Print what a shell completes medmarket's commands and flags with: source <(medmarket completion print bash)."`
	Words completionWordsCommand `cmd:"" help:"What may stand for the last word of a command line; shells call it." hidden:""`
}

type completionPrintCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// completions ask the program itself what may come next, and leave files to the shell if it knows of nothing.
var completions = map[string]string{
	"bash": `_medmarket() {
	local IFS=$'\n'
	COMPREPLY=($("$1" completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _medmarket medmarket
`,
	"zsh": `#compdef medmarket
_medmarket() {
	local -a found
	found=("${(@f)$(medmarket completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ -n "$found" ]]; then compadd -- $found; else _files; fi
}
compdef _medmarket medmarket
`,
	"fish": `complete -c medmarket -f -a '(medmarket completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null; or __fish_complete_path (commandline -ct))'
`,
}

func (c *completionPrintCommand) Run(e *env) error {
	_, err := fmt.Fprint(e.stdout, completions[c.Shell])
	return err
}

type completionWordsCommand struct {
	Words []string `arg:"" optional:"" help:"The words after medmarket, the last of which is not done." passthrough:""`
}

func (c *completionWordsCommand) Run(e *env) error {
	parser, err := newParser(&cli{})
	if err != nil {
		return err
	}
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	found := suggest(parser.Model.Node, words)
	if len(found) == 0 {
		return errors.New("nothing is known that could stand there")
	}
	_, err = fmt.Fprintln(e.stdout, strings.Join(found, "\n"))
	return err
}

// suggest returns what may stand for the last of words: commands, flags, or the values of a flag or argument that has a fixed few.
func suggest(root *kong.Node, words []string) (found []string) {
	last := ""
	if len(words) > 0 {
		last = words[len(words)-1]
		words = words[:len(words)-1]
	}
	for _, word := range cursorAfter(root, words).takes(strings.HasPrefix(last, "-")) {
		if word != "" && strings.HasPrefix(word, last) {
			found = append(found, word)
		}
	}
	return found
}

// cursor is where the next word of a command line stands.
type cursor struct {
	command *kong.Node
	flags   []*kong.Flag // that may stand there
	open    *kong.Flag   // that wants a value; nil: none does
	given   int          // arguments of the command by now
}

func cursorAfter(root *kong.Node, words []string) cursor {
	p := cursor{command: root, flags: slices.Clone(root.Flags)}
	for _, word := range words {
		child := slices.IndexFunc(p.command.Children, func(n *kong.Node) bool { return n.Name == word })
		switch {
		case p.open != nil:
			p.open = nil
		case strings.HasPrefix(word, "-"):
			p.open = wanting(p.flags, word)
		case child >= 0:
			p.command = p.command.Children[child]
			p.flags = append(p.flags, p.command.Flags...)
		default:
			p.given++
		}
	}
	return p
}

// takes is what may stand there, as far as that is known; if not a value, flags or else commands and arguments.
func (p cursor) takes(flag bool) (all []string) {
	switch {
	case p.open != nil:
		return valuesKnown(p.open.Value)
	case flag:
		for _, f := range p.flags {
			all = append(all, "--"+f.Name)
		}
		return all
	}
	for _, n := range p.command.Children {
		if !n.Hidden {
			all = append(all, n.Name)
		}
	}
	if p.given < len(p.command.Positional) {
		all = append(all, valuesKnown(p.command.Positional[p.given])...)
	}
	return all
}

// wanting is the flag of a word whose value is the next word; nil if it has it, or takes none.
func wanting(flags []*kong.Flag, word string) *kong.Flag {
	for _, f := range flags {
		if "--"+f.Name == word && !f.IsBool() {
			return f
		}
	}
	return nil
}

func valuesKnown(v *kong.Value) []string {
	if v.Enum == "" {
		return nil
	}
	return v.EnumSlice()
}
