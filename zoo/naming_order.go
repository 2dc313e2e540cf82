package zoo

import (
	"slices"

	"oneiro/weights"
)

// vggWidths are the channels of VGG's five blocks.
var vggWidths = [5]int64{64, 128, 256, 512, 512}

// inOrder returns a naming for a file whose names mean nothing, as exporters of ONNX make them up, if its
// convolutions, in the order in which they are used, have the sizes of a VGG's; else nil. A bias comes after
// its weight.
func inOrder(file []weights.Info) *naming {
	var found []weights.Layer
	var counts []int64
	for i, e := range file {
		if !e.Float || len(e.Shape) < 2 {
			continue
		}
		o := weights.Layer{Weight: e.Name}
		if i+1 < len(file) && len(file[i+1].Shape) == 1 {
			o.Bias = file[i+1].Name
		}
		found, counts = append(found, o), append(counts, e.Len())
	}
	for _, v := range vggs {
		n := vggNaming{by: "the order of layers", preset: "torchvision",
			conv: func(k, _, _ int) weights.Layer {
				if k < len(found) {
					return found[k]
				}
				return weights.Layer{}
			}}.of(v.network, v.convs)
		convs := len(n.layers)
		if len(found) < convs || !slices.Equal(counts[:convs], vggCounts(v.convs)) {
			continue
		}
		if len(found) > convs && len(found) != convs+len(denseLayers) {
			continue
		}
		for i, o := range found[convs:] {
			n.add(denseLayers[i], o)
		}
		return &n
	}
	return nil
}

// vggCounts returns how many numbers the filters of a VGG's convolutions have.
func vggCounts(convs [5]int) []int64 {
	var all []int64
	in := int64(3)
	for b, n := range convs {
		for range n {
			all = append(all, 9*in*vggWidths[b])
			in = vggWidths[b]
		}
	}
	return all
}
