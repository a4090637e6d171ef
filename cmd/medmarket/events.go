package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"
)

// events prints what a long-running command has to tell, a line each: for people,
// or as JSON objects with the member "event". It may be used from any goroutine.
type events struct {
	json bool

	mu  sync.Mutex
	out io.Writer
}

// tell prints one event. What cannot be printed is lost: nobody is left to tell.
func (p *events) tell(event string, fields map[string]any, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.json {
		fmt.Fprintf(p.out, format+"\n", args...)
		return
	}
	object := maps.Clone(fields)
	object["event"] = event
	b, err := json.Marshal(object)
	if err != nil {
		b = fmt.Appendf(nil, `{"event":"error","text":%q}`, err)
	}
	fmt.Fprintf(p.out, "%s\n", b)
}
