package imageio

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
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
	in, err := openInput(path, memoryLimit(0))
	if err != nil {
		return "", err
	}
	defer in.Close()
	return recipeIn(in)
}

// RecipeFile is ReadRecipe for an open file, as ReadFile is Read.
func RecipeFile(f *os.File, path string) (string, error) {
	in, err := inputOf(f, path, memoryLimit(0))
	if err != nil {
		return "", err
	}
	return recipeIn(in)
}

func recipeIn(in *input) (string, error) {
	path := in.path
	head, err := in.part(0, min(in.Size(), sniffLen))
	if err != nil {
		return "", newFileError(path, err)
	}
	f, kind := sniff(head)
	if f == nil {
		return "", &KindError{Path: path, Kind: kind}
	}
	recipe, ok := findRecipe(in, kind)
	if !ok {
		return "", &NoRecipeError{path}
	}
	return recipe, nil
}

func findRecipe(in *input, kind string) (recipe string, ok bool) {
	switch kind {
	case "PNG":
		return findPNG(in)
	case "JPEG":
		if data, err := in.whole(); err == nil {
			return findJPEG(data)
		}
	case "TIFF":
		return findTIFF(in)
	}
	return "", false
}

// iTXtHead is the keyword, no compression, no language and no translated keyword (PNG
// specification, third edition, 11.3.3.4).
const iTXtHead = recipeKey + "\x00" + "\x00\x00" + "\x00" + "\x00"

func findPNG(in *input) (string, bool) {
	for at := int64(pngSignature); ; {
		kind, n, err := chunkHead(in, at)
		if err != nil || n+12 > in.Size()-at {
			return "", false
		}
		if kind == "iTXt" {
			body, err := in.part(at+8, n)
			if text, ok := bytes.CutPrefix(body, []byte(iTXtHead)); ok && err == nil {
				return string(text), true
			}
		}
		at += 12 + n
	}
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

// insertAfter returns a writer that copies to w and inserts extra after the first at bytes, since the
// encoder of the standard library writes no text.
func insertAfter(w io.Writer, at int, extra []byte) io.Writer {
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
	return bytesAsValues([]byte(comHead + recipe + "\x00"))
}

// bytesAsValues returns bytes as the values of an entry.
func bytesAsValues(data []byte) []uint64 {
	all := make([]uint64, len(data))
	for i, b := range data {
		all[i] = uint64(b)
	}
	return all
}

// findTIFF looks at the description of the first page.
func findTIFF(in *input) (string, bool) {
	t, at, err := newTIFFReader(in)
	if err != nil {
		return "", false
	}
	p, _, err := t.page(at)
	place := p[tiffDescription]
	if err != nil || len(place) != 2 {
		return "", false
	}
	text, err := in.part(int64(place[0]), int64(place[1]))
	if err != nil {
		return "", false
	}
	return strings.CutPrefix(strings.TrimSuffix(string(text), "\x00"), comHead)
}
