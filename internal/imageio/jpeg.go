package imageio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"slices"
	"sort"
)

// The markers of JPEG that matter here (ITU-T T.81, table B.1).
const (
	jpegSOF0  = 0xc0 // baseline
	jpegSOF1  = 0xc1 // extended
	jpegSOF2  = 0xc2 // progressive
	jpegRST0  = 0xd0
	jpegRST7  = 0xd7
	jpegEOI   = 0xd9
	jpegSOS   = 0xda
	jpegAPP2  = 0xe2
	jpegAPP14 = 0xee
	jpegAPP15 = 0xef
	jpegCOM   = 0xfe
)

// jpegFile is what the segments of a JPEG say.
type jpegFile struct {
	data        []byte
	w, h        int
	sof         int // where the frame's segment begins in data
	progressive bool
	components  []jpegComponent
	adobe       bool // there is Adobe's segment
	profile     profile
	scans       []jpegScan
	junk        bool // what comes after the last scan is no segment
}

type jpegComponent struct {
	id, across, down byte
}

// jpegScan is a part of the picture's data: where its segment begins and where its data ends.
type jpegScan struct{ start, end int }

// openJPEG reads all segments but decodes no pixels.
func openJPEG(data []byte, o *ReadOptions) (*decoder, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	f := parseJPEG(data)
	d := &decoder{w: c.Width, h: c.Height, depth: 8, profile: f.profile, warnings: new(warnings)}
	d.bytes = f.bytes()
	if len(f.components) == 4 && !f.adobe {
		d.warn("it does not say how its CMYK is meant: inverted is assumed, as Adobe's is")
		f.addAdobe()
		d.bytes += int64(len(data))
	}
	if d.profile.isNone() && c.ColorModel == color.CMYKModel {
		d.warn("it is CMYK without a colour profile: colours may be off")
	}
	d.start = func() (rowFunc, func() error, error) {
		m, h, err := f.decode(d.warnings, o.AllowTruncated)
		if err != nil {
			return nil, nil, err
		}
		rows := imageRows(m, false)
		return func(y int, pix, alpha []float32) error {
			if y >= h {
				return io.ErrUnexpectedEOF
			}
			return rows(y, pix, alpha)
		}, nil, nil
	}
	return d, nil
}

// parseJPEG finds the segments, as far as there are any. It is not concerned about what is wrong with them.
func parseJPEG(data []byte) *jpegFile {
	f := &jpegFile{data: data, sof: -1}
	var icc [256][]byte
	defer func() { f.profile.icc = bytes.Join(icc[:], nil) }()
	for at := 2; at+4 <= len(data); {
		if data[at] != 0xff {
			if f.junk = len(f.scans) > 0; f.junk {
				break
			}
			at++
			continue
		}
		marker := data[at+1]
		switch {
		case marker == 0xff, marker == 0: // a fill byte, or extraneous
			at++
			continue
		case marker >= jpegRST0 && marker <= jpegRST7:
			at += 2
			continue
		case marker == jpegEOI:
			at = len(data)
			continue
		}
		n := int(binary.BigEndian.Uint16(data[at+2:]))
		known := marker >= jpegSOF0 && marker < jpegRST0 || marker >= jpegSOS && marker <= jpegAPP15 ||
			marker == jpegCOM
		if !known || n < 2 || at+2+n > len(data) {
			f.junk = len(f.scans) > 0
			break
		}
		body := data[at+4 : at+2+n]
		switch marker {
		case jpegSOF0, jpegSOF1, jpegSOF2:
			f.frame(at, body)
		case jpegAPP2:
			if part, ok := bytes.CutPrefix(body, []byte("ICC_PROFILE\x00")); ok && len(part) > 2 {
				icc[part[0]] = part[2:]
			}
		case jpegAPP14:
			f.adobe = f.adobe || bytes.HasPrefix(body, []byte("Adobe"))
		case jpegSOS:
			if !f.scanHeader(body) {
				f.junk = len(f.scans) > 0
				return f
			}
			end := endOfScan(data, at+2+n)
			f.scans = append(f.scans, jpegScan{at, end})
			at = end
			continue
		}
		at += 2 + n
	}
	return f
}

// scanHeader tells whether a segment is the header of a scan of the frame.
func (f *jpegFile) scanHeader(body []byte) bool {
	if len(body) < 1 || body[0] < 1 || body[0] > 4 || len(body) != 4+2*int(body[0]) {
		return false
	}
	for i := range int(body[0]) {
		known := func(c jpegComponent) bool { return c.id == body[1+2*i] }
		if !slices.ContainsFunc(f.components, known) {
			return false
		}
	}
	return true
}

// frame reads the segment of the frame.
func (f *jpegFile) frame(at int, body []byte) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) || f.sof >= 0 {
		return
	}
	f.sof, f.progressive = at, f.data[at+1] == jpegSOF2
	f.h, f.w = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
	for i := range int(body[5]) {
		c := body[6+3*i:]
		f.components = append(f.components, jpegComponent{c[0], c[1] >> 4, c[1] & 15})
	}
}

// endOfScan returns where the data of a scan that begins at a place ends: at the first marker that is not a
// restart.
func endOfScan(data []byte, at int) int {
	for ; at+1 < len(data); at++ {
		if next := data[at+1]; data[at] == 0xff && next != 0 && next != 0xff && (next < jpegRST0 || next > jpegRST7) {
			return at
		}
	}
	return len(data)
}

