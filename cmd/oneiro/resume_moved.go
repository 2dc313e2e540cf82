package main

import (
	"path/filepath"

	"oneiro/internal/option"
)

// moved brings the paths that a checkpoint knows to where its folder is now. A checkpoint lies beside its
// output: if it lies elsewhere, under the same name, its folder was moved or copied, and perhaps the pictures
// and weights with it. Those that lie where they lay, seen from the output, are taken from there; others stay
// as they are.
func (a *checkpointAbout) moved(checkpoint string) {
	was := a.Output + checkpointEnding
	now, err := filepath.Abs(checkpoint)
	if err != nil || filepath.Base(now) != filepath.Base(was) || sameFile(now, was) {
		return
	}
	from, to := filepath.Dir(a.Output), filepath.Dir(now)
	there := func(path string) string { // seen from the output, in the folder that is there now
		seen, err := filepath.Rel(from, path)
		if err != nil || !filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(to, seen)
	}
	bring := func(path *string) {
		if next := there(*path); *path != "" && exists(next) {
			*path = next
		}
	}
	a.Output = there(a.Output)
	for i := range a.Files.Inputs {
		bring(&a.Files.Inputs[i])
	}
	bring(&a.Files.Weights)
	table := checkpointOptions()
	for name, value := range a.Options {
		o := table.Lookup(name)
		if o == nil || o.Names != option.File {
			continue
		}
		bring(&value)
		if next := there(value); !exists(filepath.Dir(value)) && exists(filepath.Dir(next)) {
			value = next // which is yet to be written
		}
		a.Options[name] = value
	}
}
