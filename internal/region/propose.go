package region

import (
	"math"

	"oneiro/internal/imageio"
)

// palette colours of proposals: each has a name of its own and is far from the others.
var proposed = [][3]uint8{
	{255, 0, 0}, {0, 180, 0}, {0, 0, 255}, {255, 255, 0}, {0, 255, 255}, {255, 0, 255}, {255, 128, 0}, {128, 0, 128},
	{255, 255, 255}, {0, 0, 0}, {128, 128, 128}, {140, 70, 20},
}

// MaxProposed is the largest number of regions that Propose finds.
const MaxProposed = 12

// proposalSide is the longer side at which pictures are looked at.
const proposalSide = 512

// Propose returns a picture of regions for a photograph, w x h pixels, which people may change: at most count
// regions, each in a colour that is as like its own as the few are. Superpixels (Achanta et al., "SLIC
// Superpixels Compared to State-of-the-Art Superpixel Methods", 2012, section IV, in OkLab) are merged where
// they touch, then those of like colours and places anywhere, each time the two by whose merging the squared
// errors grow least (Ward 1963).
func Propose(photo *imageio.Image, count, w, h int) *imageio.Image {
	sw, sh := photo.W, photo.H
	if max(sw, sh) > proposalSide {
		sw, sh = imageio.FitSize(sw, sh, proposalSide)
	}
	small := imageio.Resize(photo.OnWhite(), sw, sh, imageio.Bilinear)
	p := &proposal{w: sw, h: sh, pixels: make([]lab, sw*sh)}
	for i := range p.pixels {
		p.pixels[i] = toOkLab(bytesOf(small.Pix[3*i:]))
		p.pixels[i][0] *= lightness
	}
	p.superpixels()
	groups := p.merge(4*count, true)
	p.relabel(groups)
	groups = p.merge(count, false)
	p.relabel(groups)
	p.smooth()
	return p.draw(w, h)
}

func bytesOf(p []float32) (c [3]uint8) {
	for i := range c {
		c[i] = uint8(min(max(p[i], 0), 1)*255 + 0.5)
	}
	return c
}

// lightness is how much a difference in lightness counts beside one in colour: less, for shadows are no
// regions.
const lightness = 0.5

// proposal is a photograph that is being divided.
type proposal struct {
	w, h   int
	pixels []lab
	labels []int
	count  int // of labels
}

const (
	superpixels = 600  // about as many
	compact     = 0.12 // how far colours in OkLab may differ for a distance of a superpixel
	rounds      = 6
)

// centre is the mean of a superpixel.
type centre struct {
	colour lab
	x, y   float64
	n      float64
}

// superpixels divides the picture into about as many parts of like colour.
func (p *proposal) superpixels() {
	step := math.Sqrt(float64(p.w*p.h) / superpixels)
	step = max(step, 2)
	nx, ny := max(int(float64(p.w)/step), 1), max(int(float64(p.h)/step), 1)
	centres := make([]centre, nx*ny)
	for i := range centres {
		x := (float64(i%nx) + 0.5) * float64(p.w) / float64(nx)
		y := (float64(i/nx) + 0.5) * float64(p.h) / float64(ny)
		centres[i] = centre{colour: p.pixels[int(y)*p.w+int(x)], x: x, y: y}
	}
	p.labels, p.count = make([]int, len(p.pixels)), len(centres)
	weight := compact * compact / (step * step)
	least := make([]float64, len(p.pixels))
	for range rounds {
		for i := range least {
			least[i] = math.Inf(1)
		}
		for k, c := range centres {
			for y := max(int(c.y-step), 0); y < min(int(c.y+step)+1, p.h); y++ {
				for x := max(int(c.x-step), 0); x < min(int(c.x+step)+1, p.w); x++ {
					i := y*p.w + x
					dx, dy := float64(x)-c.x, float64(y)-c.y
					if d := p.pixels[i].squared(c.colour) + weight*(dx*dx+dy*dy); d < least[i] {
						least[i], p.labels[i] = d, k
					}
				}
			}
		}
		p.centres(centres)
	}
}

// centres sets the means of the labels.
func (p *proposal) centres(all []centre) {
	old := append([]centre{}, all...)
	clear(all)
	for i, k := range p.labels {
		c := &all[k]
		for j, v := range p.pixels[i] {
			c.colour[j] += v
		}
		c.x, c.y, c.n = c.x+float64(i%p.w), c.y+float64(i/p.w), c.n+1
	}
	for k := range all {
		c := &all[k]
		if c.n == 0 {
			*c = old[k]
			c.n = 0
			continue
		}
		for j := range c.colour {
			c.colour[j] /= c.n
		}
		c.x, c.y = c.x/c.n, c.y/c.n
	}
}

// placeWeight is how much places count beside colours where parts that do not touch are merged: the height of
// the picture is like so much of OkLab.
const placeWeight = 0.12

