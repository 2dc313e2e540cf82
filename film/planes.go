package film

import "oneiro/internal/imageio"

// planes turns pictures into planes of luma and chroma and back. Its coding is complete.
type planes struct {
	Coding
	w, h             int // of luma
	cw, ch           int // of chroma; 0 if there is none
	across, down     []tap
	toAcross, toDown []taps
	rgb              [3][2]float32 // what of Cb and Cr is added to luma, for red, green and blue
	luma             [3]float32    // weights
	cb, cr           float32       // what blue and red less luma are divided by
	yOff, yScale     float32       // stored luma of black, and from there to white
	cMid, cScale     float32       // stored chroma of grey, and twice as far as from there to the most
	most             float32       // the greatest stored value
	row              [2][]float32
}

// newPlanes returns planes for pictures of w x h pixels.
func newPlanes(c Coding, w, h int) *planes {
	p := &planes{Coding: c, w: w, h: h}
	kind := chromas[c.Chroma]
	if c.Chroma != Mono {
		p.cw, p.ch = (w+kind.rx-1)/kind.rx, (h+kind.ry-1)/kind.ry
		p.across, p.toAcross = newTaps(w, kind.rx, kind.left)
		p.down, p.toDown = newTaps(h, kind.ry, kind.top)
	}
	red, blue := c.Matrix.weights()
	green := 1 - red - blue
	p.luma = [3]float32{float32(red), float32(green), float32(blue)}
	p.cb, p.cr = float32(2*(1-blue)), float32(2*(1-red))
	p.rgb = [3][2]float32{
		{0, p.cr}, {-p.cb * float32(blue/green), -p.cr * float32(red/green)}, {p.cb, 0},
	}
	unit := float32(int(1) << (c.Depth - 8))
	p.most = 256*unit - 1
	p.yScale, p.cScale, p.cMid = p.most, p.most, 128*unit
	if c.Range != Full {
		p.yOff, p.yScale, p.cScale = 16*unit, 219*unit, 224*unit
	}
	p.row[0], p.row[1] = make([]float32, w), make([]float32, w)
	return p
}

// frameBytes is the length of all planes as files have them.
func (p *planes) frameBytes() int64 {
	n := int64(p.w)*int64(p.h) + 2*int64(p.cw)*int64(p.ch)
	if p.Depth > 8 {
		n *= 2
	}
	return n
}

// sampleAt returns sample i of planes with one byte for each, or two with the lower first.
func (p *planes) sampleAt(data []byte, i int) float32 {
	if p.Depth > 8 {
		return float32(uint16(data[2*i]) | uint16(data[2*i+1])<<8)
	}
	return float32(data[i])
}

// put stores a sample that is rounded and limited to what can be stored.
func (p *planes) put(data []byte, i int, v float32) {
	n := uint16(min(max(v, 0), p.most) + 0.5)
	if p.Depth > 8 {
		data[2*i], data[2*i+1] = byte(n), byte(n>>8)
		return
	}
	data[i] = byte(n)
}

// image returns the picture of planes that follow each other. Chroma is interpolated linearly.
func (p *planes) image(data []byte) *imageio.Image {
	im := imageio.New(p.w, p.h)
	if p.Depth > 8 {
		im.Depth = 16
	}
	cb, cr := p.row[0], p.row[1]
	base := p.w * p.h
	for y := range p.h {
		if p.cw > 0 {
			p.enlarge(cb, data, base, p.down[y])
			p.enlarge(cr, data, base+p.cw*p.ch, p.down[y])
		}
		for x := range p.w {
			light := (p.sampleAt(data, y*p.w+x) - p.yOff) / p.yScale
			to := im.Pix[3*(y*p.w+x):][:3]
			for c := range to {
				to[c] = clip(light + p.rgb[c][0]*cb[x] + p.rgb[c][1]*cr[x])
			}
		}
	}
	return im
}

// enlarge writes a row of chroma, as numbers around 0, of the plane that begins at a sample.
func (p *planes) enlarge(dst []float32, data []byte, base int, down tap) {
	top, bottom := base+down.a*p.cw, base+down.b*p.cw
	at := func(i int) float32 {
		v := p.sampleAt(data, top+i)
		if down.t != 0 {
			v += down.t * (p.sampleAt(data, bottom+i) - v)
		}
		return v
	}
	last, value := [2]int{-1, -1}, [2]float32{}
	for x, t := range p.across {
		if between := [2]int{t.a, t.b}; between != last {
			value[0], value[1] = at(t.a), at(t.b)
			last = between
		}
		v := value[0]
		if t.t != 0 {
			v += t.t * (value[1] - v)
		}
		dst[x] = (v - p.cMid) / p.cScale
	}
}

