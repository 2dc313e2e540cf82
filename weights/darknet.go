package weights

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// A darknet file (github.com/pjreddie/darknet, src/parser.c, load_weights_upto) is a header and then the numbers
// of one layer after the other, biases before weights, and nothing that says which: that stands in another file,
// the .cfg. So a file is read if its length is that of a known network to the byte.

// DarknetNetwork is a network whose darknet files are read.
type DarknetNetwork struct {
	File   string // what such files are called, for people
	Layers []DarknetLayer
}

// DarknetLayer is a convolution, or a dense layer if its kernel is 0.
type DarknetLayer struct {
	Name                    string // of the tensors NAME.weight and NAME.bias
	Inputs, Outputs, Kernel int
}

// shape is that of the layer's weight.
func (l DarknetLayer) shape() []int {
	if l.Kernel == 0 {
		return []int{l.Outputs, l.Inputs}
	}
	return []int{l.Outputs, l.Inputs, l.Kernel, l.Kernel}
}

// bytes is how long a file of the network is after its header.
func (n DarknetNetwork) bytes() (total int64) {
	for _, l := range n.Layers {
		weights, _ := product(l.shape())
		total += 4 * (weights + int64(l.Outputs))
	}
	return total
}

// darknetHeader says how long the header is, and whether dense matrices are stored with the inputs outside. ok
// is false if it is none.
//
// It is a version in three numbers, and how many pictures were seen in 64 bits, or 32 before version 0.2. Before
// there were versions, it was learning rate, momentum, decay, and that in 32 bits; such files are transposed.
// load_weights_upto tells them by versions above 1000.
func darknetHeader(head []byte) (length int64, transposed, ok bool) {
	if len(head) < 16 {
		return 0, false, false
	}
	var word [3]uint32
	rates := true
	for i := range word {
		word[i] = binary.LittleEndian.Uint32(head[4*i:])
		v := math.Float32frombits(word[i])
		rates = rates && (v == 0 && word[i] == 0 || v >= 1e-9 && v < 2)
	}
	major, minor, revision := word[0], word[1], word[2]
	switch {
	case major == 0 && minor <= 1 && revision < 100 && minor+revision > 0:
		return 16, false, true
	case major <= 1 && minor < 10 && 10*major+minor >= 2 && revision < 100:
		return 20, false, true
	case rates && word != [3]uint32{}:
		return 16, true, true
	}
	return 0, false, false
}

// darknetFormat reads the files of these networks.
type darknetFormat struct{ networks []DarknetNetwork }

// is goes by the header, which many a file could have, so the format comes last. One without a version has the
// length of a network besides: it could be any numbers.
func (d darknetFormat) is(head []byte, size int64) bool {
	length, transposed, ok := darknetHeader(head)
	fits := func(n DarknetNetwork) bool { return size == length+n.bytes() }
	if !ok || transposed && !slices.ContainsFunc(d.networks, fits) {
		return false
	}
	return size > length && (size-length)%4 == 0
}

// darknet is a darknet file.
type darknet struct {
	source
	all []entry
}

// DarknetFormat is what File.Format returns for darknet files.
const DarknetFormat = "darknet file (.weights)"

func (d *darknet) format() string   { return DarknetFormat }
func (d *darknet) entries() []entry { return d.all }

func (d darknetFormat) open(path string, r source, size int64) (container, error) {
	head := make([]byte, min(size, 20))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, &ReadError{path, "", err}
	}
	length, transposed, _ := darknetHeader(head)
	var known []string
	for _, n := range d.networks {
		if size != length+n.bytes() {
			known = append(known, fmt.Sprintf("%s with %d bytes", n.File, length+n.bytes()))
			continue
		}
		file := &darknet{source: r}
		at := length
		for _, l := range n.Layers {
			bias := entry{name: l.Name + ".bias", shape: []int{l.Outputs}, layout: O, dtype: float32LE, file: path}
			weight := entry{name: l.Name + ".weight", shape: l.shape(), dtype: float32LE, file: path}
			weight.layout = usual(len(weight.shape))
			weight.fortran = transposed && weight.layout == OI
			for _, e := range []*entry{&bias, &weight} {
				if err := e.lies(r, size, at); err != nil {
					return nil, err
				}
				at += 4 * e.count()
			}
			file.all = append(file.all, weight, bias)
		}
		return file, nil
	}
	return nil, &UnsupportedError{
		File:   path,
		Looks:  fmt.Sprintf("what may be a darknet file, but of a network that is not known (%d bytes)", size),
		Advice: "darknet files are only read of known networks: " + cmp.Or(strings.Join(known, ", "), "none"),
	}
}
