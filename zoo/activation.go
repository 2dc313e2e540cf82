package zoo

import (
	"fmt"

	"oneiro/internal/quote"
)

// ActivationError reports a network with another activation than ReLU, which all networks of package nn have.
type ActivationError struct {
	File, Network string
	Op            string // the activation, as the file calls it
	Layer         string // that it comes after, by its name in package nn
}

func (e *ActivationError) Error() string {
	return fmt.Sprintf("%s: this is %s with %s after its layer %s, and not ReLU", e.File, article(e.Network),
		quote.Path(e.Op), e.Layer)
}

// Hint says what to do.
func (e *ActivationError) Hint() string {
	return "use a file of the network as it is usual: its numbers mean nothing with another activation"
}

// checkActivations says whether the file's graph has another activation after a layer, but for the last one,
// after which classes may be made probabilities in any way.
func (p *Params) checkActivations(m *match) error {
	for _, l := range m.layers {
		op := p.Activation(l.from.Weight)
		if op != "" && !sizesOf(m.network)[l.name].last {
			return &ActivationError{p.Path(), m.network, op, l.name}
		}
	}
	return nil
}
