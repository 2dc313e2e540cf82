package render

import (
	"math"

	"oneiro/colour"
)

// camera is a movement of a picture about its middle: a point p goes to (a -b; b a) p + (x, y), in pixels.
type camera struct{ a, b, x, y float64 }

// then returns the movement that does c and then d.
func (c camera) then(d camera) camera {
	return camera{
		d.a*c.a - d.b*c.b, d.b*c.a + d.a*c.b,
		d.a*c.x - d.b*c.y + d.x, d.b*c.x + d.a*c.y + d.y,
	}
}

// inverse returns the movement back.
func (c camera) inverse() camera {
	n := c.a*c.a + c.b*c.b
	a, b := c.a/n, -c.b/n
	return camera{a, b, -(a*c.x - b*c.y), -(b*c.x + a*c.y)}
}

// lanczosLobes is the radius of the filter, in pixels, and lanczosSteps how finely it is tabulated.
const (
	lanczosLobes = 3
	lanczosSteps = 1024
)

// lanczosTable has the filter from 0 to lanczosLobes.
var lanczosTable = func() []float32 {
	t := make([]float32, lanczosLobes*lanczosSteps+1)
	for i := range t {
		x := math.Pi * float64(i) / lanczosSteps
		if t[i] = 1; i > 0 {
			t[i] = float32(lanczosLobes * math.Sin(x) * math.Sin(x/lanczosLobes) / (x * x))
		}
	}
	t[len(t)-1] = 0
	return t
}()

// insideEdge is the part of the shorter side over which inside falls off.
const insideEdge = 0.06

// warp sets dst to src, moved: resampled by Lanczos' filter of three lobes, wider where the picture
// shrinks, in linear light. What lies outside of src is mirrored. inside, unless it is nil, gets for each
// pixel how far it lies inside of src, from 0 at the edge to 1.
func (c camera) warp(dst, src []float32, size Size, inside []float32) {
	w, h := size.W, size.H
	light := make([]float32, len(src))
	for i, v := range src {
		light[i] = colour.FastLinear(v)
	}
	back := c.inverse()
	stretch := max(math.Hypot(back.a, back.b), 1)
	taps := 2*int(math.Ceil(lanczosLobes*stretch)) + 1
	across, down := make([]float32, taps), make([]float32, taps)
	columns := make([]int, taps)
	middleX, middleY := float64(w-1)/2, float64(h-1)/2
	edge := insideEdge * float64(min(w, h))
	for y := range h {
		for x := range w {
			px, py := float64(x)-middleX, float64(y)-middleY
			atX, atY := back.a*px-back.b*py+back.x+middleX, back.b*px+back.a*py+back.y+middleY
			left, top := lanczosTaps(across, atX, stretch), lanczosTaps(down, atY, stretch)
			for i := range columns {
				columns[i] = 3 * mirrored(left+i, w)
			}
			var r, g, b float32
			for j, v := range down {
				if v == 0 {
					continue
				}
				row := light[3*w*mirrored(top+j, h):][:3*w]
				var rr, gg, bb float32
				for i, u := range across {
					p := row[columns[i]:][:3]
					rr, gg, bb = rr+u*p[0], gg+u*p[1], bb+u*p[2]
				}
				r, g, b = r+v*rr, g+v*gg, b+v*bb
			}
			i := y*w + x
			for k, v := range [3]float32{r, g, b} {
				dst[3*i+k] = colour.FastEncoded(min(max(v, 0), 1))
			}
			if inside != nil {
				from := min(atX+0.5, float64(w)-0.5-atX, atY+0.5, float64(h)-0.5-atY)
				inside[i] = float32(smooth(from / edge))
			}
		}
	}
}

// lanczosTaps sets the weights of the filter at a place, which sum to 1, and returns the number of the
// pixel that the first is for.
func lanczosTaps(weights []float32, at, stretch float64) (first int) {
	first = int(math.Floor(at)) - len(weights)/2 + 1
	var sum float32
	for i := range weights {
		d := int(math.Abs(float64(first+i)-at)/stretch*lanczosSteps + 0.5)
		weights[i] = 0
		if d < len(lanczosTable) {
			weights[i] = lanczosTable[d]
		}
		sum += weights[i]
	}
	for i := range weights {
		weights[i] /= sum
	}
	return first
}

// mirrored returns the pixel of n that stands for one outside.
func mirrored(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	if i >= n {
		return 2*n - 1 - i
	}
	return i
}
