package judge

import (
	"image"
	"math"
	"math/cmplx"
	"sort"

	"gonum.org/v1/gonum/dsp/fourier"

	"oneiro/internal/imageio"
)

// closeSide is the longer side, in pixels, of the part of a picture that is looked at pixel by pixel.
const closeSide = 1024

// middleOf returns the middle of a picture of w x h pixels, in its own pixels.
func middleOf(w, h int) imageio.View {
	cw, ch := min(w, closeSide), min(h, closeSide)
	x, y := (w-cw)/2, (h-ch)/2
	return imageio.View{W: w, H: h, Crop: image.Rect(x, y, x+cw, y+ch)}
}

// window is the side of the squares whose spectra are averaged: a multiple of the strides.
const window = 64

// strides are those of the layers of known networks.
var strides = []int{2, 4, 8, 16}

// grainOf returns how far the power spectrum stands out at the frequencies of the strides of a network,
// in dB: for each stride the mean ratio of the power at its multiples to that around them, and the
// largest of those. It is near 0 for a picture without grids, and NaN for one smaller than a window.
func grainOf(im *imageio.Image) float64 {
	power := spectrum(oklab(im)[0], im.W, im.H)
	if power == nil {
		return math.NaN()
	}
	worst := math.Inf(-1)
	for _, stride := range strides {
		step := window / stride
		var sum float64
		var n int
		for v := 0; v < window; v += step {
			for u := 0; u < window; u += step {
				if u/step%2 == 0 && v/step%2 == 0 { // of half the stride, or the mean
					continue
				}
				sum += power[v*window+u] / around(power, u, v)
				n++
			}
		}
		worst = math.Max(worst, 10*math.Log10(sum/float64(n)))
	}
	return worst
}

// around returns the geometric mean of the power at a distance of two frequencies, which the window does
// not blur into one another.
func around(power []float64, u, v int) float64 {
	var sum float64
	var n int
	for dv := -2; dv <= 2; dv++ {
		for du := -2; du <= 2; du++ {
			if max(du, -du, dv, -dv) == 2 {
				sum += math.Log(power[(v+dv+window)%window*window+(u+du+window)%window])
				n++
			}
		}
	}
	return math.Exp(sum / float64(n))
}

// spectrum returns the mean power spectrum of squares that overlap by half (Welch 1967), window x window,
// or nil if the plane is smaller than one.
func spectrum(a []float64, w, h int) []float64 {
	if w < window || h < window {
		return nil
	}
	taper := make([]float64, window)
	for i := range taper {
		taper[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/window)
	}
	var squares int
	power := make([]float64, window*window)
	fft := fourier.NewCmplxFFT(window)
	square, column := make([]complex128, window*window), make([]complex128, window)
	for top := 0; top+window <= h; top += window / 2 {
		for left := 0; left+window <= w; left += window / 2 {
			squares++
			var mean float64
			for y := range window {
				for _, v := range a[(top+y)*w+left:][:window] {
					mean += v / (window * window)
				}
			}
			for y := range window {
				row := square[y*window:][:window]
				for x := range row {
					row[x] = complex((a[(top+y)*w+left+x]-mean)*taper[x]*taper[y], 0)
				}
				fft.Coefficients(row, row)
			}
			for x := range window {
				for y := range column {
					column[y] = square[y*window+x]
				}
				fft.Coefficients(column, column)
				for y, c := range column {
					size := cmplx.Abs(c)
					power[y*window+x] += size * size
				}
			}
		}
	}
	// Noise of one level in 8 bits hides what nobody can see, and what a file loses.
	const level = 1.0 / 255
	var energy float64
	for _, v := range taper {
		energy += v * v
	}
	for i := range power {
		power[i] += float64(squares) * level * level * energy * energy
	}
	return power
}

// dotsOf returns the finest detail of a picture in the quarter of it where the other is flattest: the
// root mean square of what is left of its lightness when neighbours are averaged, in units of 1/255 of
// white. The pictures are equally large, and may be the same.
func dotsOf(im, flat *imageio.Image) float64 {
	const side = 8
	light, ground := oklab(im)[0], oklab(flat)[0]
	w, h := im.W, im.H
	blurred, level := smooth(light, w, h), smooth(ground, w, h)
	type cell struct{ slope, fine float64 }
	var cells []cell
	for top := 0; top+side <= h; top += side {
		for left := 0; left+side <= w; left += side {
			var c cell
			low, high := math.Inf(1), math.Inf(-1)
			for y := top; y < top+side; y++ {
				for x := left; x < left+side; x++ {
					i := y*w + x
					low, high = math.Min(low, level[i]), math.Max(high, level[i])
					d := light[i] - blurred[i]
					c.fine += d * d / (side * side)
				}
			}
			c.slope = high - low
			cells = append(cells, c)
		}
	}
	if len(cells) == 0 {
		return math.NaN()
	}
	sort.SliceStable(cells, func(i, k int) bool { return cells[i].slope < cells[k].slope })
	cells = cells[:(len(cells)+3)/4]
	var sum float64
	for _, c := range cells {
		sum += c.fine
	}
	return 255 * math.Sqrt(sum/float64(len(cells)))
}
