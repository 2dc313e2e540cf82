package render

import (
	"context"
	"strings"
	"testing"

	"oneiro/nn"
)

// channelParams are those of channelNet: its channels are the brightness of red, of green and of blue.
type channelParams struct{}

func (channelParams) Tensor(name string, shape ...int) ([]float32, error) {
	out := make([]float32, shapeLen(shape))
	if strings.HasSuffix(name, "weight") {
		for c := range 3 {
			out[c*3+c] = 1
		}
	}
	return out, nil
}

func shapeLen(shape []int) int {
	n := 1
	for _, s := range shape {
		n *= s
	}
	return n
}

// TestChannels asks of a picture which is blue on the left and red in a square on the right.
func TestChannels(t *testing.T) {
	net := &nn.Network{
		Name: "three", InputSize: 32, Dream: []string{"relu"},
		Layers: []nn.Layer{
			{Name: "conv", Kind: nn.Conv, Inputs: []string{nn.Source}, Kernel: [2]int{1, 1}, Stride: [2]int{1, 1},
				Out: 3},
			{Name: "relu", Kind: nn.ReLU, Inputs: []string{"conv"}},
		},
	}
	net.Input = nn.Builtin().Input
	net.Input.Mean = [3]float64{}
	im := NewPicture(64, 32)
	for y := range 32 {
		for x := range 64 {
			p := im.Pix[3*(64*y+x):][:3]
			p[1] = 0.1
			if p[2] = 0.8; x >= 40 && x < 56 && y >= 8 && y < 24 {
				p[0], p[2] = 0.9, 0.1
			}
		}
	}
	e, err := NewEngine(EngineOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	even := NewPicture(8, 8)
	for i := range even.Pix {
		even.Pix[i] = 0.5
	}
	ask := func(box Box) []Answer {
		all, err := Channels(context.Background(), ChannelsOptions{
			Network: net, Params: channelParams{}, Image: im, Box: box, Others: []*Picture{even}, Engine: e})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	order := 2 // of red among the channels, if the network has them in the order of blue, green, red
	if net.Input.Order == nn.RGB {
		order = 0
	}
	if all := ask(Box{}); all[0].Channel != 2-order || all[0].Layer != "relu" {
		t.Errorf("the picture is %+v", all)
	}
	if all := ask(Box{42, 10, 12, 12}); all[0].Channel != order || !(all[0].Times > 2) {
		t.Errorf("the square is %+v", all)
	}
	for _, box := range []Box{{0, 0, 65, 3}, {-1, 0, 3, 3}, {5, 5, 0, 1}} {
		_, err := Channels(context.Background(), ChannelsOptions{
			Network: net, Params: channelParams{}, Image: im, Box: box, Engine: e})
		if err == nil || !strings.Contains(err.Error(), "is not a part of a picture of 64x32") {
			t.Errorf("%v: %v", box, err)
		}
	}
	if layers := AnswerLayers(nn.GoogLeNet()); len(layers) != 9 {
		t.Errorf("the modules of GoogLeNet are %v", layers)
	}
}
