package omoptest

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// CirceDefinitions are the cohort definitions of OHDSI's phenotype library by file name. There are none where shared
// data, or the command xz, is missing.
func CirceDefinitions(ctx context.Context) (map[string][]byte, error) {
	file := filepath.Join(SharedData(), "circe_phenotype_library_3.37.tar.xz")
	if _, err := os.Stat(file); err != nil {
		return nil, nil //nolint:nilerr // no data is no fault: tests skip
	}
	xz, err := exec.LookPath("xz")
	if err != nil {
		return nil, nil //nolint:nilerr // nor is no xz
	}
	cmd := exec.CommandContext(ctx, xz, "-dc", file) //nolint:gosec // a command found by name, on a file of ours
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for r := tar.NewReader(out); err == nil; {
		var h *tar.Header
		if h, err = r.Next(); err == nil && strings.HasSuffix(h.Name, ".json") {
			all[path.Base(h.Name)], err = io.ReadAll(r)
		}
	}
	if !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", file, errors.Join(err, cmd.Process.Kill(), cmd.Wait()))
	}
	return all, cmd.Wait()
}
