package imageio

// resampler resamples a picture row by row: it holds no more rows than a row of the result is made of.
type resampler struct {
	across, down []tap // of the result's columns and rows
	w, c         int   // pixels in a row of the source, values in a pixel
	downFirst    bool  // columns are filtered first, which they are if rows and columns are to be swapped
}

// run reads the rows of the source in order, and passes on those of the result in order. What next returns
// and emit gets is valid until the next call. The error is that of next.
func (r *resampler) run(next func(y int) ([]float32, error), emit func(y int, line []float32)) error {
	most := 0
	for _, t := range r.down {
		most = max(most, len(t.weights))
	}
	width := len(r.across) * r.c // of the rows in the ring
	if r.downFirst {
		width = r.w * r.c
	}
	ring := make([]float32, most*width)
	at := func(y int) []float32 { return ring[y%most*width:][:width] }
	sums := make([]float64, width)
	line, result := make([]float32, width), make([]float32, len(r.across)*r.c)
	for y, done := 0, 0; done < len(r.down); y++ {
		row, err := next(y)
		if err != nil {
			return err
		}
		switch {
		case y < r.down[done].low():
			continue
		case r.downFirst:
			copy(at(y), row)
		default:
			filterRow(at(y), row, r.across, r.c)
		}
		for ; done < len(r.down) && r.down[done].high() <= y; done++ {
			t := r.down[done]
			if t.copies() {
				copy(line, at(t.first))
			} else {
				filterColumns(line, sums, at, t)
			}
			if !r.downFirst {
				emit(done, line)
				continue
			}
			filterRow(result, line, r.across, r.c)
			emit(done, result)
		}
	}
	return nil
}

// filterColumns computes a row of the values that a tap makes of rows.
func filterColumns(dst []float32, sums []float64, rows func(int) []float32, t tap) {
	clear(sums)
	for k, weight := range t.weights {
		for j, v := range rows(t.first + t.step*k) {
			sums[j] += weight * float64(v)
		}
	}
	for j, v := range sums {
		dst[j] = float32(v)
	}
}

// filterRow computes a row of pixels of c values from another.
func filterRow(dst, src []float32, taps []tap, c int) {
	for i, t := range taps {
		to := dst[i*c:][:c]
		if t.copies() {
			copy(to, src[t.first*c:])
			continue
		}
		if c == 3 {
			var r, g, b float64
			at, step := t.first*3, t.step*3
			for _, weight := range t.weights {
				v := src[at:][:3]
				r += weight * float64(v[0])
				g += weight * float64(v[1])
				b += weight * float64(v[2])
				at += step
			}
			to[0], to[1], to[2] = float32(r), float32(g), float32(b)
			continue
		}
		for j := range to {
			var sum float64
			for k, weight := range t.weights {
				sum += weight * float64(src[(t.first+t.step*k)*c+j])
			}
			to[j] = float32(sum)
		}
	}
}
