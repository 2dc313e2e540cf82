package hdf5

import (
	"regexp"

	"oneiro/weights/internal/container"
)

// snapshotName is the name of a parameter in a snapshot of Caffe's: the blobs of a layer have numbers.
var snapshotName = regexp.MustCompile(`^data/(.+)/(\d+)$`)

// isSnapshot says whether the arrays are a snapshot of Caffe's.
func isSnapshot(found []foundArray) bool {
	for _, f := range found {
		if !snapshotName.MatchString(f.Name) {
			return false
		}
	}
	return true
}

// snapshot names the parameters as they are in a .caffemodel, and says that they are in its layout.
func snapshot(found []foundArray) []foundArray {
	for i := range found {
		f := &found[i]
		m := snapshotName.FindStringSubmatch(f.Name)
		switch f.Name = m[1] + "." + m[2]; m[2] {
		case "0":
			f.Name = m[1] + ".weight"
		case "1":
			f.Name = m[1] + ".bias"
		}
		f.Layout = container.TorchLayout(len(f.Shape))
	}
	return found
}
