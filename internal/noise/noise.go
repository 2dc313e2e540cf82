// Package noise has random functions of the plane, and the interpolation that they and procedural pictures
// need.
package noise

// Lerp goes from a to b as t goes from 0 to 1.
func Lerp(a, b, t float64) float64 { return a + t*(b-a) }

// Clamp limits t to 0..1.
func Clamp(t float64) float64 { return min(max(t, 0), 1) }

// Ease goes from 0 to 1 as t does, flat at both ends.
func Ease(t float64) float64 { return t * t * (3 - 2*t) }

// Step goes smoothly from 0 at a to 1 at b, which may be less than a.
func Step(a, b, x float64) float64 { return Ease(Clamp((x - a) / (b - a))) }
