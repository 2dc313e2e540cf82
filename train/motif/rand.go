package motif

import (
	"math"
	"math/rand/v2"

	"oneiro/internal/noise"
)

// Rand draws the parameters of pictures.
type Rand struct{ src *rand.Rand }

// NewRand returns a source that depends on seed and stream alone.
func NewRand(seed, stream uint64) *Rand { return &Rand{rand.New(rand.NewPCG(seed, stream))} }

// Between returns a number in lo..hi.
func (r *Rand) Between(lo, hi float64) float64 { return lo + (hi-lo)*r.src.Float64() }

// Int returns a whole number in lo..hi, both included.
func (r *Rand) Int(lo, hi int) int { return lo + r.src.IntN(hi-lo+1) }

// Chance is true with probability p.
func (r *Rand) Chance(p float64) bool { return r.src.Float64() < p }

// Angle returns an angle in 0..2π.
func (r *Rand) Angle() float64 { return r.Between(0, 2*math.Pi) }

// Normal returns a number of the standard normal distribution.
func (r *Rand) Normal() float64 { return r.src.NormFloat64() }

// Noise returns a field of noise of its own.
func (r *Rand) Noise() noise.Field { return noise.Field(r.src.Uint32()) }
