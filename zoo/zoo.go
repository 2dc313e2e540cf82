// Package zoo knows the networks that circulate: how their files name the tensors, how they expect pictures,
// which files there are, and the names of their classes. It joins networks (package nn) with files (package
// weights), which do not know each other.
//
// Open detects the network of a file and returns it as the file needs it:
//
//	net, params, err := zoo.Open("vgg19.pth")
//
// A file is taken apart into layers by the names of its tensors, whatever words and marks these use
// (names.go). The names that circulate for the layers of a network are tables (naming.go and naming_vgg.go and
// its like); a network is recognised under any prefix, and only if all its layers have the right sizes
// (recognise.go), or else by the sizes of its layers in their order (order.go). A parameter may be made of
// several tensors, as batch normalisation is folded into the convolution before it (norms.go). How a file
// expects pictures is found out from its numbers (preset.go), and what is not used is accounted for
// (account.go). Networks with the same layers are told apart (variant.go), those with another activation
// refused (activation.go), and other networks called by their names (others.go).
package zoo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"oneiro/nn"
	"oneiro/weights"
)

// Options replace what Open detects, unless they are empty.
type Options struct {
	Network string // name of the network, as nn.Get takes it
	Preset  string // name of the preset for pictures, as nn.Preset takes it
}

// Open opens a file or folder of weights. It returns the network that the weights are of, which expects
// pictures as the file does and has its classes, and its parameters, to be closed after use. The network is a
// fresh copy.
//
// The errors are UnknownError, and those of weights.Open and Params.Preset.
func Open(path string) (*nn.Network, *Params, error) { return OpenWith(path, Options{}) }

// OpenWith is Open with something given. The errors are also those of nn.Get and nn.Preset.
func OpenWith(path string, o Options) (*nn.Network, *Params, error) {
	params, err := OpenParams(path)
	if err != nil {
		return nil, nil, err
	}
	net, err := params.Describe(o)
	if err != nil {
		params.Close()
		return nil, nil, err
	}
	return net, params, nil
}

// Params are the parameters in a file, under the names that they have in package nn. The methods of File that
// take the name of a tensor take the file's own; Tensor, Has and Sources take package nn's.
type Params struct {
	*weights.File

	mu    sync.Mutex
	found finding
}

// finding is what is known of a file's network.
type finding struct {
	match  *match   // or nil
	copies []*match // other places in the file where the network is too
	// listed is how many tensors were known when it was found.
	listed   int
	unfolded []*unit // normalisations that belong to no layer
	other    string  // what the file is, if its layers are a network's and it is another one
	first    string  // a layer that the file's graph has before the network's first
}

// OpenParams opens a file or folder of weights, whether its network is known or not. The errors are those of
// weights.Open, and MissingError.
func OpenParams(path string) (*Params, error) {
	f, err := weights.OpenWith(path, weights.Hints{Darknet: darknets, Known: isOxford})
	if err != nil {
		return nil, missing(path, err)
	}
	return newParams(f), nil
}

func newParams(f *weights.File) *Params {
	p := &Params{File: f}
	p.found = find(f, f.Listed(), "")
	return p
}

// find recognises the network of a file by the tensors that are listed, or looks for one, if it is given.
func find(f *weights.File, listed []weights.Info, network string) finding {
	x := indexOf(read(f, listed))
	r := finding{listed: len(listed)}
	layers := f.Layers()
	r.match, r.copies = recognise(cmp.Or(network, f.Metadata()[weights.KeyNetwork]), x)
	if r.match == nil && network == "" {
		if r.match = inOrder(x, layers, listed); r.match != nil {
			if r.other = r.match.asTrained(listed); r.other != "" {
				r.match = nil
			}
		}
	}
	if r.match == nil {
		return r
	}
	r.unfolded = r.match.fold(x, byWeight(layers))
	if first := r.match.layers[0].from.Weight; len(layers) > 0 && layers[0].Weight != first &&
		layers[0].Weight != r.match.colours.Weight {
		r.first = layers[0].Weight
	}
	if l := r.match.layout(listed); l != "" {
		f.AssumeLayout(l)
	}
	return r
}

