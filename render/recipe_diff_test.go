package render

import (
	"encoding/json"
	"fmt"
	"testing"

	"oneiro/internal/option"
)

// TestDifferences changes one thing of a recipe after the other.
func TestDifferences(t *testing.T) {
	of := func() *Recipe {
		return &Recipe{
			Program: "oneiro", Version: "v1", Recipe: RecipeVersion, Command: "style", Seed: 3, Defaults: DefaultsVersion,
			Inputs: []Input{
				{Role: RoleContent, Name: "a.jpg", SHA256: "0123456789", Width: 4, Height: 3},
				{Role: RoleStyle, Width: 512, Height: 384},
			},
			Network: RecipeNetwork{Name: "vgg19", File: "vgg19.pth", SHA256: "abcdef012345", Preset: "torchvision"},
			Options: option.Values{"size": "1024"}, Engine: RecipeEngine{Kernels: "avx2"},
		}
	}
	if all := of().Differences(of()); len(all) > 0 {
		t.Errorf("a recipe differs from itself: %v", all)
	}
	for want, change := range map[string]func(r *Recipe){
		"the version of oneiro was v1 and is v2":           func(r *Recipe) { r.Version = "v2" },
		"the command was style and is dream":               func(r *Recipe) { r.Command = "dream" },
		"the picture 2 (style) was 512x384 and is 64x384":  func(r *Recipe) { r.Inputs[1].Width = 64 },
		"the picture 2 (style) was style and is not given": func(r *Recipe) { r.Inputs = r.Inputs[:1] },
		"the picture 3 (init) was not given and is init":   func(r *Recipe) { r.Inputs = append(r.Inputs, Input{Role: RoleInit}) },
		`the picture 1 (content) was a.jpg with SHA-256 01234567... and is b.jpg with SHA-256 77777777...`: func(r *Recipe) {
			r.Inputs[0].Name, r.Inputs[0].SHA256 = "b.jpg", "7777777777"
		},
		"the picture 1 (content) was a.jpg with SHA-256 01234567... and is built in": func(r *Recipe) { r.Inputs[0].SHA256 = "" },
		"the network was vgg19 and is vgg16":                                         func(r *Recipe) { r.Network.Name = "vgg16" },
		"the file of weights was vgg19.pth with SHA-256 abcdef01... and is vgg19.pth with SHA-256 11111111...": func(r *Recipe) {
			r.Network.SHA256 = "11111111111"
		},
		"--pooling was not given and is avg":                                        func(r *Recipe) { r.Network.Pooling = "avg" },
		"--preset was torchvision and is not given":                                 func(r *Recipe) { r.Network.Preset = "" },
		fmt.Sprintf("the version of the defaults was %d and is 1", DefaultsVersion): func(r *Recipe) { r.Defaults = 1 },
		"--size was 1024 and is not given":                                          func(r *Recipe) { delete(r.Options, "size") },
		"--history was not given and is 3":                                          func(r *Recipe) { r.Options["history"] = "3" },
		"--seed was 3 and is 4":                                                     func(r *Recipe) { r.Seed = 4 },
		"--device was cpu and is cuda":                                              func(r *Recipe) { r.Engine.Device = "cuda" },
		"the GPU was not given and is H200":                                         func(r *Recipe) { r.Engine.GPU = "H200" },
		"--tf32 was false and is true":                                              func(r *Recipe) { r.Engine.TF32 = true },
		"--kernels was avx2 and is avx512":                                          func(r *Recipe) { r.Engine.Kernels = "avx512" },
		`--winograd was builtin and is {"tile":4}`:                                  func(r *Recipe) { r.Engine.Winograd = json.RawMessage(`{"tile":4}`) },
	} {
		changed := of()
		change(changed)
		all := of().Differences(changed)
		if len(all) != 1 || all[0].String() != want {
			t.Errorf("got %v, want %s", all, want)
		}
	}
	// What no bits depend on.
	same := of()
	same.Inputs[0].Name, same.Network.File, same.Step, same.Pixels, same.Recipe = "z.jpg", "z.pth", 3, "ff", 1
	if all := of().Differences(same); len(all) > 0 {
		t.Errorf("%v", all)
	}
}
