package autodiff

// Fuser decides which operations become one step. Every Device is one.
type Fuser interface {
	// Fuses reports whether s, a step with fused operations, should run as one. If not, the plan
	// keeps its operations apart.
	Fuses(s *Step) bool
}

// TileFuser fuses what pays off on a device that computes convolutions with Winograd's method: see
// Conv.Winograd.
var TileFuser Fuser = tileFuser{}

type tileFuser struct{}

// Fuses refuses a pool after a convolution, an unpooling before it and a Gram gradient added to it, unless
// the convolution works on tiles, which are in the cache before and after.
func (tileFuser) Fuses(s *Step) bool {
	if s.Pool == nil && s.Unpool == nil && s.Plus == nil {
		return true
	}
	return ConvOf(s.Attr).Winograd(s.In[1].Shape)
}