// read leaves out the tensors that nothing in the file's graph reads.
func read(f *weights.File, listed []weights.Info) []weights.Info {
	unread := map[string]bool{}
	for _, name := range f.Unread() {
		unread[name] = true
	}
	return slices.DeleteFunc(slices.Clone(listed), func(t weights.Info) bool { return unread[t.Name] })
}

// byWeight finds layers of a graph by their weights. It is nil if there is no graph.
func byWeight(layers []weights.Layer) map[string]weights.Layer {
	if layers == nil {
		return nil
	}
	all := map[string]weights.Layer{}
	for _, l := range layers {
		if _, twice := all[l.Weight]; !twice && l.Weight != "" {
			all[l.Weight] = l
		}
	}
	return all
}

// layout returns the layout that the tensors of the network have, if it is not the one that the file's format
// suggests; else it is empty.
func (m *match) layout(listed []weights.Info) weights.Layout {
	byName := map[string]weights.Info{}
	for _, t := range listed {
		byName[t.Name] = t
	}
	sizes := sizesOf(m.network)
	var first weights.Layout
	fits := func(layout weights.Layout) bool {
		for _, l := range m.layers {
			t, want := byName[l.from.Weight], sizes[l.name].shape
			if len(t.Shape) != 4 || len(want) != 4 || l.head {
				continue
			}
			size := map[rune]int{'H': want[0], 'W': want[1], 'I': want[2], 'O': want[3]}
			for i, letter := range layout {
				if t.Shape[i] != size[letter] {
					return false
				}
			}
		}
		return true
	}
	for _, l := range m.layers {
		if t := byName[l.from.Weight]; len(t.Shape) == 4 {
			first = t.Layout
			break
		}
	}
	if len(first) != 4 || fits(first) {
		return ""
	}
	for _, layout := range []weights.Layout{weights.OIHW, weights.HWIO, weights.OHWI} {
		if layout != first && fits(layout) {
			return layout
		}
	}
	return ""
}

// finding returns what is known of the file's network.
func (p *Params) finding() finding {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found
}

// match returns the network that was found, or nil.
func (p *Params) match() *match { return p.finding().match }

// all has the file list all its tensors, and looks at them again if there are more. Some formats list what
// comes after the convolutions only then.
func (p *Params) all() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found.match == nil {
		return
	}
	all := p.Tensors()
	if len(all) == p.found.listed {
		return
	}
	if again := find(p.File, all, p.found.match.network); again.match != nil {
		p.found = again
	}
	p.found.listed = len(all)
}

// isOxford says whether the first convolution of a file is one of Oxford's.
func isOxford(f *weights.File) (bool, error) {
	if first := f.Listed()[0]; first.Len() != 3*3*3*64 {
		return false, nil
	}
	p := newParams(f)
	m := p.match()
	if m == nil || !slices.Contains([]string{"vgg16", "vgg19"}, m.network) {
		return false, nil
	}
	preset, err := p.byNumbers(m)
	return preset != "", err
}

// Network returns the name of the network that the tensors belong to, as package nn has it, and
// who uses their names. Both are empty if they are not known.
func (p *Params) Network() (network, naming string) {
	m := p.match()
	if m == nil {
		return "", ""
	}
	by, _ := m.spelled(m.layers[0].from.Weight)
	return m.network, by
}

// Other says what network the file is of, with its article, if that is one that package nn does not have and
// that is known nevertheless: a ResNet-50. Else it is empty.
func (p *Params) Other() string {
	if p.match() != nil {
		return ""
	}
	return cmp.Or(p.finding().other, whatElse(p.Listed()))
}

// Describe returns a fresh description of the network that the parameters are of, which expects pictures as
// the file does and has as many classes as its classifier. The errors are UnknownError, MismatchError,
// UnfoldedError, and those of nn.Get, nn.Preset, Preset and Classes.
func (p *Params) Describe(o Options) (*nn.Network, error) {
	if o.Network != "" {
		p.as(o.Network)
	}
	m := p.match()
	if o.Network == "" {
		if m == nil {
			return nil, &UnknownError{p.Path(), cmp.Or(partOf(p.Name()), p.Other())}
		}
		o.Network = m.network
	}
	net, err := p.layers(o.Network)
	if err != nil {
		return nil, err
	}
	if err := p.check(net.Name); err != nil {
		return nil, err
	}
	if o.Preset == "" {
		if o.Preset, err = p.Preset(); err != nil {
			return nil, err
		}
	}
	if o.Preset != "" {
		if net.Input, err = nn.Preset(o.Preset); err != nil {
			return nil, err
		}
	}
	return net, nil
}

