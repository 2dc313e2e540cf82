package render

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"oneiro/internal/imageio"
)

// PixelHash returns the SHA-256 of a picture's samples as they are written: red, green and blue of each
// pixel, row by row, in a byte each or, if the picture has a depth of 16, in two with the higher first.
// Opacity is left out, and so is what a JPEG loses.
func PixelHash(p *Picture) string { return PixelHashIn(p, nil) }

// PixelHashIn is PixelHash for a picture that is written with a colour profile, nil for sRGB.
func PixelHashIn(p *Picture, profile *imageio.Profile) string {
	h := sha256.New()
	colours := make([]float32, 3*p.W)
	row := make([]byte, 0, 2*3*p.W)
	for y := range p.H {
		row = row[:0]
		copy(colours, p.Pix[3*p.W*y:])
		for i, v := range colours {
			if !(v > 0) { // NaN too
				v = 0
			}
			colours[i] = min(v, 1)
		}
		if profile != nil {
			profile.FromSRGB(colours)
		}
		for _, v := range colours {
			if p.Depth == 16 {
				row = binary.BigEndian.AppendUint16(row, uint16(v*65535+0.5))
			} else {
				row = append(row, uint8(v*255+0.5))
			}
		}
		h.Write(row)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// FileHash returns the SHA-256 of a file. That of a folder is the SHA-256 of a list of the files in it, a
// line with hash, two spaces and name for each, in the order of the names.
func FileHash(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return hashFile(path)
	}
	h := sha256.New()
	err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		sum, err := hashFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(path, file)
		fmt.Fprintf(h, "%s  %s\n", sum, filepath.ToSlash(name))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, f, make([]byte, 1<<20)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
