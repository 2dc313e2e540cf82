package imageio

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"strings"
)

// recipeKey marks the recipe among other texts in a file: the keyword of the iTXt chunk of a PNG, and the
// first line of each comment segment (COM) of a JPEG.
const recipeKey = "oneiro recipe"

// The offset of the recipe in a file: after the signature and IHDR of a PNG, after SOI of a JPEG.
const (
	pngSignature = 8
	pngHeader    = pngSignature + 12 + 13
	jpegHeader   = 2
)

// ReadRecipe returns the recipe that Write put into the picture at path. The error is a
// *NoRecipeError if there is none, or else one of those of Read; pixels are not read.
func ReadRecipe(path string) (string, error) {
	data, err := readFile(path, 0)
	if err != nil {
		return "", err
	}
	f, kind := sniff(data)
	if f == nil {
		return "", &KindError{Path: path, Kind: kind}
	}
	recipe, ok := findRecipe(data, kind)
	if !ok {
		return "", &NoRecipeError{path}
	}
	return recipe, nil
}

func findRecipe(data []byte, kind string) (recipe string, ok bool) {
	switch kind {
	case "PNG":
		return findPNG(data)
	case "JPEG":
		return findJPEG(data)
	}
	return "", false
}

// iTXtHead is the keyword, no compression, no language and no translated keyword (PNG
// specification, third edition, 11.3.3.4).
const iTXtHead = recipeKey + "\x00" + "\x00\x00" + "\x00" + "\x00"

// pngRecipe returns an iTXt chunk.
func pngRecipe(recipe string) []byte {
	if recipe == "" {
		return nil
	}
	body := "iTXt" + iTXtHead + recipe
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(body)))
}

func findPNG(data []byte) (string, bool) {
	for data = data[pngSignature:]; len(data) >= 12; {
		n := uint64(binary.BigEndian.Uint32(data))
		if n > uint64(len(data)-12) {
			break
		}
		body := data[8 : 8+n]
		if string(data[4:8]) == "iTXt" && bytes.HasPrefix(body, []byte(iTXtHead)) {
			return string(body[len(iTXtHead):]), true
		}
		data = data[12+n:]
	}
	return "", false
}

// comHead starts every segment, so that other people's comments are left alone.
const comHead = recipeKey + "\n"

// jpegRecipe returns one COM segment, or as many as it takes: a segment has at most 65533 bytes.
func jpegRecipe(recipe string) []byte {
	const most = 65533 - len(comHead)
	var out []byte
	for recipe != "" {
		part := recipe[:min(len(recipe), most)]
		recipe = recipe[len(part):]
		out = append(out, 0xff, 0xfe)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(comHead)+len(part)))
		out = append(out, comHead...)
		out = append(out, part...)
	}
	return out
}

// findJPEG joins the segments up to the first scan.
func findJPEG(data []byte) (string, bool) {
	var recipe strings.Builder
	for data = data[jpegHeader:]; len(data) >= 4 && data[0] == 0xff; {
		if data[1] == 0xff { // a fill byte
			data = data[1:]
			continue
		}
		n := 2 + int(binary.BigEndian.Uint16(data[2:]))
		if data[1] == 0xda || n < 4 || n > len(data) { // SOS
			break
		}
		if part, ok := bytes.CutPrefix(data[4:n], []byte(comHead)); ok && data[1] == 0xfe {
			recipe.Write(part)
		}
		data = data[n:]
	}
	return recipe.String(), recipe.Len() > 0
}

// insertRecipe returns a writer that copies to w and inserts extra after the first at bytes, since the
// encoders of the standard library write no text.
func insertRecipe(w io.Writer, at int, extra []byte) io.Writer {
	if len(extra) == 0 {
		return w
	}
	return &inserter{w, at, extra}
}

type inserter struct {
	w     io.Writer
	at    int // bytes to go until extra
	extra []byte
}

func (i *inserter) Write(p []byte) (int, error) {
	done := 0
	if i.extra != nil && len(p) >= i.at {
		n, err := i.w.Write(p[:i.at])
		if err != nil {
			return n, err
		}
		if _, err := i.w.Write(i.extra); err != nil {
			return n, err
		}
		done, i.extra = n, nil
	}
	n, err := i.w.Write(p[done:])
	i.at -= n
	return done + n, err
}
