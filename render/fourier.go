package render

import (
	"math"

	fft "gonum.org/v1/gonum/dsp/fourier"

	"oneiro/nn"
)

// fourier is the canvas of fourierImages.
type fourier struct{}

func (fourier) Range(*nn.Network) nn.ValueRange { return nn.UnitRange }
func (fourier) Len(s Stage) int                 { return s.Size.values() }
func (fourier) Maps(s Stage) []Map              { return []Map{newFourierImage(s.Size)} }

func (fourier) of(size Size, picture []float32) []float32 { return newFourierImage(size).of(picture) }

func (fourier) picture(size Size, x []float32) []float32 { return newFourierImage(size).Forward(x) }

// Bytes counts a weight for each frequency, three floats each for pixels and coefficients, and a gradient.
func (fourier) Bytes(s Stage) int64 { return (1 + 3*3) * 4 * int64(s.Size.W*s.Size.H) }

// fourierImage is a canvas held as frequencies in colours that vary by themselves (Olah et al. 2017,
// "Feature Visualization", appendix): a step of an optimiser then changes all of a picture at once,
// as much at each scale as photographs do, and noise does not pay. A frequency f has the weight 1/f,
// and the three colours are mixed as those of photographs are. What comes of it is brought to 0..1 by
// a logistic function, so that nothing has to be clamped.
//
// The transform is Hartley's, applied to columns and to rows: as many real numbers come out as went
// in, and it is its own inverse and its own adjoint. The picture continues at the opposite edge.
type fourierImage struct {
	size          Size
	weight        []float32 // of each frequency, h x w; the mean square is 1
	rows, columns *hartley
	pixels        []float32 // of the last picture
	mixed         []float32
}

// colourCorrelation is how much of red, green and blue there is in each of three uncorrelated colours:
// brightness, and two differences. It is the root of the covariance of ImageNet's colours, scaled, as
// in Olah et al.'s program lucid.
var colourCorrelation = [3][3]float32{
	{0.563, 0.195, 0.043},
	{0.585, 0.000, -0.108},
	{0.585, -0.195, 0.065},
}

func newFourierImage(size Size) *fourierImage {
	n := size.W * size.H
	s := &fourierImage{
		size: size, weight: make([]float32, n), rows: newHartley(size.W), columns: newHartley(size.H),
		pixels: make([]float32, 3*n), mixed: make([]float32, 3*n),
	}
	lowest := 1 / float64(max(size.W, size.H)) // stands in for that of the mean colour, which is 0
	var square float64
	for y := range size.H {
		for x := range size.W {
			w := 1 / max(math.Hypot(frequency(y, size.H), frequency(x, size.W)), lowest)
			s.weight[y*size.W+x] = float32(w)
			square += w * w
		}
	}
	scale := float32(math.Sqrt(float64(n) / square))
	for i := range s.weight {
		s.weight[i] *= scale
	}
	return s
}

// frequency returns how many waves per pixel coefficient k of n stands for.
func frequency(k, n int) float64 { return float64(min(k, n-k)) / float64(n) }

// Forward returns the picture that the coefficients x stand for.
func (s *fourierImage) Forward(x []float32) []float32 {
	for i, v := range x {
		s.mixed[i] = v * s.weight[i/3]
	}
	s.transform(s.mixed)
	for i := 0; i < len(x); i += 3 {
		for k, m := range colourCorrelation {
			v := m[0]*s.mixed[i] + m[1]*s.mixed[i+1] + m[2]*s.mixed[i+2]
			s.pixels[i+k] = float32(1 / (1 + math.Exp(-float64(v))))
		}
	}
	return s.pixels
}

// Backward turns a gradient with respect to the last picture into one with respect to its coefficients.
func (s *fourierImage) Backward(dPixels, dx []float32) {
	for i := 0; i < len(dx); i += 3 {
		var sum [3]float32
		for k, m := range colourCorrelation {
			p := s.pixels[i+k]
			d := dPixels[i+k] * p * (1 - p)
			for j := range sum {
				sum[j] += m[j] * d
			}
		}
		copy(dx[i:], sum[:])
	}
	s.transform(dx)
	for i := range dx {
		dx[i] *= s.weight[i/3]
	}
}

// of returns the coefficients of a picture, whose Forward is that picture but for rounding and for values
// that a logistic function comes near only: those are brought to edge..1-edge before.
func (s *fourierImage) of(picture []float32) []float32 {
	const edge = 0.01
	back := inverse3(colourCorrelation)
	x := make([]float32, len(picture))
	for i := 0; i < len(x); i += 3 {
		var v [3]float64
		for k := range v {
			p := min(max(float64(picture[i+k]), edge), 1-edge)
			v[k] = math.Log(p / (1 - p))
		}
		for k, m := range back {
			x[i+k] = float32(m[0]*v[0] + m[1]*v[1] + m[2]*v[2])
		}
	}
	s.transform(x)
	for i := range x {
		x[i] /= s.weight[i/3]
	}
	return x
}

// inverse3 returns the inverse of a matrix, by its adjugate.
func inverse3(m [3][3]float32) (inv [3][3]float64) {
	at := func(i, j int) float64 { return float64(m[i%3][j%3]) }
	minor := func(i, j int) float64 { return at(i+1, j+1)*at(i+2, j+2) - at(i+1, j+2)*at(i+2, j+1) }
	det := at(0, 0)*minor(0, 0) + at(0, 1)*minor(0, 1) + at(0, 2)*minor(0, 2)
	for i := range inv {
		for j := range inv {
			inv[i][j] = minor(j, i) / det
		}
	}
	return inv
}

// transform replaces h x w x 3 numbers by their coefficients, or coefficients by what they stand for.
func (s *fourierImage) transform(x []float32) {
	for k := range 3 {
		for y := range s.size.H {
			s.rows.transform(x[3*y*s.size.W+k:], 3)
		}
		for c := range s.size.W {
			s.columns.transform(x[3*c+k:], 3*s.size.W)
		}
	}
}

// hartley is the transform of n numbers: y[k] = Σ x[i]·(cos + sin)(2πik/n)/√n.
type hartley struct {
	fft   *fft.FFT
	line  []float64
	waves []complex128
	scale float64
}

func newHartley(n int) *hartley {
	return &hartley{fft.NewFFT(n), make([]float64, n), make([]complex128, n/2+1), 1 / math.Sqrt(float64(n))}
}

// transform works in place on n numbers, each step numbers after the one before.
func (h *hartley) transform(x []float32, step int) {
	n := len(h.line)
	for i := range h.line {
		h.line[i] = float64(x[i*step]) * h.scale
	}
	h.fft.Coefficients(h.waves, h.line)
	for k, c := range h.waves {
		x[k*step] = float32(real(c) - imag(c))
		if k > 0 {
			x[(n-k)*step] = float32(real(c) + imag(c))
		}
	}
}
