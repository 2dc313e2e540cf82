package judge

import (
	"math"

	"oneiro/internal/imageio"
)

// edgeSide is the longer side, in pixels, of the pictures whose edges are compared: those of finer
// strokes are none of the content.
const edgeSide = 256

// edgesOf returns the structure tensor of a picture's lightness at each position, scaled so that it is as
// long as the gradient: how strong edges are there and which way they run, but not which side is lighter,
// which a style may change.
func edgesOf(im *imageio.Image, w, h int) ([]float64, error) {
	w, h = atMost(w, h, edgeSide)
	im, err := at(im, imageio.View{W: w, H: h})
	if err != nil {
		return nil, err
	}
	light := smooth(oklab(im)[0], w, h)
	n := w * h
	xx, xy, yy := make([]float64, n), make([]float64, n), make([]float64, n)
	for y := range h {
		for x := range w {
			gx := light[y*w+min(x+1, w-1)] - light[y*w+max(x-1, 0)]
			gy := light[min(y+1, h-1)*w+x] - light[max(y-1, 0)*w+x]
			i := y*w + x
			xx[i], xy[i], yy[i] = gx*gx, gx*gy, gy*gy
		}
	}
	for range 2 {
		xx, xy, yy = smooth(xx, w, h), smooth(xy, w, h), smooth(yy, w, h)
	}
	out := make([]float64, 3*n)
	for i := range n {
		if size := xx[i] + yy[i]; size > 0 {
			root := math.Sqrt(size)
			out[i], out[n+i], out[2*n+i] = (xx[i]+yy[i])/root, (xx[i]-yy[i])/root, 2*xy[i]/root
		}
	}
	return out, nil
}

// smooth filters a plane with 1 2 1 both ways; beyond its edges it continues as it ends there.
func smooth(a []float64, w, h int) []float64 {
	across, out := make([]float64, len(a)), make([]float64, len(a))
	for y := range h {
		row := a[y*w:][:w]
		for x := range w {
			across[y*w+x] = (row[max(x-1, 0)] + 2*row[x] + row[min(x+1, w-1)]) / 4
		}
	}
	for y := range h {
		up, down := max(y-1, 0)*w, min(y+1, h-1)*w
		for x := range w {
			out[y*w+x] = (across[up+x] + 2*across[y*w+x] + across[down+x]) / 4
		}
	}
	return out
}
