package main

import (
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/medmarket/medmarket/marketplace/recordindex/fhirserver"
)

// readFHIRServer reads what --fhir names; a Base of "" for none.
func readFHIRServer(file string) (c fhirserver.Config, err error) {
	if file == "" {
		return c, nil
	}
	var d struct {
		Base   string `json:"base"`
		Token  string `json:"token_file"`
		System string `json:"patient_system"`
	}
	if err := readDocument(file, &d); err != nil {
		return c, err
	}
	c = fhirserver.Config{Base: d.Base, PatientSystem: d.System}
	if d.Token != "" {
		if !filepath.IsAbs(d.Token) {
			d.Token = filepath.Join(filepath.Dir(file), d.Token)
		}
		if c.Token, err = readPrivate(d.Token, "a token"); err != nil {
			return c, err
		}
	}
	checked := c
	checked.Log = slog.New(slog.DiscardHandler)
	if _, err := fhirserver.New(checked); err != nil {
		return c, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}
