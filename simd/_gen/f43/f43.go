// Package f43 holds the numbers of Winograd convolution F(4x4, 3x3) as package simd defines it.
package f43

// Constants by name. A and B are the points of interpolation, 0, ±A, ±B and infinity.
const (
	A       = 5.0 / 8
	B       = 3.0 / 2
	A2      = A * A
	B2      = B * B
	A3      = A2 * A
	B3      = B2 * B
	Sum     = A2 + B2
	Product = A2 * B2

	// Of the filters: NormA and NormB divide the rows of the points, Inverse that of point 0.
	NormA   = 1 / (2 * A2 * (A2 - B2))
	NormB   = 1 / (2 * B2 * (B2 - A2))
	OddA    = NormA * A
	OddB    = NormB * B
	Inverse = 1 / Product
)