// as looks for one network by names that several have, if the file does not say which one it is of.
func (p *Params) as(network string) {
	net, err := nn.Get(network)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && p.found.match == nil {
		p.found = find(p.File, p.Listed(), net.Name)
	}
}

// alike are networks whose files have the same layers, so that one can be read as the other.
var alike = [][]string{{inceptionV3 + "-tv", inceptionV3 + "-tf"}}

// check says whether the file can be read as that network.
func (p *Params) check(network string) error {
	m := p.match()
	if shard := partOf(p.Name()); shard != "" && (m == nil || m.backbone() < m.backboneOf()) {
		return &UnknownError{p.Path(), shard}
	}
	if m == nil {
		if what := p.Other(); what != "" {
			return &UnknownError{p.Path(), what}
		}
		return nil
	}
	same := m.network == network || slices.Contains(m.fits, network) ||
		slices.ContainsFunc(alike, func(a []string) bool {
			return slices.Contains(a, network) && slices.Contains(a, m.network)
		})
	found := p.finding()
	switch {
	case !same:
		return &MismatchError{p.Path(), m.network, network}
	case len(found.unfolded) > 0:
		e := &UnfoldedError{File: p.Path(), Network: m.network, What: "normalisations"}
		for _, u := range found.unfolded {
			e.Tensors = append(e.Tensors, u.names()...)
		}
		return e
	case found.first != "":
		return &UnfoldedError{File: p.Path(), Network: m.network, Tensors: []string{found.first},
			What: "a layer before its first"}
	}
	if err := p.checkActivations(m); err != nil {
		return err
	}
	for _, l := range m.layers {
		if l.unit.has(original) && !l.unit.has(mask) && !(l.unit.has(left) && l.unit.has(right)) ||
			l.unit.has(direction) && !l.unit.has(magnitude) || l.unit.has(magnitude) && !l.magnitudes() {
			return &UnfoldedError{File: p.Path(), Network: m.network, Tensors: l.unit.names(),
				What: "a parametrisation"}
		}
	}
	return p.checkColours(m)
}

// magnitudes says whether a layer has a magnitude for each output.
func (l matched) magnitudes() bool {
	t := l.unit.parts[magnitude]
	return t.Len() == l.outputs && (len(t.Shape) == 1 || int64(t.Shape[0]) == l.outputs)
}

// layers returns a network with as many classes as the file has.
func (p *Params) layers(network string) (*nn.Network, error) {
	net, err := nn.Get(network)
	if err != nil {
		return nil, err
	}
	if m := p.match(); m != nil && m.classes != 0 {
		if net.Classes != 0 && m.classes != net.Classes && net.Name == m.network {
			net = net.WithClasses(m.classes)
		}
		return net, nil
	}
	if net.Name != builtinName {
		return net, nil
	}
	classes, err := p.Classes() // of a file without a classifier
	if err == nil && len(classes) > 0 {
		net = net.WithClasses(len(classes))
	}
	return net, err
}

// Specs lists the parameters of the network that the file is of, or none if that is not known. The errors are
// those of Classes.
func (p *Params) Specs() ([]nn.TensorSpec, error) {
	p.all()
	network, _ := p.Network()
	if network == "" {
		return nil, nil
	}
	net, err := p.layers(network)
	if err != nil {
		return nil, err
	}
	return net.Tensors()
}

// Sources returns the tensors of the file that a parameter is made of, by its name in package nn, or none.
func (p *Params) Sources(name string) []string {
	if from, bias, ok := p.origin(name); ok {
		parts := from.Parametrisation
		if bias {
			from.Weight, from.Parametrisation = "", weights.Parametrisation{BiasMask: parts.BiasMask}
		} else {
			from.Bias, from.Parametrisation.BiasMask = "", ""
		}
		return from.Tensors()
	}
	if p.File.Has(name) {
		return []string{name}
	}
	return nil
}

