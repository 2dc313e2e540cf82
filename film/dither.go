package film

import (
	"cmp"
	"slices"

	"oneiro/colour"
	"oneiro/internal/imageio"
)

// mixture is how many colours of the palette stand for one that is not in it.
const mixture = 16

// bayer is the order in which the pixels of a square of 4 x 4 become lighter (Bayer, "An optimum method for
// two-level rendition of continuous-tone pictures", 1973).
var bayer = [4][4]uint8{{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}

// dither gives pixels the numbers of colours of a palette. Each colour is a mixture of several, from dark
// to light, of which a pixel takes one by its place alone (Knoll's pattern dithering, US patent 6,606,166,
// expired): what does not move does not flicker, as it does where errors are diffused.
type dither struct {
	palette [][3]float32 // in OkLab
	colours [][3]uint8
	mixed   map[uint32]*[mixture]uint8 // by colour
	last    uint32
	lastMix *[mixture]uint8
}

// maxMixed is how many mixtures are kept.
const maxMixed = 1 << 18

func newDither(palette [][3]float32) *dither {
	d := &dither{palette: palette, mixed: map[uint32]*[mixture]uint8{}}
	for i, c := range palette {
		r, g, b := colour.Lab{L: c[0], A: c[1], B: c[2]}.RGB()
		d.colours = append(d.colours, [3]uint8{to8(r), to8(g), to8(b)})
		s := d.colours[i]
		d.palette[i] = labOf(float32(s[0])/255, float32(s[1])/255, float32(s[2])/255) // as they are shown
	}
	return d
}

// draw writes the numbers of the colours of a frame, and clear for pixels that are.
func (d *dither) draw(to []uint8, im *imageio.Image, clear uint8) {
	for y := range im.H {
		order := &bayer[y%4]
		for x := range im.W {
			i := y*im.W + x
			if im.Alpha != nil && im.Alpha[i] < 0.5 {
				to[i] = clear
				continue
			}
			c := im.Pix[3*i:][:3]
			to[i] = d.mix(to8(c[0]), to8(c[1]), to8(c[2]))[order[x%4]]
		}
	}
}

// mix returns the colours that stand for one, from dark to light. Each is the nearest to what is wanted and
// what those before it lack, so that their mean comes near.
func (d *dither) mix(r, g, b uint8) *[mixture]uint8 {
	key := uint32(r)<<16 | uint32(g)<<8 | uint32(b)
	if key == d.last && d.lastMix != nil {
		return d.lastMix
	}
	m := d.mixed[key]
	if m == nil {
		if len(d.mixed) >= maxMixed {
			clear(d.mixed)
		}
		m = new([mixture]uint8)
		want := labOf(float32(r)/255, float32(g)/255, float32(b)/255)
		var lacks [3]float32
		for i := range m {
			// Less than all of what is lacking, or colours that are far apart are mixed where none is near.
			const strength = 0.5
			var aim [3]float32
			for c := range aim {
				aim[c] = want[c] + strength*lacks[c]
			}
			k := nearest(d.palette, aim)
			m[i] = uint8(k)
			for c := range lacks {
				lacks[c] += want[c] - d.palette[k][c]
			}
		}
		slices.SortFunc(m[:], func(a, b uint8) int {
			return cmp.Or(cmp.Compare(d.palette[a][0], d.palette[b][0]), cmp.Compare(a, b))
		})
		d.mixed[key] = m
	}
	d.last, d.lastMix = key, m
	return m
}
