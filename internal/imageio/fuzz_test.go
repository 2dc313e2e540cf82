package imageio

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// seeds adds pictures of all kinds to a fuzz target: the fixtures, and what people's reports of faults had.
func seeds(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.*")
	profiled, _ := filepath.Glob("testdata/profiles/*.*")
	names = append(names, profiled...)
	for _, name := range names {
		if data, err := os.ReadFile(name); err == nil && len(data) < 4096 {
			f.Add(data)
		}
	}
	for o := range 8 {
		f.Add(withOrientation(f, o+1))
	}
	jpg, err := os.ReadFile("testdata/jpeg420.jpg")
	if err != nil {
		f.Fatal(err)
	}
	profile := testProfile(p3Primaries, 2.2)
	iccp := pngChunk("iCCP", append([]byte("P3\x00\x00"), deflated(profile)...), false)
	f.Add(jpg[:len(jpg)-2])
	f.Add(jpg[:len(jpg)/2])
	f.Add(append(jpg[:len(jpg)-2:len(jpg)-2], "\x00\x00\xe1\x08\x0b\x00\x00\x00SEFH\xff\xda\x00\x0c\x03SEFT"...))
	f.Add(withProfile(jpg, profile))
	f.Add(madePNG(9, 7, pngRGB, 8, false, iccp))
	f.Add(madePNG(9, 7, pngRGB, 8, false, pngChunk("tEXt", []byte("Comment\x00hello"), true)))
	f.Add(madePNG(9, 7, pngRGBA, 16, true))
	f.Add(madePNG(9, 7, pngGrey, 1, true, pngChunk("tRNS", []byte{0, 1}, false)))
	f.Add(madePNG(9, 7, pngRGB, 8, false, pngChunk("acTL", []byte{0, 0, 0, 7, 0, 0, 0, 0}, false)))
	f.Add(madePNG(20000, 1, pngRGB, 8, false))
	f.Add(pngOfSize(10000, 10000))
	f.Add([]byte("GIF89a\xff\xff\xff\xff\x80\x00\x00"))
}

// fuzzPixels is the largest picture that fuzzing parses, and fuzzBytes is how much memory decoding may take.
const (
	fuzzPixels = 1 << 16
	fuzzBytes  = 16 << 20
)

// FuzzRead reads whatever comes: an error that says what is wrong, or a picture, of which a part at another
// size is the same as of the whole.
func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, allow := range []bool{false, true} {
			im, err := DecodeWith(data, "fuzz", ReadOptions{AllowTruncated: allow, MaxBytes: fuzzBytes})
			if err != nil {
				checkError(t, "fuzz", err)
				continue
			}
			im.check("fuzz")
			fit := Middle(7, 2)
			part, err := DecodeWith(data, "fuzz", ReadOptions{AllowTruncated: allow, Fit: fit})
			if err != nil {
				t.Fatal(err)
			}
			want := Show(im, fit(im.W, im.H), Bilinear)
			if !slices.Equal(part.Pix, want.Pix) || !slices.Equal(part.Alpha, want.Alpha) {
				t.Fatal("a part is not that of the whole")
			}
		}
	})
}

// FuzzParse does the same to what is this package's own, where no panic is caught.
func FuzzParse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		format, kind := sniff(data)
		switch {
		case format == nil:
		case kind == "PNG":
			p, err := parsePNG(inMemory(data, "fuzz", fuzzBytes))
			if err != nil || p.w > fuzzPixels/p.h {
				return
			}
			p.pngSpace.profile(p.profile).apply()
			if rows, finish, err := p.rows(); err == nil && !p.interlaced {
				pix, alpha := make([]float32, 3*p.w), make([]float32, p.w)
				for y := 0; y < p.h && err == nil; y++ {
					err = rows(y, pix, alpha)
				}
				finish()
			}
			if p.interlaced {
				p.interlacedRows(true)
			}
		case kind == "JPEG":
			j := parseJPEG(data)
			j.profile.apply()
			j.complete(j.scans)
			j.bytes()
		case kind == "TIFF":
			r, at, err := newTIFFReader(inMemory(data, "fuzz", fuzzBytes))
			if err != nil {
				return
			}
			pages, _, err := r.pages(at, new(warnings))
			if err != nil {
				return
			}
			best, _ := largest(pages)
			d := &decoder{w: 8, h: 8, warnings: new(warnings)}
			if rows, err := newTIFFRows(r, pages[best], d); err == nil {
				pix, alpha := make([]float32, 3*8), make([]float32, 8)
				for y := 0; y < 8 && err == nil; y++ {
					err = rows.row(y, pix, alpha)
				}
			}
		case kind == "WebP":
			chunks := webpChunks(data[webpHeader:])
			if frame := find(chunks, "ANMF"); len(frame) > 16 {
				stillWebP(webpChunks(frame[16:]), 1, 1)
			}
			exifOfWebP(data)
		case kind == "GIF":
			animatedGIF(data)
		}
		profile{icc: data}.apply()
	})
}
