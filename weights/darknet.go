package weights

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// A darknet file (github.com/pjreddie/darknet, src/parser.c, load_weights_upto) is a header and then the numbers
// of one layer after the other, biases before weights, and nothing that says which: that stands in another file,
// the .cfg. So a file is read if its length is that of a known network to the byte.

// darknetLayer is a convolution, or a dense layer if its kernel is 0.
type darknetLayer struct {
	name                    string
	inputs, outputs, kernel int
}

// darknets are the networks that are known, each a beginning of the next: VGG-16 as cfg/vgg-conv.cfg and
// cfg/vgg-16.cfg have it.
var darknets = func() [][]darknetLayer {
	all := []darknetLayer{
		{"conv1_1", 3, 64, 3}, {"conv1_2", 64, 64, 3},
		{"conv2_1", 64, 128, 3}, {"conv2_2", 128, 128, 3},
		{"conv3_1", 128, 256, 3}, {"conv3_2", 256, 256, 3}, {"conv3_3", 256, 256, 3},
		{"conv4_1", 256, 512, 3}, {"conv4_2", 512, 512, 3}, {"conv4_3", 512, 512, 3},
		{"conv5_1", 512, 512, 3}, {"conv5_2", 512, 512, 3}, {"conv5_3", 512, 512, 3},
		{"fc6", 512 * 7 * 7, 4096, 0}, {"fc7", 4096, 4096, 0}, {"fc8", 4096, 1000, 0},
	}
	return [][]darknetLayer{all[:13], all}
}()

// shape is that of a layer's weights.
func (l darknetLayer) shape() []int {
	if l.kernel == 0 {
		return []int{l.outputs, l.inputs}
	}
	return []int{l.outputs, l.inputs, l.kernel, l.kernel}
}

func darknetBytes(layers []darknetLayer) (n int64) {
	for _, l := range layers {
		weights, _ := product(l.shape())
		n += 4 * (weights + int64(l.outputs))
	}
	return n
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

// isDarknet goes by the header, which many a file could have, so it comes last. One without a version has the
// length of a network besides: it could be any numbers.
func isDarknet(head []byte, size int64) bool {
	length, transposed, ok := darknetHeader(head)
	if !ok || transposed && !slices.ContainsFunc(darknets, func(n []darknetLayer) bool { return size == length+darknetBytes(n) }) {
		return false
	}
	return size > length && (size-length)%4 == 0
}

// darknet is a darknet file.
type darknet struct {
	source
	all []entry
}

func (d *darknet) format() string   { return "darknet file (.weights)" }
func (d *darknet) entries() []entry { return d.all }

// metadata says what the only network that is read expects.
func (d *darknet) metadata() map[string]string { return map[string]string{presetKey: "rgb01"} }

func openDarknet(path string, r source, size int64) (container, error) {
	head := make([]byte, min(size, 20))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, &ReadError{path, "", err}
	}
	length, transposed, _ := darknetHeader(head)
	for _, layers := range darknets {
		if size != length+darknetBytes(layers) {
			continue
		}
		d := &darknet{source: r}
		at := length
		for _, l := range layers {
			bias := entry{name: l.name + ".bias", shape: []int{l.outputs}, layout: O, dtype: float32LE, file: path}
			weight := entry{name: l.name + ".weight", shape: l.shape(), dtype: float32LE, file: path}
			weight.layout = usual(len(weight.shape))
			weight.fortran = transposed && weight.layout == OI
			for _, e := range []*entry{&bias, &weight} {
				if err := e.lies(r, size, at); err != nil {
					return nil, err
				}
				at += 4 * e.count()
			}
			d.all = append(d.all, weight, bias)
		}
		return d, nil
	}
	var known string
	for _, layers := range darknets {
		known += fmt.Sprintf(" or %d", length+darknetBytes(layers))
	}
	return nil, &UnsupportedError{File: path, Looks: fmt.Sprintf("what may be a darknet file, but of a network that is not known (%d bytes)", size),
		Advice: "of darknet's files those of VGG-16 are read, which have" + known[3:] + " bytes: vgg-conv.weights or vgg-16.weights"}
}
