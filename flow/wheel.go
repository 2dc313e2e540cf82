package flow

import "math"

// wheel is the colour wheel of the Middlebury benchmark (Baker and others, "A Database and Evaluation
// Methodology for Optical Flow", IJCV 2011): how many colours there are from each corner of the RGB cube to
// the next, chosen so that neighbours look about equally different.
var wheel = func() (colours [][3]float64) {
	corners := []struct {
		rgb   [3]float64
		steps int
	}{
		{[3]float64{1, 0, 0}, 15}, // red
		{[3]float64{1, 1, 0}, 6},  // yellow
		{[3]float64{0, 1, 0}, 4},  // green
		{[3]float64{0, 1, 1}, 11}, // cyan
		{[3]float64{0, 0, 1}, 13}, // blue
		{[3]float64{1, 0, 1}, 6},  // magenta
	}
	for k, from := range corners {
		to := corners[(k+1)%len(corners)].rgb
		for i := range from.steps {
			var c [3]float64
			for j := range c {
				c[j] = from.rgb[j] + (to[j]-from.rgb[j])*float64(i)/float64(from.steps)
			}
			colours = append(colours, c)
		}
	}
	return colours
}()

// Colours sets dst to a picture of a flow, H x W x 3: the hue is the direction, red to the right, yellow down,
// light blue to the left and violet up, and the paler the slower. Flows as long as largest, in pixels, have
// full colour, longer ones are darker, and pixels whose flow is not known are black.
func Colours(dst []float32, f *Field, largest float32) {
	f.check("Colours")
	n := float64(len(wheel))
	for i := range f.U {
		var c [3]float64
		if f.Known(i) {
			u, v := float64(f.U[i]), float64(f.V[i])
			length := math.Hypot(u, v) / math.Max(float64(largest), 1e-6)
			at := math.Mod(math.Atan2(v, u)/(2*math.Pi)+1, 1) * n
			k := min(int(at), len(wheel)-1)
			from, to := wheel[k], wheel[(k+1)%len(wheel)]
			for j := range c {
				c[j] = from[j] + (to[j]-from[j])*(at-float64(k))
				if length <= 1+1e-5 { // as long as largest, but for rounding
					c[j] = 1 - min(length, 1)*(1-c[j])
				} else {
					c[j] *= 0.75
				}
			}
		}
		for j, v := range c {
			dst[3*i+j] = float32(v)
		}
	}
}
