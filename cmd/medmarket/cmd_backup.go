package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/medmarket/medmarket/marketplace/store"
)

// marketStore is a file in a system's folder.
const marketStore = "marketplace.sqlite"

type backupCommand struct {
	outcome
	Dir string `help:"Folder of a marketplace or a hospital, in use or not." required:"" type:"existingdir" placeholder:"DIR"`
	To  string `help:"Folder for the copies, which is made if there is none. Copies have the names of the stores; none is overwritten." required:"" placeholder:"DIR"`
}

func (c *backupCommand) Run(e *env) error {
	sizes, words := map[string]int64{}, []string{}
	for _, name := range []string{marketStore, hospitalStore} {
		file, to := filepath.Join(c.Dir, name), filepath.Join(c.To, name)
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(c.To, 0o700); err != nil {
			return err
		}
		if err := store.Backup(e.ctx, file, to); err != nil {
			return err
		}
		info, err := os.Stat(to)
		if err != nil {
			return err
		}
		sizes[to] = info.Size()
		words = append(words, fmt.Sprintf("%s  %d bytes", to, info.Size()))
	}
	if len(words) == 0 {
		return fmt.Errorf("%s has no store: neither %s nor %s", c.Dir, marketStore, hospitalStore)
	}
	return c.say(e, map[string]any{"bytes": sizes}, "%s", strings.Join(words, "\n"))
}
