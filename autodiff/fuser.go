package autodiff

// Fuser decides which operations become one step. Every Device is one.
type Fuser interface {
	// Fuses reports whether s, a step with fused operations, should run as one. If not, the plan
	// keeps its operations apart.
	Fuses(s *Step) bool
}

// TileFuser fuses what pays off where convolutions are computed on tiles of a picture, by Winograd's
// method, as both the processor and GPUs do.
var TileFuser Fuser = tileFuser{}

type tileFuser struct{}

// tileFusions are the pairs of a step's operation and one that is fused into it, before or after. Some
// pay off only with a convolution on tiles: a tile is in the cache before and after.
var tileFusions = map[[2]string]struct{ onTiles bool }{
	{"conv2d", "relu"}:               {},
	{"conv2d", "maxPool"}:            {onTiles: true},
	{"conv2dInputGrad", "maxUnpool"}: {onTiles: true},
	{"conv2dInputGrad", "mask"}:      {},
	{"conv2dInputGrad", "gramGrad"}:  {onTiles: true},
	{"conv2dInputGrad", "add"}:       {onTiles: true},
	{"conv2dInputGrad", "conv2d"}:    {onTiles: true},
	{"gramGrad", "add"}:              {},
	{"gramGrad", "mask"}:             {},
	{"gramGrad", "conv2d"}:           {},
}

func (tileFuser) Fuses(s *Step) bool {
	fuses := func(op *Op) bool {
		f, ok := tileFusions[[2]string{s.Op.Name, op.Name}]
		return ok && (!f.onTiles || ConvOf(s.Attr).Winograd(s.In[1].Shape))
	}
	for _, p := range s.Pre {
		if !fuses(p.Op) {
			return false
		}
	}
	for _, p := range s.Post {
		if p.Note == nil && !fuses(p.Op) {
			return false
		}
	}
	return true
}
