package main

import (
	"bytes"
	"encoding/base32"
	"fmt"
	"path/filepath"
	"strings"

	"rsc.io/qr"
)

// accessText begins an access file as text, which a QR code of capital letters and digits holds: base32 follows.
const accessText = "MEDMARKET-ACCESS:"

var accessDigits = base32.StdEncoding.WithPadding(base32.NoPadding)

// asText is a sealed access file as text.
func asText(sealed []byte) string { return accessText + accessDigits.EncodeToString(sealed) }

// fromText reverses asText; what is no text is as it was.
func fromText(b []byte) ([]byte, error) {
	text, is := bytes.CutPrefix(bytes.TrimSpace(b), []byte(accessText))
	if !is {
		return b, nil
	}
	return accessDigits.DecodeString(string(text))
}

// quiet is the white margin around a code, in modules (ISO/IEC 18004).
const quiet = 4

// drawQR draws text as a QR code, in the form that a file's name ends with: png, svg or txt.
func drawQR(name, text string) ([]byte, error) {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil, fmt.Errorf("%d letters are too many for one QR code: share fewer hospitals or kinds, or hand over the file", len(text))
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png":
		return code.PNG(), nil
	case ".svg":
		return asSVG(code), nil
	case ".txt":
		return asBlocks(code), nil
	}
	return nil, fmt.Errorf("%s: a QR code is written as .png, .svg or .txt", name)
}

// asSVG is a code as a square of 5 units a module.
func asSVG(c *qr.Code) []byte {
	var b bytes.Buffer
	side := c.Size + 2*quiet
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges" role="img" aria-label="QR code of an access key">`,
		side, side, 5*side, 5*side)
	fmt.Fprintf(&b, `<path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side)
	for y := range c.Size {
		for x := range c.Size {
			if c.Black(x, y) {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	b.WriteString(`"/></svg>` + "\n")
	return b.Bytes()
}

// asBlocks is a code for a terminal, dark on light whatever its colours: two modules a letter.
func asBlocks(c *qr.Code) []byte {
	light := func(x, y int) bool { return x < 0 || y < 0 || x >= c.Size || y >= c.Size || !c.Black(x, y) }
	var b bytes.Buffer
	for y := -quiet; y < c.Size+quiet; y += 2 {
		for x := -quiet; x < c.Size+quiet; x++ {
			switch upper, lower := light(x, y), light(x, y+1); {
			case upper && lower:
				b.WriteString("█")
			case upper:
				b.WriteString("▀")
			case lower:
				b.WriteString("▄")
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}