// bytes returns how much memory package jpeg takes.
func (f *jpegFile) bytes() int64 {
	var most, samples float64 // in a block of the component with most of them, in all
	for _, c := range f.components {
		n := float64(c.across) * float64(c.down)
		most, samples = max(most, n), samples+n
	}
	if most == 0 {
		return 0
	}
	pixels := float64(int64(f.w+64) * int64(f.h+64))
	planes := pixels * samples / most
	total := planes
	if f.progressive {
		total += 4 * planes // coefficients
	}
	if len(f.components) == 4 || len(f.components) == 3 && f.rgb() {
		total += 4 * pixels // the picture beside its planes
	}
	return int64(total) + 1<<20
}

// rgb tells whether the components may be red, green and blue.
func (f *jpegFile) rgb() bool { return f.adobe || f.components[0].id == 'R' }

// What Adobe's segment says of the components.
const (
	adobePlain byte = iota // or CMYK
	adobeYCC               // luma and chroma
	adobeYCCK              // those and black
)

// adobeSegment is Adobe's segment (Adobe, "Supporting the DCT Filters in PostScript Level 2", 1992, section
// 18).
func adobeSegment(transform byte) []byte {
	return append([]byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"), transform)
}

// addAdobe inserts Adobe's segment into a file of four components, before everything that is known of it: luma,
// chroma and black if some have fewer samples than others, else CMYK.
func (f *jpegFile) addAdobe() {
	transform := adobePlain
	for _, c := range f.components {
		if c.across != f.components[0].across || c.down != f.components[0].down {
			transform = adobeYCCK
		}
	}
	const start = 2
	segment := adobeSegment(transform)
	f.data = bytes.Join([][]byte{f.data[:start], segment, f.data[start:]}, nil)
	f.sof += len(segment)
	for i := range f.scans {
		f.scans[i].start += len(segment)
		f.scans[i].end += len(segment)
	}
}

// decode returns the picture, and how many of its rows there are: all, unless the data may be cut short.
func (f *jpegFile) decode(w *warnings, allowTruncated bool) (image.Image, int, error) {
	m, err := jpeg.Decode(bytes.NewReader(f.data))
	if err == nil || len(f.scans) == 0 || f.sof < 0 {
		return m, f.h, err
	}
	// Most such files lack only the end marker, or have something else in its place.
	last := f.scans[len(f.scans)-1]
	if m, whole := f.upTo(last.end, f.h); whole == nil && f.complete(f.scans) {
		if f.junk || last.end < len(f.data) {
			w.warn("after the picture comes something other than an end marker; it is left out")
		} else {
			w.warn("the end marker is missing")
		}
		return m, f.h, nil
	}
	if last.end < len(f.data) && !f.junk {
		return nil, 0, err // damaged, not cut short
	}
	if allowTruncated {
		if m, h := f.whatIsThere(w); m != nil {
			return m, h, nil
		}
	}
	return nil, 0, errors.Join(io.ErrUnexpectedEOF, err)
}

// upTo decodes the data up to a place as a picture of h rows.
func (f *jpegFile) upTo(end, h int) (image.Image, error) {
	for f.data[end-1] == 0xff { // half a marker
		end--
	}
	data := f.data[:end]
	data = append(data[:len(data):len(data)], 0xff, jpegEOI)
	binary.BigEndian.PutUint16(data[f.sof+5:], uint16(h))
	return jpeg.Decode(bytes.NewReader(data))
}

// complete tells whether scans hold all components, and of a progressive picture all bits of their
// coefficients.
func (f *jpegFile) complete(scans []jpegScan) bool {
	missing := map[byte]*[64]bool{} // coefficients of components
	for _, c := range f.components {
		all := new([64]bool)
		for i := range all {
			all[i] = f.progressive || i == 0
		}
		missing[c.id] = all
	}
	for _, s := range scans {
		body := f.data[s.start+4:]
		n := int(body[0])
		from, to, low := body[1+2*n], body[2+2*n], body[3+2*n]&15
		if !f.progressive {
			from, to, low = 0, 0, 0
		}
		for i := range n {
			m := missing[body[1+2*i]]
			for k := from; m != nil && low == 0 && k <= min(to, 63); k++ {
				m[k] = false
			}
		}
	}
	for _, m := range missing {
		if *m != [64]bool{} {
			return false
		}
	}
	return true
}

// whatIsThere decodes a picture whose data is cut short: a progressive one without its last scan, else as many
// rows of blocks as there are.
func (f *jpegFile) whatIsThere(w *warnings) (image.Image, int) {
	if f.progressive {
		for n := len(f.scans) - 1; n > 0; n-- {
			if m, err := f.upTo(f.scans[n].start, f.h); err == nil {
				w.warn("its data is cut short: it is less sharp than it was")
				return m, f.h
			}
		}
		return nil, 0
	}
	end := f.scans[len(f.scans)-1].end
	var best image.Image
	rows := sort.Search(f.h, func(h int) bool { // the first number of rows that fails is one more
		m, err := f.upTo(end, h+1)
		if err == nil {
			best = m
		}
		return err != nil
	})
	return best, rows
}
