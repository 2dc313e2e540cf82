package neighbours

// Mean adds up vectors, and gives their mean.
type Mean struct {
	sums [][]float64
	rows int
}

// Add adds those vectors of a matrix that use says, in order; nil is for all. widths are those of its parts.
func (m *Mean) Add(x Matrix, widths []int, use []bool) {
	if m.sums == nil {
		for _, c := range widths {
			m.sums = append(m.sums, make([]float64, c))
		}
	}
	rows := len(x[0]) / widths[0]
	for k, c := range widths {
		sums := m.sums[k]
		for r := range rows {
			if use != nil && !use[r] {
				continue
			}
			for i, v := range x[k][r*c:][:c] {
				sums[i] += float64(v)
			}
		}
	}
	for r := range rows {
		if use == nil || use[r] {
			m.rows++
		}
	}
}

// Count returns how many vectors were added.
func (m *Mean) Count() int { return m.rows }

// Vector returns the mean, of at least one vector.
func (m *Mean) Vector() Matrix {
	v := make(Matrix, len(m.sums))
	for k, sums := range m.sums {
		v[k] = make([]float32, len(sums))
		for i, sum := range sums {
			v[k][i] = float32(sum / float64(m.rows))
		}
	}
	return v
}

// Centre subtracts the mean of those vectors of x that use says from each; nil is for all.
func Centre(x Matrix, widths []int, use []bool) {
	var m Mean
	m.Add(x, widths, use)
	centre := m.Vector()
	for k, c := range widths {
		for part := x[k]; len(part) > 0; part = part[c:] {
			for i, v := range centre[k] {
				part[i] -= v
			}
		}
	}
}
