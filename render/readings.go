package render

import (
	"runtime/debug"
	"slices"

	"oneiro/autodiff/optim"
	"oneiro/internal/imageio"
)

// Reading is a size at which a run needs the colours of a picture.
type Reading struct {
	Picture *Picture
	Size    Size
	// Until is the last stage whose start or targets need the colours.
	Until int
	// Opacity means that the opacity is needed to the end.
	Opacity bool
}

func (r *Reading) view() imageio.View { return imageio.View{W: r.Size.W, H: r.Size.H} }

// bytes returns the memory of the picture at the size.
func (r *Reading) bytes() int64 { return 3*r.plane() + r.opacity() }

// plane returns the memory of a value for each pixel, and opacity that of the opacities.
func (r *Reading) plane() int64 { return 4 * int64(r.Size.W) * int64(r.Size.H) }
func (r *Reading) opacity() int64 {
	if r.Picture.HasAlpha() {
		return r.plane()
	}
	return 0
}

// deferred returns what has to be read of pictures that are not in memory: one at a time at the sizes that are
// needed, or whole, where its pixels are no more than those of all its sizes together.
func deferred(all []Reading) []Reading {
	var reads []Reading
	for i, r := range all {
		same := func(o Reading) bool { return o.Picture == r.Picture }
		if !r.Picture.IsDeferred() || slices.IndexFunc(all, same) != i {
			continue
		}
		whole := Reading{Picture: r.Picture, Size: sizeOf(r.Picture)}
		var sizes []Reading
		var sum int64
		for _, o := range all {
			if !same(o) {
				continue
			}
			whole.Until, whole.Opacity = max(whole.Until, o.Until), whole.Opacity || o.Opacity
			if k := slices.IndexFunc(sizes, func(s Reading) bool { return s.Size == o.Size }); k >= 0 {
				sizes[k].Until, sizes[k].Opacity = max(sizes[k].Until, o.Until), sizes[k].Opacity || o.Opacity
				continue
			}
			sizes = append(sizes, o)
			sum += o.bytes()
		}
		if sum >= whole.bytes() {
			sizes = []Reading{whole}
		}
		reads = append(reads, sizes...)
	}
	return reads
}

// pictures returns the memory of pictures in a stage, while its targets are computed and in its steps: what was
// read and is not yet dropped, pictures that are the caller's, and what the spec keeps.
func (j *Job) pictures(stage int) (targets, steps int64) {
	for i := range j.reads {
		r := &j.reads[i]
		if r.Until >= stage {
			targets += j.kept(r)
		}
		if r.Until > stage {
			steps += j.kept(r)
		} else if r.Opacity {
			steps += r.opacity()
		}
	}
	seen := map[*Picture]bool{}
	for _, r := range j.readings {
		if im := r.Picture; !im.IsDeferred() && !seen[im] {
			seen[im] = true
			own := 4 * int64(len(im.Pix)+len(im.Alpha))
			targets, steps = targets+own, steps+own
		}
	}
	if before := j.carriedBytes(stage); !j.onDisk {
		targets, steps = targets+before, steps+before
	}
	if j.spec.Held != nil {
		held := j.spec.Held(j.sizes[stage])
		targets, steps = targets+held, steps+held
	}
	return targets, steps
}

// carriedBytes returns the size of what targets of a stage read of the one before.
func (j *Job) carriedBytes(stage int) int64 {
	if !j.spec.carries(stage) {
		return 0
	}
	return canvasBytes(j.sizes[stage-1])
}

// kept returns the memory of a picture that was read: with its colours in a file only that of the opacity.
func (j *Job) kept(r *Reading) int64 {
	if j.filed {
		return r.opacity()
	}
	return r.bytes()
}

// picturesDisk returns the room of the pictures that are kept in a file.
func (j *Job) picturesDisk() int64 {
	var sum int64
	if j.filed {
		for i := range j.reads {
			sum += optim.ScratchBytes(3 * j.reads[i].plane())
		}
	}
	return sum
}

// readingBytes returns the most memory that the process takes while it reads pictures, one after the other, and
// then the parameters.
func (j *Job) readingBytes() int64 {
	var peak, kept int64
	for i := range j.reads {
		r := &j.reads[i]
		peak = max(peak, kept+r.Picture.LoadBytes(r.view()))
		kept += j.kept(r)
	}
	own, _ := j.pictures(0)
	return runtimeBytes + max(peak+own-kept, own+j.model.Bytes())
}

// Read reads the pictures, as far as they are not in memory, and the parameters. Run does it unless it was
// done. The errors are a *MemoryError, if the run takes more memory than there is, an *optim.ScratchError,
// those of reading pictures, and those of the parameters.
func (j *Job) Read(e *Engine) error {
	if err := fit(j.Plans(e), e); err != nil {
		return err
	}
	if j.read {
		return e.reserveScratch(j.plans, j.picturesDisk())
	}
	if err := e.reserveScratch(j.plans, j.picturesDisk()); err != nil {
		return err
	}
	if e.scratch != nil {
		e.scratch.Forget()
	}
	defer e.limitHeap(0)()
	left := e.hostMemory()
	if left > 0 {
		left = max(left-runtimeBytes, 1)
	}
	for i := range j.reads {
		r := &j.reads[i]
		if err := r.Picture.Load(r.view(), left); err != nil {
			return err
		}
		if j.filed {
			r.Picture.Move(r.view(), e.scratch.Keep, e.scratch.Release)
		}
		if left > 0 {
			left = max(left-j.kept(r), 1)
		}
		debug.FreeOSMemory() // what decoding left
	}
	if err := j.model.Read(j.params); err != nil {
		return err
	}
	j.read = true
	return nil
}

// drop gives up the pictures that no stage needs after the targets of one.
func (j *Job) drop(stage int) {
	for _, r := range j.reads {
		if r.Until <= stage {
			r.Picture.Drop(r.view(), r.Opacity)
		}
	}
}
