package imageio

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// recipeKey marks the recipe among other texts in a file: the keyword of the iTXt chunk of a PNG, the first
// line of each comment segment (COM) of a JPEG, and that of the description of a TIFF.
const recipeKey = "oneiro recipe"

// pngMagic is the signature that a PNG begins with.
const pngMagic = "\x89PNG\r\n\x1a\n"

// pngSignature is the length of pngMagic, and jpegHeader the offset of the recipe in a JPEG: after SOI.
const (
	pngSignature = len(pngMagic)
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
	case "TIFF":
		return findTIFF(data)
	}
	return "", false
}

// iTXtHead is the keyword, no compression, no language and no translated keyword (PNG
// specification, third edition, 11.3.3.4).
const iTXtHead = recipeKey + "\x00" + "\x00\x00" + "\x00" + "\x00"

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
// encoder of the standard library writes no text.
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

// tiffRecipe returns the recipe as the characters of an ImageDescription, which end with 0.
func tiffRecipe(recipe string) []uint64 {
	if recipe == "" {
		return nil
	}
	text := comHead + recipe + "\x00"
	all := make([]uint64, len(text))
	for i := range len(text) {
		all[i] = uint64(text[i])
	}
	return all
}

// findTIFF looks at the description of the first page.
func findTIFF(data []byte) (string, bool) {
	t, at, err := newTIFFReader(data)
	if err != nil {
		return "", false
	}
	p, _, err := t.page(at)
	text := p[tiffDescription]
	if err != nil || len(text) != 2 {
		return "", false
	}
	return strings.CutPrefix(strings.TrimSuffix(string(data[text[0]:][:text[1]]), "\x00"), comHead)
}
