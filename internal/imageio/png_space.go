package imageio

import (
	"encoding/binary"
	"fmt"
	"math"

	"oneiro/internal/icc"
)

// pngSpace is what the chunks of a PNG other than iCCP say of its colours.
type pngSpace struct {
	coded  []byte // of cICP: the numbers of primaries and curve
	srgb   bool   // there is a chunk sRGB
	gamma  uint32 // of gAMA, times 100 000
	points []byte // of cHRM
}

// chunk takes in a chunk.
func (s *pngSpace) chunk(kind string, body []byte) {
	switch {
	case kind == "cICP" && len(body) == 4:
		s.coded = body[:2]
	case kind == "sRGB":
		s.srgb = true
	case kind == "gAMA" && len(body) == 4:
		s.gamma = binary.BigEndian.Uint32(body)
	case kind == "cHRM" && len(body) == 32:
		s.points = body
	}
}

// profile returns what says most of the colours: cICP, then embedded, the profile of iCCP, then sRGB, then gAMA
// with cHRM (PNG specification, third edition, section 4.3).
func (s *pngSpace) profile(embedded profile) profile {
	switch {
	case s.coded != nil:
		return codedProfile(s.coded[0], s.coded[1])
	case !embedded.isNone():
		return embedded
	case s.srgb:
		return profile{}
	}
	return s.described()
}

// codedProfile returns a space by the numbers of its primaries and curve in ITU-T H.273.
func codedProfile(primaries, curve byte) profile {
	name, ok := map[byte]string{1: "BT.709", 9: "BT.2020", 11: "DCI P3", 12: "Display P3"}[primaries]
	if !ok {
		name = fmt.Sprintf("primaries %d", primaries)
	}
	switch curve {
	case 8:
		name += " linear"
	case 13:
	case 16:
		name += " PQ"
	case 18:
		name += " HLG"
	default:
		name += fmt.Sprintf(" with curve %d", curve)
	}
	return profile{name: name, known: icc.Coded(name, primaries, curve)}
}

// described returns the space of gAMA, with the primaries of cHRM or sRGB's. A gamma near sRGB's is taken for
// it: that is how PNG says it to old programs.
func (s *pngSpace) described() profile {
	const srgbGamma = 45455
	if s.gamma == 0 {
		return profile{}
	}
	primaries, ours := icc.SRGBPrimaries, true
	if s.points != nil {
		for i := range 8 {
			v := float64(binary.BigEndian.Uint32(s.points[4*i:])) / 100_000
			ours = ours && math.Abs(v-primaries[i/2][i%2]) <= 0.001
			primaries[i/2][i%2] = v
		}
	}
	near := s.gamma >= srgbGamma*9/10 && s.gamma <= srgbGamma*11/10
	if near && ours {
		return profile{}
	}
	exponent := 100_000 / float64(s.gamma)
	name := fmt.Sprintf("a gamma of %.3g", exponent)
	return profile{name: name, known: icc.New(name, primaries, icc.Gamma(exponent))}
}
