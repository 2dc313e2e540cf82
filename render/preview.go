package render

import "oneiro/internal/imageio"

// previewer is a Schedule whose pictures are not just the pixels of the canvas: Preview does to a small one
// what Picture does to the result.
type previewer interface{ Preview(im *Picture) }

// preview returns the picture that a canvas stands for, with the longer side of the result or of most pixels,
// if that is less. It is opaque. The picture itself, which may be large, is not made.
func (r *run) preview(x []float32, most int) *Picture {
	s, full := r.stage, r.job.sizes[len(r.job.sizes)-1]
	v := imageio.View{W: full.W, H: full.H}
	if full.longer() > most {
		v.W, v.H = imageio.FitSize(full.W, full.H, most)
	}
	im := s.shown(r.pixels(x), v)
	if p, is := r.spec.Schedule.(previewer); is {
		p.Preview(im)
	}
	return im
}

// Preview gives a small picture the colours of the photograph, if the result will have them.
func (s styleSchedule) Preview(im *Picture) {
	if s.photo != nil {
		whole := shown(s.photo, s.full())
		s.keepChromaOf(imageio.Resize(whole, im.W, im.H, imageio.Bilinear), im)
	}
}

func (l learningSchedule) Preview(im *Picture) {
	if p, is := l.Schedule.(previewer); is {
		p.Preview(im)
	}
}
