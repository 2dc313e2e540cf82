package weights

import (
	"encoding/json"
	"math"
	"path/filepath"
	"regexp"

	"oneiro/weights/internal/container"
)

// Models of Hugging Face's have descriptions beside them: config.json, in which timm says how pictures are
// prepared, and preprocessor_config.json, in which transformers does.

// KeyArchitecture is the key for the architecture named by a description beside the file, such as vgg19.
const KeyArchitecture = "architecture"

// maxDescription bounds what is read of a description.
const maxDescription = 1 << 20

// described matches names of files that may have a description beside them.
var described = regexp.MustCompile(`^(model|pytorch_model|open_clip_pytorch_model|open_clip_model|tf_model|` +
	`diffusion_pytorch_model)\b.*\.(safetensors|bin|h5|onnx|json)$`)

// describe adds what the descriptions in home say of a model of that name. One that cannot be read says
// nothing.
func describe(c *container.Container, home *container.Home, name string) {
	if !described.MatchString(filepath.Base(name)) {
		return
	}
	var timm struct {
		Architecture  string
		Pretrained    preparation `json:"pretrained_cfg"`
		Architectures []string
		preparation   // as older files have it
	}
	if text, err := readText(home, "config.json", maxDescription); err == nil && json.Unmarshal(text, &timm) == nil {
		if timm.Architecture == "" && len(timm.Architectures) == 1 {
			timm.Architecture = timm.Architectures[0]
		}
		if timm.Architecture != "" {
			if c.Metadata == nil {
				c.Metadata = map[string]string{}
			}
			if c.Metadata[KeyArchitecture] == "" {
				c.Metadata[KeyArchitecture] = timm.Architecture
			}
		}
		if c.Input = timm.Pretrained.input(); c.Input.Mean == nil {
			c.Input = timm.preparation.input()
		}
	}
	var transformers struct {
		Normalise *bool     `json:"do_normalize"`
		Mean      []float64 `json:"image_mean"`
		Std       []float64 `json:"image_std"`
	}
	text, err := readText(home, "preprocessor_config.json", maxDescription)
	if err == nil && json.Unmarshal(text, &transformers) == nil && c.Input.Mean == nil &&
		(transformers.Normalise == nil || *transformers.Normalise) {
		c.Input = preparation{transformers.Mean, transformers.Std}.input()
	}
}

// preparation is how timm says that pictures are prepared.
type preparation struct{ Mean, Std []float64 }

// input returns the numbers if they are a mean and a deviation for each of three colours, or for all of them.
func (p preparation) input() container.Input {
	if n := len(p.Mean); n != 3 && n != 1 || len(p.Std) != n {
		return container.Input{}
	}
	for i, v := range p.Mean {
		if math.IsInf(v, 0) || math.IsNaN(v) || !(p.Std[i] > 0) || math.IsInf(p.Std[i], 0) {
			return container.Input{}
		}
	}
	return container.Input{Mean: p.Mean, Deviation: p.Std}
}
