package imageio

import (
	"bytes"
	"io"
	"strings"

	"github.com/bep/imagemeta"
)

// readEXIF returns the EXIF orientation of a file, 1 to 8, or 1 (upright) if it has none or its metadata is
// damaged, and whether its colours are Adobe RGB's, as those of a camera may be without a profile (Exif 2.32,
// section 4.6.7).
func readEXIF(in *input, kind imagemeta.ImageFormat) (orientation int, adobeRGB bool) {
	file := io.NewSectionReader(in, 0, in.Size())
	if kind == imagemeta.WebP { // which is in memory as a whole
		data := exifOfWebP(in.data)
		file, kind = inMemory(data, in.path, in.limit).SectionReader, imagemeta.TIFF
	}
	orientation = 1
	wanted := func(t imagemeta.TagInfo) bool {
		return t.Source == imagemeta.EXIF && (t.Namespace == "IFD0" && t.Tag == "Orientation" || interoperability(t))
	}
	imagemeta.Decode(imagemeta.Options{
		R:               file,
		ImageFormat:     kind,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: wanted,
		HandleTag: func(t imagemeta.TagInfo) error {
			switch v := t.Value.(type) {
			case uint16:
				if wanted(t) && v >= 1 && v <= 8 {
					orientation = int(v)
				}
			case string:
				adobeRGB = adobeRGB || interoperability(t) && v == "R03"
			}
			return nil
		},
	})
	return orientation, adobeRGB
}

// interoperability tells whether a tag is of the directory of that name. imagemeta calls its first one
// GPSLatitudeRef, which has the same number (v1.0.1).
func interoperability(t imagemeta.TagInfo) bool {
	return strings.HasSuffix(t.Namespace, "/InteroperabilityIFD")
}

// exifOfWebP returns the content of the chunk EXIF, a TIFF file, or nil. imagemeta reads WebP too, but
// fails after a chunk of odd length (v1.0.1).
func exifOfWebP(data []byte) []byte {
	// some writers keep the prefix that JPEG has
	return bytes.TrimPrefix(find(webpChunks(data[webpHeader:]), "EXIF"), []byte("Exif\x00\x00"))
}

// turn says how the rows and columns of a file become those of the upright picture.
type turn struct {
	swap             bool // rows become columns
	mirrorX, mirrorY bool // the file's columns, or rows, are in reverse
}

// turnOf returns the turn of an orientation, which says on which sides of the picture the first row and the
// first column of the file are (EXIF 2.32, table 6): for 6, on the right and at the top.
func turnOf(o int) turn {
	return turn{
		swap:    o >= 5,
		mirrorX: o == 2 || o == 3 || o == 7 || o == 8,
		mirrorY: o == 3 || o == 4 || o == 6 || o == 7,
	}
}

// size returns the size of the upright picture that a file of w x h pixels has, or the other way round.
func (t turn) size(w, h int) (int, int) {
	if t.swap {
		return h, w
	}
	return w, h
}