// fill writes the planes of a picture to data. Clear parts become white.
func (p *planes) fill(data []byte, im *imageio.Image) {
	var chroma [2][]float32
	if p.cw > 0 {
		chroma[0], chroma[1] = make([]float32, p.cw*p.h), make([]float32, p.cw*p.h)
	}
	for y := range p.h {
		for x := range p.w {
			i := y*p.w + x
			c := onWhite(im, i)
			light := p.luma[0]*c[0] + p.luma[1]*c[1] + p.luma[2]*c[2]
			p.put(data, i, p.yOff+p.yScale*light)
			p.row[0][x], p.row[1][x] = (c[2]-light)/p.cb, (c[0]-light)/p.cr
		}
		for k, plane := range chroma {
			for x, t := range p.toAcross[:min(p.cw, len(p.toAcross))] {
				sum := float32(0)
				for j, at := range t.at {
					sum += t.weight[j] * p.row[k][at]
				}
				plane[y*p.cw+x] = sum
			}
		}
	}
	at := p.w * p.h
	for _, plane := range chroma {
		for _, t := range p.toDown[:min(p.ch, len(p.toDown))] {
			for x := range p.cw {
				sum := float32(0)
				for j, row := range t.at {
					sum += t.weight[j] * plane[row*p.cw+x]
				}
				p.put(data, at, p.cMid+p.cScale*sum)
				at++
			}
		}
	}
}

// onWhite returns the colour of pixel i, within 0..1.
func onWhite(im *imageio.Image, i int) (c [3]float32) {
	p := im.Pix[3*i:][:3]
	c = [3]float32{clip(p[0]), clip(p[1]), clip(p[2])}
	if im.Alpha != nil {
		a := clip(im.Alpha[i])
		for k := range c {
			c[k] = a*c[k] + 1 - a
		}
	}
	return c
}

// clip limits v to 0..1; NaN becomes 0.
func clip(v float32) float32 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}

// tap is where between samples a and b of chroma a pixel lies, from 0 to 1.
type tap struct {
	a, b int
	t    float32
}

// taps are the weights of pixels in a sample of chroma.
type taps struct {
	at     []int
	weight []float32
}

// newTaps returns how n pixels in a row are made of chroma of which r share a sample, which lies on the
// first of them or else in their middle, and the other way round. Pixels are interpolated linearly. Samples
// are sums with the weights that undo that (the dual filters of linear splines: Cohen, Daubechies and
// Feauveau, "Biorthogonal bases of compactly supported wavelets", 1992; 5/3 for samples on pixels, 3/1
// between them), so that chroma that is read and written again stays what it was.
func newTaps(n, r int, onFirst bool) (up []tap, down []taps) {
	m := (n + r - 1) / r
	offset := float64(r-1) / 2
	if onFirst {
		offset = 0
	}
	for i := range n {
		at := (float64(i) - offset) / float64(r)
		a := int(at)
		switch {
		case at < 0:
			up = append(up, tap{0, 0, 0})
		case a >= m-1:
			up = append(up, tap{m - 1, m - 1, 0})
		default:
			up = append(up, tap{a, a + 1, float32(at - float64(a))})
		}
	}
	for k := range m {
		down = append(down, samplesOf(k, n, r, onFirst))
	}
	return up, down
}

// samplesOf returns the weights of pixels in sample k.
func samplesOf(k, n, r int, onFirst bool) taps {
	weights, first := []float32{1}, 0
	mirror := func(i int) int { return i }
	switch {
	case r == 2 && onFirst:
		weights, first = []float32{-0.125, 0.25, 0.75, 0.25, -0.125}, -2
		mirror = func(i int) int { // about the middle of the outer pixels
			if i >= n {
				i = 2*(n-1) - i
			}
			return min(max(i, -i), n-1)
		}
	case r == 2:
		weights, first = []float32{-0.25, 0.75, 0.75, -0.25}, -1
		if k == n/2 && n > 1 { // it has one pixel instead of two, which is a quarter the sample before
			return taps{[]int{n - 1, n - 2}, []float32{1.5, -0.5}}
		}
		mirror = func(i int) int { // about the outer edge
			if i >= n {
				i = 2*n - 1 - i
			}
			return min(max(i, -1-i), n-1)
		}
	case r == 4: // the mean of what is nearest
		weights, first = []float32{0.125, 0.25, 0.25, 0.25, 0.125}, -2
		mirror = func(i int) int { return min(max(i, 0), n-1) }
	}
	var t taps
	for j, w := range weights {
		t.at = append(t.at, mirror(k*r+first+j))
		t.weight = append(t.weight, w)
	}
	return t
}
