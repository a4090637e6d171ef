package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rsc.io/qr"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// sharedAtThree is an access to two kinds at three hospitals, as records share makes it, and its reader's key.
func sharedAtThree(t *testing.T) (s sharing, reader *ledger.Key) {
	t.Helper()
	patient, err := ledger.NewKey()
	must(t, err)
	reader, err = ledger.NewKey()
	must(t, err)
	for i := range byte(3) {
		a := records.Access{
			Provider: ledger.Address{1 + i}, Reader: reader.Address(), Kinds: kindsOf([]string{"medication", "conditions"}), To: records.Months - 1,
			Until: 1_800_000_000, Records: true, Nonce: ledger.HashBytes([]byte{i}),
		}
		for j := range a.Provider { // addresses look random
			a.Provider[j] = ledger.HashBytes([]byte{i, byte(j)})[0]
		}
		k, err := records.SecretOf(ledger.HashBytes([]byte{9, i}), 7).Give(patient, ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}, a)
		must(t, err)
		d := k.Document
		s.Hospitals = append(s.Hospitals, sharedHospital{a.Provider, "hospital.example:443", carried{d.Content, d.Revision, d.Expiry, d.Signature[:]}, k.Keys})
	}
	return s, reader
}

// An access to two kinds at three hospitals fits into one QR code, which opens for its reader as the file does.
func TestAccessAsQR(t *testing.T) {
	s, reader := sharedAtThree(t)
	opener, err := records.OpenerOf(reader)
	must(t, err)
	sealed, err := s.seal(opener.Public())
	must(t, err)
	text := asText(sealed)
	if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-:") != "" {
		t.Errorf("not letters of an alphanumeric code: %s", text)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"file": sealed, "text": []byte(text), "text with an end of line": []byte(text + "\r\n")} {
		file := filepath.Join(dir, "access")
		must(t, os.WriteFile(file, content, 0o600))
		got, err := openSharing(file, reader)
		if err != nil || len(got.Hospitals) != 3 || got.Hospitals[2].Keys[1].Key != s.Hospitals[2].Keys[1].Key {
			t.Errorf("%s: %d hospitals, %v", name, len(got.Hospitals), err)
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "broken"), []byte(accessText+"1"), 0o600))
	if _, err := openSharing(filepath.Join(dir, "broken"), reader); !errors.Is(err, errNotTheirs) {
		t.Errorf("what is no base32: %v", err)
	}
	code, err := qr.Encode(text, qr.L)
	must(t, err)
	t.Logf("%d bytes, %d letters, %d modules a side", len(sealed), len(text), code.Size)
	image, err := drawQR("a.png", text)
	must(t, err)
	if _, err := png.Decode(bytes.NewReader(image)); err != nil {
		t.Errorf("png: %v", err)
	}
	drawing, err := drawQR("a.SVG", text)
	must(t, err)
	for dec := xml.NewDecoder(bytes.NewReader(drawing)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("svg: %v", err)
		}
	}
	blocks, err := drawQR("a.txt", text)
	must(t, err)
	if lines := strings.Split(strings.TrimSuffix(string(blocks), "\n"), "\n"); len(lines) != (code.Size+2*quiet+1)/2 || len([]rune(lines[0])) != code.Size+2*quiet {
		t.Errorf("%d lines of %d letters for %d modules", len(lines), len([]rune(lines[0])), code.Size)
	}
	for name, text := range map[string]string{"a.gif": "x", "a.png": strings.Repeat("A", 4300)} {
		if _, err := drawQR(name, text); err == nil {
			t.Errorf("%s of %d letters is drawn", name, len(text))
		}
	}
}

// The blocks of a terminal are the modules of the code.
func TestBlocks(t *testing.T) {
	code, err := qr.Encode("MEDMARKET", qr.L)
	must(t, err)
	lines := strings.Split(string(asBlocks(code)), "\n")
	for y := range code.Size {
		for x := range code.Size {
			letter := []rune(lines[(y+quiet)/2])[x+quiet]
			light := letter == '█' || letter == '▀' && (y+quiet)%2 == 0 || letter == '▄' && (y+quiet)%2 == 1
			if light == code.Black(x, y) {
				t.Fatalf("module %d, %d", x, y)
			}
		}
	}
}
