package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"oneiro/internal/imageio"
	"oneiro/render"
)

const (
	previewInterval = interval(2 * time.Second)
	previewSide     = 768 // pixels of its longer side, at most
	previewQuality  = 85
	// previewShare is how many times longer than making a preview the time to the next one is at least: 1 % of
	// the run.
	previewShare = 100
)

var previewEndings = []string{"jpg", "jpeg"}

// preview is the state of the previews of a run.
type preview struct {
	next   time.Time // that one is due
	began  time.Time // since when one is being made
	failed bool      // it could not be written, and that was said
}

// checkPreview finds out, before any work is done, whether the preview could be written.
func (j *job) checkPreview() error {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(j.Preview), "."))
	switch {
	case j.Preview == "":
		return nil
	case !slices.Contains(previewEndings, ending):
		return &usageError{"--preview " + quote(j.Preview) + " is not the name of a JPEG", "end it in .jpg"}
	}
	if err := j.output.spares(j.Preview); err != nil {
		return err
	}
	return imageio.CheckOutput(j.Preview)
}

// looks returns what render asks after each step: whether a preview is due. It is nil if there are none.
func (j *job) looks() func() bool {
	if j.Preview == "" || j.PreviewEvery == never {
		return nil
	}
	return func() bool {
		j.shown.began = time.Now()
		return !j.shown.began.Before(j.shown.next)
	}
}

// show writes the preview of a step. A run goes on without.
func (j *job) show(im *imageio.Image, step int) error {
	p := &j.shown
	err := imageio.Write(j.Preview, im, imageio.Meta{Quality: previewQuality})
	now := time.Now()
	p.next = now.Add(max(time.Duration(j.PreviewEvery), previewShare*now.Sub(p.began)))
	switch {
	case err != nil && !p.failed:
		j.warn(fmt.Sprintf("the run goes on without a preview: %v", err))
	case err == nil && j.JSON:
		return writeLine(j.stdout, previewEvent{"preview", j.Preview, step})
	}
	p.failed = err != nil
	return nil
}

// showFrame shows a frame of a film, if a preview is due.
func (j *job) showFrame(im *render.Picture, frame int) error {
	if due := j.looks(); due == nil || !due() {
		return nil
	}
	small := im
	if max(im.W, im.H) > previewSide {
		w, h := imageio.FitSize(im.W, im.H, previewSide)
		small = imageio.Resize(im, w, h, imageio.Bicubic)
	}
	return j.show(small, frame)
}
