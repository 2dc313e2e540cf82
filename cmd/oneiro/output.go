package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"oneiro/internal/imageio"
)

// output is where pictures go, and what must not be replaced by one.
type output struct {
	path   string
	inputs []string
	recipe recipe
}

// check finds out, before any work is done, whether write would work.
func (o *output) check() error {
	if err := o.spares(o.path); err != nil {
		return err
	}
	return imageio.CheckOutput(o.path)
}

// spares returns an error if path is one of the inputs, by whatever name.
func (o *output) spares(path string) error {
	target, err := os.Stat(path)
	if err != nil {
		return nil
	}
	for _, in := range o.inputs {
		if info, err := os.Stat(in); err == nil && os.SameFile(info, target) {
			return &usageError{"the output " + quote(path) + " would replace the input " + quote(in), "choose another --output"}
		}
	}
	return nil
}

func (o *output) write(path string, im *imageio.Image) error {
	if err := o.spares(path); err != nil {
		return err
	}
	text, err := json.Marshal(o.recipe)
	if err != nil {
		return err
	}
	return imageio.Write(path, im, imageio.Meta{Recipe: string(text)})
}

// numbered returns the path of the picture after so many steps: out.png becomes out_0050.png.
func (o *output) numbered(step int) string {
	ext := filepath.Ext(o.path)
	return fmt.Sprintf("%s_%04d%s", strings.TrimSuffix(o.path, ext), step, ext)
}
