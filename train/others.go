package train

import (
	"slices"
)

// withOthers is a source with one class more, of pictures of another source. With a few classes that are easy
// to tell apart, a network learns little of what they look like: their colours are enough. To tell them from
// all else it has to.
type withOthers struct {
	Source
	others Source
}

// othersName is the name of the class of all else, which the result lacks.
const othersName = "anything else"

// Classes implements [Source].
func (s withOthers) Classes() []string { return append(slices.Clone(s.Source.Classes()), othersName) }

// Picture implements [Source]. All classes are shown equally often, but for a test, which has no others.
func (s withOthers) Picture(dst []float32, size int, set Set, index uint64) int {
	n := uint64(len(s.Source.Classes()))
	if set != ForTest && index%(n+1) == n {
		s.others.Picture(dst, size, set, index)
		return int(n)
	}
	return s.Source.Picture(dst, size, set, index)
}

// withoutOthers returns the parameters of Network: without the class of all else.
func (t *Trainer) withoutOthers(p *params) (*params, error) {
	if t.options.Others == nil {
		return p, nil
	}
	net := t.Network()
	cut, err := newParams(net)
	if err != nil {
		return nil, err
	}
	for i, s := range cut.specs {
		whole, part := p.named(s.Name), cut.of(i)
		if len(whole) == len(part) {
			copy(part, whole)
			continue
		}
		n := net.Classes // of the classifier, whose outputs come last
		for k := range len(part) / n {
			copy(part[k*n:(k+1)*n], whole[k*(n+1):])
		}
	}
	return cut, nil
}
