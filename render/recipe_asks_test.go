package render

import (
	"encoding/json"
	"testing"

	"oneiro/internal/option"
)

// TestRecipeHash changes one thing of a recipe after the other.
func TestRecipeHash(t *testing.T) {
	of := func() *Recipe {
		return &Recipe{
			Program: "oneiro", Version: "v1", Recipe: RecipeVersion, Command: "style", Seed: 3, Defaults: DefaultsVersion,
			Inputs: []Input{
				{Role: RoleContent, Name: "a.jpg", SHA256: "01", Bytes: 7, Width: 4, Height: 3},
				{Role: RoleStyle, Width: 512, Height: 384},
			},
			Network: RecipeNetwork{Name: "vgg19", File: "vgg19.pth", SHA256: "ab", Bytes: 9},
			Options: option.Values{"size": "1024", "tv-weight": "3"}, Engine: RecipeEngine{Kernels: "avx2"},
		}
	}
	want := of().Hash()
	for what, change := range map[string]func(r *Recipe){
		"command": func(r *Recipe) { r.Command = "dream" }, "seed": func(r *Recipe) { r.Seed = 4 },
		"defaults": func(r *Recipe) { r.Defaults++ }, "step": func(r *Recipe) { r.Step = 7 },
		"content": func(r *Recipe) { r.Inputs[0].SHA256 = "02" }, "role": func(r *Recipe) { r.Inputs[0].Role = RoleInit },
		"built-in": func(r *Recipe) { r.Inputs[1].Width = 64 }, "fewer": func(r *Recipe) { r.Inputs = r.Inputs[:1] },
		"weights": func(r *Recipe) { r.Network.SHA256 = "cd" }, "preset": func(r *Recipe) { r.Network.Preset = "torchvision" },
		"option": func(r *Recipe) { r.Options["size"] = "512" }, "default": func(r *Recipe) { delete(r.Options, "size") },
	} {
		r := of()
		if change(r); r.Hash() == want {
			t.Errorf("%s makes no difference", what)
		}
	}
	for what, change := range map[string]func(r *Recipe){
		"version": func(r *Recipe) { r.Version = "v2" }, "kernels": func(r *Recipe) { r.Engine.Kernels = "generic" },
		"winograd": func(r *Recipe) { r.Engine.Winograd = json.RawMessage(`{"tile":4}`) },
		"pixels":   func(r *Recipe) { r.Pixels = "ff" },
		"names":    func(r *Recipe) { r.Inputs[0].Name, r.Network.File = "z.jpg", "z.pth" },
		"missing":  func(r *Recipe) { r.Inputs[0].Bytes, r.Network.Bytes = 0, 0 }, // in older recipes
	} {
		r := of()
		if change(r); r.Hash() != want {
			t.Errorf("%s makes a difference", what)
		}
	}
	if r := of(); r.Hash() != want || r.Inputs[0].Name != "a.jpg" {
		t.Error("Hash changes the recipe")
	}
}
