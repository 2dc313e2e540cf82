package render

import (
	"math"

	"oneiro/autodiff/optim"
)

// Shaping is what is done to the gradient of the pixels before the optimiser has it, in the order of the
// fields. The zero value leaves it as it is.
type Shaping struct {
	// Gray moves the three colours of a pixel alike.
	Gray bool
	// Blur is the standard deviation, in pixels, by which the gradient's blur grows over the steps of a size.
	Blur float64
	// Bands is in how many bands of frequencies the gradient is split, each of which is divided by its magnitude.
	Bands int
}

func (s Shaping) grid(size Size) optim.Grid { return optim.Grid{H: size.H, W: size.W, C: 3} }

// bytes returns the memory that it takes at a size.
func (s Shaping) bytes(size Size) int64 {
	n := optim.BandsLen(s.grid(size), s.Bands)
	if s.Blur > 0 {
		n += blurVectors * s.grid(size).Len()
	}
	return 4 * int64(n)
}

// shaper shapes the gradients of a stage.
type shaper struct {
	Shaping
	size   Size
	on     optim.Backend // that gradients lie in
	room   room
	bands  *optim.Bands
	blurs  []float32 // blurVectors vectors
	part   float64   // of the steps of the stage, at the end of the next one
	kernel []float32
}

// shaper returns the shaper of a stage, nil for none.
func (s Shaping) shaper(size Size, on optim.Backend, r room) *shaper {
	if s == (Shaping{}) {
		return nil
	}
	sh := &shaper{Shaping: s, size: size, on: on, room: r}
	n := optim.BandsLen(s.grid(size), s.Bands)
	vector := func(n int) []float32 { return make([]float32, n) }
	if _, remote := on.(optim.DeviceBackend); remote {
		vector = on.Vector
	}
	if s.Bands > 0 {
		sh.bands = optim.NewBands(s.grid(size), s.Bands, on, vector(n))
	}
	if s.Blur > 0 {
		sh.blurs = make([]float32, blurVectors*s.grid(size).Len())
	}
	return sh
}

// before says which step comes next: step i of so many.
func (s *shaper) before(i, steps int) {
	if s != nil {
		s.part = float64(i+1) / float64(steps)
	}
}

// shape shapes a gradient.
func (s *shaper) shape(grad []float32) error {
	if s == nil {
		return nil
	}
	if s.Gray || s.Blur > 0 { // which the process does itself
		if err := s.on.Err(); err != nil {
			return err
		}
	}
	if s.Gray {
		s.gray(grad)
	}
	if s.Blur > 0 {
		s.blur(grad)
	}
	if s.bands != nil {
		s.bands.Equalise(grad)
	}
	return nil
}

func (s *shaper) gray(grad []float32) {
	line := 3 * s.size.W
	for ; len(grad) > 0; grad = grad[line:] {
		row := grad[:line]
		for i := 0; i < line; i += 3 {
			mean := (row[i] + row[i+1] + row[i+2]) / 3
			row[i], row[i+1], row[i+2] = mean, mean, mean
		}
		s.room.release(row)
	}
}

// blurScales are the standard deviations of the Gaussians whose mean a gradient is blurred by, in units of the
// middle one, and blurLeast is the middle one of the first step, in pixels: those of the program
// pytorch-deepdream, which blurs the more, the more steps were taken.
var blurScales = [3]float64{0.5, 1, 2}

const (
	blurLeast   = 0.5
	blurVectors = 2
)

// blur replaces a gradient by the mean of three that are blurred. What lies outside of the picture is as the
// pixel at its edge.
func (s *shaper) blur(grad []float32) {
	n := len(grad)
	across, sum := s.blurs[:n], s.blurs[n:]
	clear(sum)
	w, h := s.size.W, s.size.H
	for _, scale := range blurScales {
		k := s.gaussian(scale * (s.Blur*s.part + blurLeast))
		radius := len(k) / 2
		for y := range h {
			row, out := grad[3*w*y:][:3*w], across[3*w*y:][:3*w]
			for x := range w {
				var r, g, b float32
				for i, weight := range k {
					from := row[3*min(max(x+i-radius, 0), w-1):][:3]
					r, g, b = r+weight*from[0], g+weight*from[1], b+weight*from[2]
				}
				out[3*x], out[3*x+1], out[3*x+2] = r, g, b
			}
			s.room.release(row)
		}
		for y := range h {
			out := sum[3*w*y:][:3*w]
			for i, weight := range k {
				weight /= float32(len(blurScales))
				from := across[3*w*min(max(y+i-radius, 0), h-1):][:3*w]
				for j, v := range from {
					out[j] += weight * v
				}
			}
		}
	}
	s.room.copy(grad, sum)
}

// gaussian returns weights that sum to 1, up to three standard deviations. They are valid until the next call.
func (s *shaper) gaussian(deviation float64) []float32 {
	radius := int(math.Ceil(3 * deviation))
	s.kernel = s.kernel[:0]
	var total float64
	for i := -radius; i <= radius; i++ {
		w := math.Exp(-0.5 * float64(i*i) / (deviation * deviation))
		total += w
		s.kernel = append(s.kernel, float32(w))
	}
	for i := range s.kernel {
		s.kernel[i] = float32(float64(s.kernel[i]) / total)
	}
	return s.kernel
}
