package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// errInUse says that another process holds a file or folder.
var errInUse = errors.New("in use by another medmarket")

// hold keeps a file or folder for this process alone, or shared with others who hold it
// shared, until release or the end of the process, however that comes.
func hold(path string, shared bool) (release func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("%s is %w", path, errInUse)
		}
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
