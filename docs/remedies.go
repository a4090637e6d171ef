// Package docs holds the one of our documents that the program itself reads: errors.md, of what to do about an error.
package docs

import (
	_ "embed"
	"strings"
)

//go:embed errors.md
var errors string

// Remedies are what errors.md says to do, by reason code, of errors of the API and of refusals.
func Remedies() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(errors) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if code := strings.TrimSpace(cells[0]); strings.HasPrefix(code, "`") {
			all[strings.Trim(code, "`")] = strings.TrimSpace(cells[len(cells)-1])
		}
	}
	return all
}