// Has says whether the file has all tensors that a parameter is made of, by its name in package nn.
func (p *Params) Has(name string) bool {
	if _, _, ok := p.origin(name); ok {
		return true
	}
	return p.match() == nil && p.File.Has(name)
}

// Tensor reads a parameter by its name in package nn, or a tensor outside a known network by the
// file's. Batch normalisation is folded into the convolution that comes before it. Shape and errors are those
// of weights.File.Tensor, and CutError.
func (p *Params) Tensor(name string, shape ...int) ([]float32, error) {
	from, bias, ok := p.origin(name)
	switch {
	case !ok && p.match() != nil:
		if err := p.cut(name); err != nil {
			return nil, err
		}
		return p.File.Tensor(name, shape...)
	case !ok:
		return p.File.Tensor(name, shape...)
	case bias:
		return p.File.Bias(from, shape...)
	}
	return p.File.Weight(from, shape...)
}

// origin returns the tensors that a parameter is made of.
func (p *Params) origin(name string) (from weights.Layer, bias, ok bool) {
	m := p.match()
	if m == nil {
		return from, false, false
	}
	if from, bias, ok = m.parameter(name); ok {
		return from, bias, ok
	}
	p.all()
	return p.match().parameter(name)
}

// cut reports a parameter of the network that the file ends before, or nothing if it is none.
func (p *Params) cut(name string) error {
	m := p.match()
	for layer := range sizesOf(m.network) {
		if name == layer+".weight" || name == layer+".bias" {
			return &CutError{File: p.Path(), Network: m.network, Layer: layer, Last: m.last()}
		}
	}
	return nil
}

// last is the last layer of the network that the file has, by the order of package nn.
func (m *match) last() string {
	sizes := sizesOf(m.network)
	last := m.layers[0].name
	for _, l := range m.layers {
		if sizes[l.name].place > sizes[last].place {
			last = l.name
		}
	}
	return last
}

// CutError reports a layer that a file does not have, though it has others of the network: it ends before it.
type CutError struct {
	File, Network string
	Layer, Last   string // the missing layer, and the last one present, by their names in package nn
}

func (e *CutError) Error() string {
	return fmt.Sprintf("%s: this is %s without its layer %s: the last one in the file is %s", e.File,
		article(e.Network), e.Layer, e.Last)
}

// Hint says what to do.
func (e *CutError) Hint() string {
	return "name layers up to " + e.Last + ", or use a file with the whole network"
}

// MismatchError reports a file of one network that is to be read as another.
type MismatchError struct{ File, Network, Want string }

func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s: this is %s, not %s", e.File, article(e.Network), article(e.Want))
}

// Hint says what to do.
func (e *MismatchError) Hint() string { return "name " + e.Network + ", or no network at all" }

// UnknownError reports a file whose network is not known, or is none of package nn's.
type UnknownError struct {
	File string
	What string // what it is, with its article, or nothing
}

func (e *UnknownError) Error() string {
	switch {
	case strings.HasPrefix(e.What, part):
		return fmt.Sprintf("%s: this is %s, and not all of a network", e.File, e.What)
	case e.What == flat:
		return e.File + ": none of its tensors has the form of a convolution's kernel: " +
			"this is no network that sees pictures"
	case e.What == lone:
		return e.File + ": this is a single tensor, and no network"
	case e.What != "":
		return fmt.Sprintf("%s: this is %s, which oneiro does not have", e.File, e.What)
	default:
		return fmt.Sprintf("%s: the names and sizes of its tensors do not say which network it is of", e.File)
	}
}

// Hint says what to do.
func (e *UnknownError) Hint() string {
	if strings.HasPrefix(e.What, part) {
		return "put all parts into one folder, with the .index.json that lists them, and give that"
	}
	if e.What != "" {
		return "oneiro nets lists the networks, oneiro weights --help files of them"
	}
	return "oneiro weights info lists its tensors"
}
