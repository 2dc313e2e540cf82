// Package darknet reads files of known networks.
//
// A darknet file (github.com/pjreddie/darknet, src/parser.c, load_weights_upto) is a header and then the
// numbers of one layer after the other, biases before weights, and nothing that says which: another file has
// that, the .cfg. So a file is read if its length is that of a known network to the byte.
package darknet

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"oneiro/weights/internal/container"
)

// Network is a network whose darknet files are read.
type Network struct {
	File   string // name of such files, for people
	Layers []Layer
}

// Layer is a convolution, or a dense layer if its kernel is 0.
type Layer struct {
	Name                    string // of the tensors NAME.weight and NAME.bias
	Inputs, Outputs, Kernel int
}

// shape is that of the layer's weight.
func (l Layer) shape() []int {
	if l.Kernel == 0 {
		return []int{l.Outputs, l.Inputs}
	}
	return []int{l.Outputs, l.Inputs, l.Kernel, l.Kernel}
}

// bytes is how long a file of the network is after its header.
func (n Network) bytes() (total int64) {
	for _, l := range n.Layers {
		weights, _ := container.Product(l.shape())
		total += 4 * (weights + int64(l.Outputs))
	}
	return total
}

// parseHeader says how long the header is, and whether dense matrices are stored with the inputs outside. ok
// is false for anything else.
//
// It is a version in three numbers, and how many pictures were seen in 64 bits, or 32 before version 0.2.
// Before there were versions, it was learning rate, momentum, decay, and that in 32 bits; such files are
// transposed. load_weights_upto recognises them by versions above 1000.
func parseHeader(head []byte) (length int64, transposed, ok bool) {
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

// Networks are those whose files are read.
type Networks []Network

// Is looks at the header, which many files could have, so the format comes last. One without a version has the
// length of a network besides: it could be any numbers.
func (d Networks) Is(head []byte, size int64) bool {
	length, transposed, ok := parseHeader(head)
	fits := func(n Network) bool { return size == length+n.bytes() }
	if !ok || transposed && !slices.ContainsFunc(d, fits) {
		return false
	}
	return size > length && (size-length)%4 == 0
}

// Format is the format of such files.
const Format = "darknet file (.weights)"

// Open opens the file of one of the networks.
func (d Networks) Open(path string, r container.Source, size int64) (*container.Container, error) {
	head := make([]byte, min(size, 20))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, container.In(path).Unreadable(err)
	}
	length, transposed, _ := parseHeader(head)
	var known []string
	for _, n := range d {
		if size != length+n.bytes() {
			known = append(known, fmt.Sprintf("%s with %d bytes", n.File, length+n.bytes()))
			continue
		}
		c := &container.Container{Closer: r, Format: Format}
		at := length
		for _, l := range n.Layers {
			bias := container.Tensor{Name: l.Name + ".bias", Shape: []int{l.Outputs}, Layout: container.O,
				DType: container.Float32LE, File: path}
			weight := container.Tensor{Name: l.Name + ".weight", Shape: l.shape(), DType: container.Float32LE,
				File: path}
			weight.Layout = container.TorchLayout(len(weight.Shape))
			weight.Fortran = transposed && weight.Layout == container.OI
			for _, e := range []*container.Tensor{&bias, &weight} {
				if err := e.Locate(r, size, at); err != nil {
					return nil, err
				}
				at += 4 * e.Count()
			}
			c.Tensors = append(c.Tensors, weight, bias)
		}
		return c, nil
	}
	return nil, &container.UnsupportedError{
		File:   path,
		Looks:  fmt.Sprintf("what may be a darknet file, but of a network that is not known (%d bytes)", size),
		Advice: "darknet files are only read of known networks: " + cmp.Or(strings.Join(known, ", "), "none"),
	}
}
