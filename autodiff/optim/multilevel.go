package optim

import "fmt"

// Grid is the shape of a vector that is a picture: H x W positions with C values each.
type Grid struct{ H, W, C int }

// Len returns the number of elements.
func (g Grid) Len() int { return g.H * g.W * g.C }

// Half returns the grid with half as many positions each way, rounded up.
func (g Grid) Half() Grid { return Grid{(g.H + 1) / 2, (g.W + 1) / 2, g.C} }

// Multilevel is an initial inverse Hessian of pictures: the losses of networks are the flatter, the lower the
// frequency, so that one number for all makes steps in low frequencies too short. It is the multilevel
// preconditioner of Bramble, Pasciak and Xu (Math. Comp. 55, 1990),
//
//	I + Σ (Gainᵏ - Gainᵏ⁻¹) Uᵏ Dᵏ, k = 1 ... levels,
//
// where D halves a picture (Backend.Halve) and U is 4Dᵀ, which doubles it: a frequency of 1/2ᵏ of the highest
// has about Gainᵏ times the weight. The zero value stands for I.
type Multilevel struct {
	Grid
	Gain float64
}

// mostLevels and smallestLevel end the levels: more levels made no difference to the losses, and a level
// has at least so many positions each way.
const (
	mostLevels    = 6
	smallestLevel = 2
)

// grids returns the grids of the levels, from the first one below the picture.
func (p Multilevel) grids() []Grid {
	var all []Grid
	if p.Gain == 0 {
		return all
	}
	for g := p.Grid; len(all) < mostLevels && min(g.H, g.W) >= 2*smallestLevel; {
		g = g.Half()
		all = append(all, g)
	}
	return all
}

// elements returns how many elements the levels have.
func (p Multilevel) elements() int {
	sum := 0
	for _, g := range p.grids() {
		sum += g.Len()
	}
	return sum
}

// multilevel is a Multilevel with memory for its levels.
type multilevel struct {
	Multilevel
	on     Backend
	levels []level
}

type level struct {
	Grid
	v []float32
}

func newMultilevel(p Multilevel, n int, on Backend) multilevel {
	if p.Gain != 0 && (p.Gain < 1 || p.Len() != n) {
		panic(fmt.Sprintf("optim: levels of %d x %d x %d with a gain of %v for %d elements", p.H, p.W, p.C, p.Gain, n))
	}
	l := multilevel{Multilevel: p, on: on}
	if p.elements() == 0 {
		return l
	}
	rest := on.Vector(p.elements())
	for _, g := range p.grids() {
		l.levels = append(l.levels, level{g, rest[:g.Len():g.Len()]})
		rest = rest[g.Len():]
	}
	return l
}

// down sets the levels to those of x.
func (p *multilevel) down(x []float32) {
	from := level{p.Grid, x}
	for _, to := range p.levels {
		p.on.Halve(to.v, from.v, from.Grid)
		from = to
	}
}

// apply multiplies x by the matrix. With K = Gain·H - I, where H is the matrix of the next level, that of a
// level is I + U·K·D, and K is (Gain - 1)·I + Gain·U·K'·D, K' being that of the next.
func (p *multilevel) apply(x []float32) {
	if len(p.levels) == 0 {
		return
	}
	p.down(x)
	gain := float32(p.Gain)
	last := len(p.levels) - 1
	p.on.Scale(p.levels[last].v, p.levels[last].v, gain-1)
	for k := last - 1; k >= 0; k-- {
		to, from := p.levels[k], p.levels[k+1]
		p.on.Double(to.v, gain-1, from.v, gain, to.Grid)
	}
	p.on.Double(x, 1, p.levels[0].v, 1, p.Grid)
}

// square returns x·Hx, H being the matrix. xx is x·x.
func (p *multilevel) square(x []float32, xx float64) float64 {
	p.down(x)
	sum, weight, four := xx, p.Gain-1, 4.0
	for _, l := range p.levels {
		sum += four * weight * p.on.Dot(l.v, l.v)
		weight, four = weight*p.Gain, 4*four
	}
	return sum
}