// merge joins labels until there are count, and returns which each has become. If touching is set, only those
// that touch are joined.
func (p *proposal) merge(count int, touching bool) []int {
	n := p.count
	all := make([]centre, n)
	p.centres(all)
	to, alive := make([]int, n), 0
	for k := range to {
		if to[k] = k; all[k].n > 0 {
			alive++
		}
	}
	touch := make([]bool, n*n)
	for i, k := range p.labels {
		for _, j := range []int{i + 1, i + p.w} {
			if j < len(p.labels) && (j != i+1 || j%p.w > 0) && p.labels[j] != k {
				touch[k*n+p.labels[j]], touch[p.labels[j]*n+k] = true, true
			}
		}
	}
	cost := func(a, b int) float64 {
		x, y := &all[a], &all[b]
		d := x.colour.squared(y.colour)
		if !touching {
			dx, dy := (x.x-y.x)/float64(p.h), (x.y-y.y)/float64(p.h)
			d += placeWeight * placeWeight * (dy*dy + dx*dx/4)
		}
		return d * x.n * y.n / (x.n + y.n)
	}
	for ; alive > count; alive-- {
		a, b, least := -1, -1, math.Inf(1)
		for i := range n {
			if all[i].n == 0 {
				continue
			}
			for j := i + 1; j < n; j++ {
				if all[j].n == 0 || touching && !touch[i*n+j] {
					continue
				}
				if c := cost(i, j); c < least {
					a, b, least = i, j, c
				}
			}
		}
		if a < 0 {
			break
		}
		x, y := &all[a], &all[b]
		sum := x.n + y.n
		for j := range x.colour {
			x.colour[j] = (x.colour[j]*x.n + y.colour[j]*y.n) / sum
		}
		x.x, x.y, x.n = (x.x*x.n+y.x*y.n)/sum, (x.y*x.n+y.y*y.n)/sum, sum
		y.n = 0
		for j := range n {
			if touch[b*n+j] && j != a {
				touch[a*n+j], touch[j*n+a] = true, true
			}
		}
		for k := range to {
			if to[k] == b {
				to[k] = a
			}
		}
	}
	return to
}

// relabel gives pixels the labels that theirs have become, numbered anew.
func (p *proposal) relabel(to []int) {
	number := map[int]int{}
	for i, k := range p.labels {
		k = to[k]
		if _, is := number[k]; !is {
			number[k] = len(number)
		}
		p.labels[i] = number[k]
	}
	p.count = len(number)
}

// smoothing is the width of what labels are averaged over, as a part of the longer side.
const smoothing = 0.02

// smooth gives each pixel the label that most of those around have: edges become smooth, and specks go.
func (p *proposal) smooth() {
	width := smoothing * float64(max(p.w, p.h))
	best := make([]float32, len(p.labels))
	next := make([]int, len(p.labels))
	plane := make([]float32, len(p.labels))
	for k := range p.count {
		for i, l := range p.labels {
			plane[i] = 0
			if l == k {
				plane[i] = 1
			}
		}
		for i, v := range Blur(plane, p.w, p.h, [2]float64{width, width}) {
			if v > best[i] {
				best[i], next[i] = v, k
			}
		}
	}
	p.labels = next
}

// draw returns the picture of the labels.
func (p *proposal) draw(w, h int) *imageio.Image {
	all := make([]centre, p.count)
	p.centres(all)
	colours := choose(all)
	out := imageio.New(w, h)
	best := make([]float32, w*h)
	plane := make([]float32, len(p.labels))
	for k := range p.count {
		for i, l := range p.labels {
			plane[i] = 0
			if l == k {
				plane[i] = 1
			}
		}
		for i, v := range imageio.Resample(plane, p.w, p.h, 1, w, h, imageio.Bilinear) {
			if v > best[i] {
				best[i] = v
				for c := range 3 {
					out.Pix[3*i+c] = float32(colours[k][c]) / 255
				}
			}
		}
	}
	return out
}

// choose chooses a colour for each region, the largest first: of those that are left the one that is nearest to
// its own, which is made more colourful.
func choose(all []centre) [][3]uint8 {
	out := make([][3]uint8, len(all))
	done, taken := make([]bool, len(all)), make([]bool, len(proposed))
	for range all {
		k := -1
		for i := range all {
			if !done[i] && (k < 0 || all[i].n > all[k].n) {
				k = i
			}
		}
		own := all[k].colour
		own[0], own[1], own[2] = own[0]/lightness, 3*own[1], 3*own[2]
		best, least := -1, math.Inf(1)
		for i, c := range proposed {
			if d := own.squared(toOkLab(c)); !taken[i] && d < least {
				best, least = i, d
			}
		}
		done[k], taken[best], out[k] = true, true, proposed[best]
	}
	return out
}
