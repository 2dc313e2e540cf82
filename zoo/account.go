package zoo

import (
	"fmt"
	"slices"
	"strings"

	"oneiro/internal/quote"
	"oneiro/weights"
)

// Warnings lists what is worth knowing of the file before its network is used, each in a line: which of
// several copies was taken, tensors that are not used though they may be part of what the network computed
// where it was trained, and colours that are a guess, unless o gives them.
func (p *Params) Warnings(o Options) []string {
	m := p.match()
	if m == nil {
		return nil
	}
	var all []string
	if len(p.finding().copies) > 0 {
		all = append(all, p.copiesTaken(m))
	}
	if same := m.ambiguous(); same != "" {
		all = append(all, fmt.Sprintf("network: taken for %s; %s has the same layers, and --model %s takes it for that",
			m.network, same, same))
	}
	if unused := p.unused(m); len(unused) > 0 {
		part := ""
		if what := whatElse(p.Listed()); what != "" && what != lone && what != flat {
			part = fmt.Sprintf("; the file is %s, of which only %s is used", what, article(m.network))
		}
		all = append(all, fmt.Sprintf("unused: %s that %s has no layer for: %s%s", quote.Count(len(unused), "tensor"),
			m.network, quoted(unused), part))
	}
	all = append(all, p.strange()...)
	if c, err := p.Colours(); err == nil && c.Guessed && o.Preset == "" {
		all = append(all, fmt.Sprintf("colours: guessed %s; --preset overrides", c.Preset))
	}
	return all
}

// ambiguous is another network that the whole of the file may be of, or nothing.
func (m *match) ambiguous() string {
	if m.backbone() < m.backboneOf() {
		return ""
	}
	for _, other := range m.fits {
		if len(sizesOf(other)) == len(sizesOf(m.network)) {
			return other
		}
	}
	return ""
}

// plainSteps are operations on a picture, by the names of ONNX and TensorFlow, that change none of its
// numbers.
var plainSteps = []string{"Transpose", "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "ExpandDims"}

// strange says what the file does to pictures that no preset does.
func (p *Params) strange() []string {
	in, err := p.Input()
	if err != nil {
		return nil
	}
	var all []string
	if preset, err := p.byInput(); (in.Mean != nil || in.Deviation != nil) && err == nil && preset == "" {
		all = append(all, fmt.Sprintf("colours: the file takes pictures as (v - %.4g) / %.4g, which no preset does",
			in.Mean, in.Deviation))
	}
	others := slices.DeleteFunc(slices.Clone(in.Others),
		func(op string) bool { return slices.Contains(plainSteps, op) })
	if len(others) > 0 {
		all = append(all, "colours: the file's graph does more to pictures before the first layer: "+quoted(others))
	}
	return all
}

// copiesTaken says which of several copies of the network was taken.
func (p *Params) copiesTaken(m *match) string {
	name := func(c *match) string {
		return quote.Path(strings.TrimSuffix(strings.TrimSuffix(p.spelledPrefix(c), "."), "/"))
	}
	var others []string
	for _, c := range p.finding().copies {
		others = append(others, name(c))
	}
	why := "the first"
	if averaged(m.prefix) {
		why = "the moving average"
	}
	return fmt.Sprintf("several copies of %s: %s is used, %s, and not %s", m.network, name(m), why,
		strings.Join(others[:min(len(others), 4)], ", "))
}

// spelledPrefix is the part of a name before a layer as the file has it.
func (p *Params) spelledPrefix(m *match) string {
	name := m.layers[0].from.Weight
	for i := range len(name) {
		if i == 0 || name[i-1] == '.' || name[i-1] == '/' {
			key, _, _ := split(name[i:])
			if key == m.layers[0].unit.key[len(m.prefix):] {
				return name[:i]
			}
		}
	}
	return m.prefix
}

// unused lists tensors that the network has no layer for, though they could change what it computes.
func (p *Params) unused(m *match) []string {
	used := m.used()
	var all []string
	for _, t := range read(p.File, p.Listed()) {
		key, r, _ := split(t.Name)
		switch {
		case used[t.Name], !t.Float, t.Len() <= 1, r == counter, isBeside(t.Name), isSpare(key):
		case p.inCopy(key), isMean(t):
		default:
			all = append(all, t.Name)
		}
	}
	return all
}

// isMean says whether a tensor has the mean or the deviation of colours, which presets take care of.
func isMean(t weights.Info) bool {
	name := strings.ToLower(t.Name)
	return t.Len() == 3 && (strings.Contains(name, "mean") || strings.Contains(name, "std") ||
		strings.Contains(name, "shift") || strings.Contains(name, "scale"))
}

// auxiliary are parts of names of classifiers beside a network's own, which helped in training; spare are those
// and the names that TensorFlow's graphs have for them.
var (
	auxiliary = []string{"auxlogits", "aux", "aux1", "aux2", "loss1", "loss2"}
	spare     = slices.Concat(auxiliary, []string{"head0", "head1", "nn0", "nn1", "softmax0", "softmax1"})
)

// isSpare says whether a layer belongs to a classifier that helped in training.
func isSpare(key string) bool { return hasPart(key, spare) }

// inCopy says whether a layer is one of a copy of the network that is not used.
func (p *Params) inCopy(key string) bool {
	return slices.ContainsFunc(p.finding().copies, func(c *match) bool {
		return c.prefix != "" && strings.HasPrefix(key, c.prefix)
	})
}

// quoted lists a few names for a message.
func quoted(names []string) string {
	const most = 4
	var all []string
	for _, name := range names[:min(len(names), most)] {
		all = append(all, quote.Path(name))
	}
	text := strings.Join(all, ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
