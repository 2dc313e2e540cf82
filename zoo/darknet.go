package zoo

import (
	"fmt"

	"oneiro/weights"
)

// darknets are VGG-16 without and with its classifier, as cfg/vgg-conv.cfg and cfg/vgg-16.cfg have it.
var darknets = func() []weights.DarknetNetwork {
	var all []weights.DarknetLayer
	in := 3
	for b, convs := range [5]int{2, 2, 3, 3, 3} {
		for i := range convs {
			out := int(vggWidths[b])
			all = append(all, weights.DarknetLayer{Name: fmt.Sprintf("conv%d_%d", b+1, i+1), Inputs: in,
				Outputs: out, Kernel: 3})
			in = out
		}
	}
	convs := len(all)
	all = append(all,
		weights.DarknetLayer{Name: denseLayers[0], Inputs: 512 * 7 * 7, Outputs: 4096},
		weights.DarknetLayer{Name: denseLayers[1], Inputs: 4096, Outputs: 4096},
		weights.DarknetLayer{Name: denseLayers[2], Inputs: 4096, Outputs: 1000})
	return []weights.DarknetNetwork{{File: "vgg-conv.weights", Layers: all[:convs]},
		{File: "vgg-16.weights", Layers: all}}
}()
