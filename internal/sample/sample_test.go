package sample

import (
	"fmt"
	"oneiro/internal/imageio"
	"testing"
	"time"
)

func TestZZ(t *testing.T) {
	for seed := range uint64(4) {
		t0 := time.Now()
		im := Landscape(512, 384, seed+1)
		t1 := time.Now()
		im2 := Painting(512, 384, seed+1)
		fmt.Println(t1.Sub(t0), time.Since(t1))
		imageio.Write(fmt.Sprintf("/tmp/land%d.png", seed+1), im, imageio.Meta{})
		imageio.Write(fmt.Sprintf("/tmp/paint%d.png", seed+1), im2, imageio.Meta{})
	}
}
