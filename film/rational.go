package film

import (
	"fmt"
	"math"
)

// Rational is a number such as a frame rate. The zero value is for one that is not known.
type Rational struct{ Num, Den int }

// Float returns the number, 0 if it is not known.
func (r Rational) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

// String implements fmt.Stringer, as Y4M and ffmpeg write a number.
func (r Rational) String() string { return fmt.Sprintf("%d:%d", r.Num, r.Den) }

// known tells whether it is a number above 0.
func (r Rational) known() bool { return r.Num > 0 && r.Den > 0 }

// reduced returns the number in its lowest terms.
func (r Rational) reduced() Rational {
	if d := gcd(r.Num, r.Den); d > 1 {
		return Rational{r.Num / d, r.Den / d}
	}
	return r
}

// RationalOf returns the number that a person means by v: a whole number or one of television's rates, such
// as 30000/1001 for 29.97, if that is within a part in 10,000, and else the one with the least denominator.
func RationalOf(v float64) Rational {
	if !(v > 0) || v > math.MaxInt32 {
		return Rational{}
	}
	const rounded, exact = 1e-4, 1e-9
	of := func(den int) Rational { return Rational{int(math.Round(v * float64(den))), den} }
	near := func(r Rational, tolerance float64) bool {
		return r.Num > 0 && math.Abs(r.Float()-v) <= tolerance*v
	}
	for _, r := range []Rational{of(1), {int(math.Round(v*1.001)) * 1000, 1001}} {
		if near(r, rounded) {
			return r
		}
	}
	for den := 2; den <= 1001; den++ {
		if r := of(den); near(r, exact) {
			return r
		}
	}
	for den := 2; den <= 100_000; den++ {
		if r := of(den); near(r, rounded) {
			return r
		}
	}
	return Rational{max(int(math.Round(v*1e6)), 1), 1e6}.reduced()
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}
