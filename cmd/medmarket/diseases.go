package main

import (
	"fmt"

	"github.com/medmarket/medmarket/policy/duo"
)

// readDiseases reads the hierarchy that --diseases names; nil for none.
func readDiseases(file string) (*duo.Diseases, error) {
	if file == "" {
		return nil, nil
	}
	var d struct {
		Release string              `json:"release"`
		IsA     map[string][]string `json:"is_a"`
	}
	if err := readDocument(file, &d); err != nil {
		return nil, err
	}
	all, err := duo.NewDiseases(d.Release, d.IsA)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}
