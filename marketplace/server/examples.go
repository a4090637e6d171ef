package server

import (
	"encoding/json"
	"fmt"
	"sync"
)

// examples is what an operation of an OpenAPI document is called with, and answers, by operationId.
type examples map[string]struct {
	Request  json.RawMessage `json:"request,omitempty"`  // of those with a body
	Response json.RawMessage `json:"response,omitempty"` // missing where it is long
}

// documented returns what reads an OpenAPI document, by its name in documents, and puts the examples into it. That is done once
// a process, since it is much of the work of making a server, of which tests make hundreds.
func documented(name string) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		document, err := documents.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := documents.ReadFile("openapi/examples.json")
		if err != nil {
			return nil, err
		}
		return withExamples(document, file)
	})
}

// withExamples puts the examples into a document, which is generated without.
func withExamples(document, file []byte) ([]byte, error) {
	var all examples
	if err := json.Unmarshal(file, &all); err != nil {
		return nil, fmt.Errorf("server: examples: %w", err)
	}
	var d map[string]any
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, fmt.Errorf("server: OpenAPI document: %w", err)
	}
	paths, _ := d["paths"].(map[string]any)
	for _, item := range paths {
		verbs, _ := item.(map[string]any)
		for _, o := range verbs {
			operation, _ := o.(map[string]any)
			id, _ := operation["operationId"].(string)
			put(operation, all[id].Request, "requestBody")
			put(operation, all[id].Response, "responses", "200")
		}
	}
	return json.Marshal(d)
}

// put sets the example of the JSON content below a path of keys, if there are both.
func put(operation map[string]any, example json.RawMessage, keys ...string) {
	at := operation
	for _, key := range append(keys, "content", "application/json") {
		if at, _ = at[key].(map[string]any); at == nil {
			return
		}
	}
	if example != nil {
		at["example"] = example
	}
}
