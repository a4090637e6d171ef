package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// worker is a medmarket command that prints events as JSON lines, as a process of
// its own.
type worker struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	read   sync.WaitGroup

	mu   sync.Mutex
	last map[string]event // by name
	more chan struct{}    // closed at the next event or at the end, then made anew
	over bool
}

// event is the union of what the events say.
type event struct {
	Event  string `json:"event"`
	Enode  string `json:"enode"`
	HTTP   string `json:"http"`
	Number uint64 `json:"number"`
	Hash   string `json:"hash"`
	Blocks uint64 `json:"blocks"`
	Up     bool   `json:"up"`

	Difficulty uint64 `json:"difficulty"`
	HashRate   uint64 `json:"hash_rate"`
	CreditWork int64  `json:"credit_work"`
}

// work starts the command; the test kills what is left of it.
func work(t *testing.T, args ...string) *worker {
	t.Helper()
	program, err := exec.LookPath("medmarket") // the test binary itself, see TestMain
	if err != nil {
		t.Fatal(err)
	}
	w := &worker{last: map[string]event{}, more: make(chan struct{})}
	w.cmd = exec.CommandContext(context.Background(), program, append(args, "--json")...)
	w.cmd.Stderr = &w.stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.read.Go(func() { w.listen(out) })
	t.Cleanup(w.kill)
	return w
}

func (w *worker) listen(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			continue // cut off by a kill
		}
		w.mu.Lock()
		w.last[e.Event] = e
		close(w.more)
		w.more = make(chan struct{})
		w.mu.Unlock()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	close(w.more)
}

// await waits for an event that holds is true of and returns it.
func (w *worker) await(t *testing.T, name string, holds func(event) bool) event {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		w.mu.Lock()
		e, ok := w.last[name]
		more, over := w.more, w.over
		w.mu.Unlock()
		if ok && (holds == nil || holds(e)) {
			return e
		}
		if over {
			w.kill()
			t.Fatalf("%v ended without %q:\n%s", w.cmd.Args, name, &w.stderr)
		}
		select {
		case <-more:
		case <-late.C:
			t.Fatalf("%v: no %q within %s", w.cmd.Args, name, patience)
		}
	}
}

// stop ends the process by SIGINT; it must end with exit code 0 and have logged
// no error.
func (w *worker) stop(t *testing.T) {
	t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	w.read.Wait()
	if err := w.cmd.Wait(); err != nil || bytes.Contains(w.stderr.Bytes(), []byte("level=ERROR")) {
		t.Errorf("%v: %v\n%s", w.cmd.Args, err, &w.stderr)
	}
	w.cmd.Process = nil
}

// kill ends the process by SIGKILL, if it runs.
func (w *worker) kill() {
	if w.cmd.Process == nil {
		return
	}
	_ = w.cmd.Process.Kill() // it may have ended by itself
	w.read.Wait()
	_ = w.cmd.Wait() // "signal: killed"
	w.cmd.Process = nil
}

// freeAddress is a loopback address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// bridge passes TCP connections on to a target while it is open.
type bridge struct {
	address, target string

	mu      sync.Mutex
	open    net.Listener
	conns   map[net.Conn]bool
	running sync.WaitGroup
}

func newBridge(t *testing.T, target string) *bridge {
	t.Helper()
	b := &bridge{address: freeAddress(t), target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(b.cut)
	return b
}

func (b *bridge) join(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", b.address)
	if err != nil {
		t.Fatal(err)
	}
	b.mu.Lock()
	b.open = l
	b.mu.Unlock()
	b.running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			b.running.Go(func() { b.pass(conn) })
		}
	})
}

func (b *bridge) pass(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", b.target)
	if err != nil {
		return
	}
	defer far.Close()
	b.mu.Lock()
	if b.open == nil {
		b.mu.Unlock()
		return
	}
	b.conns[near], b.conns[far] = true, true
	b.mu.Unlock()
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{near: far, far: near} {
		both.Go(func() {
			_, _ = io.Copy(to, from) // ends when either side does
			_, _ = near.Close(), far.Close()
		})
	}
	both.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, near)
	delete(b.conns, far)
}

// cut ends all connections and refuses new ones.
func (b *bridge) cut() {
	b.mu.Lock()
	if b.open != nil {
		_ = b.open.Close()
		b.open = nil
	}
	for conn := range b.conns {
		_ = conn.Close()
	}
	b.mu.Unlock()
	b.running.Wait()
}
