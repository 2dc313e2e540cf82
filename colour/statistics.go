package colour

// Sums are sums over pixels from which mean and covariance follow. They are added in float64, pixel by pixel,
// in the order in which rows come.
type Sums struct {
	weight float64
	first  [3]float64
	second [6]float64 // xx, xy, xz, yy, yz, zz
}

// Add adds a row of pixels of three values. weights has one for each pixel, such as its opacity; nil is for 1.
func (s *Sums) Add(row, weights []float32) {
	for i := range len(row) / 3 {
		w := 1.0
		if weights != nil {
			w = float64(weights[i])
		}
		x, y, z := float64(row[3*i]), float64(row[3*i+1]), float64(row[3*i+2])
		s.weight += w
		s.first[0] += w * x
		s.first[1] += w * y
		s.first[2] += w * z
		s.second[0] += w * x * x
		s.second[1] += w * x * y
		s.second[2] += w * x * z
		s.second[3] += w * y * y
		s.second[4] += w * y * z
		s.second[5] += w * z * z
	}
}

// Matrix is a matrix of 3 x 3 numbers, row by row.
type Matrix [3][3]float64

// Statistics are mean and covariance of colours.
type Statistics struct {
	Mean       [3]float64
	Covariance Matrix
}

// Statistics returns those of what was added: zero if that was nothing.
func (s *Sums) Statistics() Statistics {
	var out Statistics
	if s.weight == 0 {
		return out
	}
	for i := range 3 {
		out.Mean[i] = s.first[i] / s.weight
	}
	at := 0
	for i := range 3 {
		for k := i; k < 3; k++ {
			c := s.second[at]/s.weight - out.Mean[i]*out.Mean[k]
			out.Covariance[i][k], out.Covariance[k][i] = c, c
			at++
		}
	}
	return out
}

// Of returns the statistics of a picture of w pixels a row.
func Of(pix, weights []float32, w int) Statistics {
	var s Sums
	for at := 0; at < len(pix)/3; at += w {
		if weights == nil {
			s.Add(pix[3*at:3*(at+w)], nil)
		} else {
			s.Add(pix[3*at:3*(at+w)], weights[at:at+w])
		}
	}
	return s.Statistics()
}
