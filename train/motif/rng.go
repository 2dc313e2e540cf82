package motif

import (
	"math"
	"math/rand/v2"

	"oneiro/internal/noise"
)

// rng is the random numbers of one picture.
type rng struct{ src *rand.Rand }

// newRNG returns the random numbers of a stream of a seed.
func newRNG(seed, stream uint64) *rng { return &rng{rand.New(rand.NewPCG(seed, stream))} }

// between returns a number in lo..hi.
func (r *rng) between(lo, hi float64) float64 { return lo + (hi-lo)*r.src.Float64() }

// whole returns a whole number in lo..hi, both included.
func (r *rng) whole(lo, hi int) int { return lo + r.src.IntN(hi-lo+1) }

// chance returns true with probability p.
func (r *rng) chance(p float64) bool { return r.src.Float64() < p }

// angle returns an angle in 0..2π.
func (r *rng) angle() float64 { return r.between(0, 2*math.Pi) }

// normal returns a normally distributed number, with mean 0 and standard deviation 1.
func (r *rng) normal() float64 { return r.src.NormFloat64() }

// noise returns a new field of noise.
func (r *rng) noise() noise.Field { return noise.Field(r.src.Uint32()) }
