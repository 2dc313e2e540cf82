package main

import (
	"fmt"
	"io"
	"math"

	"oneiro/internal/imageio"
	"oneiro/render"
)

// warningEvent is a line of --json about something that the user should know.
type warningEvent struct {
	Event   string `json:"event"` // "warning"
	Message string `json:"message"`
}

// warn tells the user something that does not end the run. Where it cannot be printed there is nobody to
// warn.
func (j *job) warn(text string) {
	printWarning(j.stderr, text)
	if j.JSON {
		writeLine(j.stdout, warningEvent{"warning", text})
	}
}

// printWarning prints a warning for people.
func printWarning(w io.Writer, text string) { fmt.Fprintf(w, "warning: %s\n", text) }

// stalledText says that a size ended before its time.
func stalledText(e render.Event) string {
	return fmt.Sprintf("at %dx%d the optimiser found no way to a lower loss than %.5g after step %d, and the size "+
		"ended there", e.W, e.H, e.Loss, e.Step)
}

// evenStep is the difference between two colours of a picture that is not all one colour: one in 8 bits.
const evenStep = 1.0 / 255

// isEven reports whether a picture is one even colour.
func isEven(im *imageio.Image) bool {
	for c := range 3 {
		lo, hi := im.Pix[c], im.Pix[c]
		for i := c; i < len(im.Pix); i += 3 {
			lo, hi = min(lo, im.Pix[i]), max(hi, im.Pix[i])
		}
		if hi-lo >= evenStep {
			return false
		}
	}
	return true
}

// squeezed says that a picture to start from does not have the shape of the content, by more than rounding to
// whole pixels explains. It is empty if there is no such picture.
func (j *job) squeezed() string {
	start, content := j.output.first(render.RoleInit), j.output.first(render.RoleContent)
	if start == nil || content == nil {
		return ""
	}
	height := float64(start.Width) * float64(content.Height) / float64(content.Width)
	width := float64(start.Height) * float64(content.Width) / float64(content.Height)
	if min(math.Abs(height-float64(start.Height)), math.Abs(width-float64(start.Width))) <= 1 {
		return ""
	}
	return fmt.Sprintf("--init %s has %dx%d pixels and the content %dx%d: it is squeezed into that shape",
		quote(start.path), start.Width, start.Height, content.Width, content.Height)
}
