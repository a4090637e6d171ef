package main

import (
	"fmt"
	"io"
)

// outcome is how a command says what came of it: people get a line, programs an object.
type outcome struct {
	JSON bool `help:"Print one JSON object." name:"json"`
}

// say prints facts, or else the words for them.
func (o outcome) say(e *env, facts map[string]any, words string, args ...any) error {
	if o.JSON {
		return printJSON(e.stdout, facts)
	}
	_, err := fmt.Fprintf(e.stdout, words+"\n", args...)
	return err
}

// words is where a command tells people more than its outcome.
func (o outcome) words(e *env) io.Writer {
	if o.JSON {
		return e.stderr
	}
	return e.stdout
}
