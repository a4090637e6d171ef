package marketplace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// diskFolder names the small disk on which a copy of this test runs.
const diskFolder = "MEDMARKET_TEST_DISK"

// onSmallDisk runs the test that calls it once more, in a process with a disk of its own: a few MB of memory, which that process fills, or
// makes read-only. In it the disk is returned; the caller is done if there is none.
func onSmallDisk(t *testing.T) (disk string) {
	t.Helper()
	if disk = os.Getenv(diskFolder); disk != "" {
		return disk
	}
	dir := t.TempDir()
	own := `mount -t tmpfs -o size=3m none "$MEDMARKET_TEST_DISK" && exec "$0" "$@"`
	unshare := []string{"--user", "--map-root-user", "--mount", "sh", "-c", own, os.Args[0], "-test.run=^" + t.Name() + "$", "-test.v"}
	cmd := exec.CommandContext(t.Context(), "unshare", unshare...)
	cmd.Env = append(os.Environ(), diskFolder+"="+dir)
	if probe := exec.CommandContext(t.Context(), "unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", dir); probe.Run() != nil {
		t.Skip("SKIP: no mounts of our own on this machine (unshare --user --mount)")
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Fatalf("on a small disk: %v\n%s", err, out)
	}
	return ""
}

// fill leaves no room on a disk.
func fill(t *testing.T, disk string) (empty func()) {
	t.Helper()
	file := filepath.Join(disk, "filler")
	f, err := os.Create(file)
	ok(t, err)
	for size := 1 << 16; size > 0; size /= 2 {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	ok(t, f.Close())
	return func() { ok(t, os.Remove(file)) }
}

// G5: on a full disk nothing is released that was not charged before; what failed is finished by the same request once there is room, charged
// once, and nothing has to be mended. So it is wherever there is no room: at the hospital, the marketplace, or both.
func TestG5DiskFull(t *testing.T) {
	disk := onSmallDisk(t)
	if disk == "" {
		return
	}
	for name, dirs := range map[string][2]string{"hospital": {disk, t.TempDir()}, "marketplace": {t.TempDir(), disk}, "both": {disk, disk}} {
		t.Run(name, func(t *testing.T) {
			for i, dir := range dirs {
				dirs[i] = filepath.Join(dir, name)
				ok(t, os.MkdirAll(dirs[i], 0o700))
			}
			w := openIn(t, dirs, same)
			once := w.price / providertest.Price
			w.answered(w.order("before", nil))
			empty := fill(t, disk)
			answered := 1
			var failed *marketplace.Order
			for i := 0; failed == nil && i < 500; i++ { // what a store has set aside still takes some
				o := w.order(fmt.Sprint(name, i), nil)
				before, counted := w.observe(), len(w.Engine.Counted())
				_, err := w.ask(o)
				after := w.observe()
				if len(w.Engine.Counted()) > counted && after.Charged != before.Charged+once {
					t.Fatalf("records were read, and %d charged", after.Charged-before.Charged)
				}
				if err == nil {
					answered++
					continue
				}
				failed = &o
				if said := err.Error() + w.Log.String(); !strings.Contains(said, "full") {
					t.Errorf("nobody is told why: %s", said)
				}
			}
			if failed == nil {
				t.Fatal("the disk was never full")
			}
			empty()
			w.answered(*failed)
			n := answered + 1
			equal(t, "in the end", w.drawn(), fmt.Sprintf("%d drawn, %d charged, %d receipts", n, n, n))
			w.answered(w.order("after", nil))
		})
	}
}

// G5: on a read-only disk nothing starts, and nothing is lost; once it can be written all goes on. So it is at the hospital and at the marketplace.
func TestG5ReadOnlyDisk(t *testing.T) {
	disk := onSmallDisk(t)
	if disk == "" {
		return
	}
	remount := func(flags uintptr) { ok(t, syscall.Mount("none", disk, "", syscall.MS_REMOUNT|flags, "")) }
	t.Run("hospital", func(t *testing.T) {
		w := openIn(t, [2]string{disk, t.TempDir()}, same)
		w.heldUp(t, func() error { return w.clinic.Close() }, remount, func() error {
			clinic, err := openClinic(t, disk)
			if err == nil {
				w.clinic, w.Store = clinic, clinic
				w.Restart()
			}
			return err
		})
	})
	t.Run("marketplace", func(t *testing.T) {
		w := openIn(t, [2]string{t.TempDir(), disk}, same)
		w.heldUp(t, func() error { return w.store.(io.Closer).Close() }, remount, func() error {
			shop, err := openShop(t, disk)
			if err == nil {
				t.Cleanup(func() { ok(t, shop.Close()) })
				w.store = shop
				w.restart()
			}
			return err
		})
	})
}

// heldUp has a party end, find its disk read-only when it starts, and start once that is mended.
func (w *world) heldUp(t *testing.T, end func() error, remount func(flags uintptr), start func() error) {
	t.Helper()
	w.answered(w.order("before", nil))
	o := w.order("meanwhile", nil)
	ok(t, end())
	remount(syscall.MS_RDONLY)
	if err := start(); err == nil {
		t.Fatal("a store was opened on a disk that nothing can be written to")
	} else if !strings.Contains(err.Error(), "read-only") && !strings.Contains(err.Error(), "readonly") {
		t.Errorf("nobody is told why: %v", err)
	}
	if _, err := w.ask(o); err == nil || len(w.Engine.Counted()) != 1 {
		t.Errorf("an answer without a store: %v, %d counted", err, len(w.Engine.Counted()))
	}
	remount(0)
	ok(t, start())
	w.answered(o)
	equal(t, "in the end", w.drawn(), "2 drawn, 2 charged, 2 receipts")
}
