package zoo

import (
	"strings"

	"oneiro/weights"
)

// slimV1 is GoogLeNet with batch normalisation, which torchvision's has the layers of. It pads in another way.
const slimV1 = "TF-slim's Inception v1"

// asTrained finds out which of several networks with the same layers a file is of, where those were recognised
// by their order: torchvision converted two of its networks from TensorFlow, which pads in another way, and
// does so in pools that average, too. It returns what the file is instead of the match, if package nn does not
// have that.
func (m *match) asTrained(file []weights.Info) (other string) {
	base, ok := strings.CutSuffix(m.network, "-tv")
	if !ok || !m.ofTensorFlow(file) {
		return ""
	}
	if base != inceptionV3 {
		return slimV1
	}
	m.naming.network, m.fits = inceptionV3+"-tf", nil
	if m.hasBackground() {
		last := &m.layers[m.byName[inceptionHead]]
		last.from.Background = true
		last.outputs--
		m.classes--
	}
	return ""
}

// hasBackground says whether the classifier has one class more than usual, as TF-slim's have, whose first one
// is the background.
func (m *match) hasBackground() bool { return m.usual != 0 && m.classes == m.usual+1 }

// slimNames begin the names of these networks' layers in TF-slim.
var slimNames = []string{"inceptionv1/", inceptionV3 + "/"}

// ofTensorFlow says whether the file's network was trained with TensorFlow, by its classes, its names, or the
// layout of Inception v3's kernels.
func (m *match) ofTensorFlow(file []weights.Info) bool {
	if m.hasBackground() {
		return true
	}
	first := m.layers[0].from.Weight
	for _, t := range file {
		for _, name := range slimNames {
			if strings.Contains(strings.ToLower(t.Name), name) {
				return true
			}
		}
		if t.Name == first && t.Layout == weights.HWIO && strings.HasPrefix(m.network, inceptionV3) {
			return true
		}
	}
	return false
}
