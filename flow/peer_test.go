package flow

import (
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/parallel"
)

var scenesTo = flag.String("scenes", "", "write the scenes and the flows found to this folder, for testdata/opencv.py")

// TestScenes writes the scenes with their truth and what is found, so that another program can be compared.
func TestScenes(t *testing.T) {
	if *scenesTo == "" {
		t.Skip("for comparisons with other programs: go test ./flow -run TestScenes -args -scenes FOLDER")
	}
	pool := parallel.New(0)
	defer pool.Close()
	for _, size := range [][2]int{{320, 240}, {960, 540}} {
		w, h := size[0], size[1]
		textures := []texture{collage(w+50, h+50, h/3, 1), collage(w+50, h+50, h/4, 2)}
		for _, s := range scenes {
			dir := filepath.Join(*scenesTo, fmt.Sprintf("%dx%d-%s", w, h, strings.ReplaceAll(s.name, " ", "-")))
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			p := s.draw(w, h, textures)
			writeLuma(t, filepath.Join(dir, "a.png"), p.a, w)
			writeLuma(t, filepath.Join(dir, "b.png"), p.b, w)
			writeLuma(t, filepath.Join(dir, "hidden.png"), ones(p.hidden), w)
			writeLuma(t, filepath.Join(dir, "uncovers.png"), ones(p.uncovers), w)
			flows := map[string]*Field{"forward": p.forward, "backward": p.backward}
			for _, preset := range Presets {
				there, back := p.estimate(preset, pool)
				flows["oneiro-"+preset.Name], flows["oneiro-back-"+preset.Name] = there, back
			}
			for name, f := range flows {
				if err := Write(filepath.Join(dir, name+".flo"), f); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func ones(set []bool) []float32 {
	all := make([]float32, len(set))
	for i := range set {
		if set[i] {
			all[i] = 1
		}
	}
	return all
}

func writeLuma(t *testing.T, path string, luma []float32, w int) {
	m := image.NewGray(image.Rect(0, 0, w, len(luma)/w))
	for i, v := range luma {
		m.SetGray(i%w, i/w, color.Gray{Y: uint8(v*255 + 0.5)})
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
