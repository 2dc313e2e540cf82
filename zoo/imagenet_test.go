package zoo

import (
	"slices"
	"strings"
	"testing"

	"oneiro/internal/fixture"
)

// The names are in the order of the list that comes with a real classifier. Of two classes that are both
// called crane there, one is a bird here; the one maillot is not the other either.
func TestImagenetOrder(t *testing.T) {
	f := open(t, fixture.Shared(t, "weights/googlenet_bvlc"))
	real, err := f.Classes()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Split(strings.TrimSpace(imagenet), "\n")
	if len(names) != 1000 || len(real) != 1000 {
		t.Fatalf("%d names, %d classes", len(names), len(real))
	}
	for i, name := range names {
		same := func(n string) bool { return strings.EqualFold(n, name) }
		if !slices.ContainsFunc(real[i].Names, same) && i != 134 && i != 639 {
			t.Errorf("class %d is %q, not %q", i, real[i].Names, name)
		}
	}
}

// Files have these names if they have a classifier of so many classes of a network that was trained on them,
// and no list of their own.
func TestImagenetClasses(t *testing.T) {
	for _, c := range []struct {
		by, network string
		outputs     int
		want        int
	}{
		{"Caffe", "vgg11", 1000, 1000},
		{"Caffe", "vgg11", 1001, 0},
		{"Caffe", "vgg11", 20, 0},
		{"TF-slim", "vgg16", 1000, 1000},
		{"torchvision", "googlenet-tv", 1000, 1000},
		{"torchvision", "inceptionv3-tv", 1000, 1000},
		{"Keras", "inceptionv3-tf", 1000, 1000},
		{"TF-slim", "inceptionv3-tf", 1001, 1000},
		{"TensorFlow's graph of 2015", "inceptionv3", 1008, 0},
		{"TensorFlow's graph of 2015", "inceptionv3", 1000, 0},
		{"TensorFlow", "inception5h", 1008, 0},
		{"TensorFlow", "inception5h", 1000, 0},
	} {
		n := namingOf(t, c.network, c.by)
		m, _ := recognise("", indexOf(listing(t, n, "", c.outputs)))
		if m == nil || m.network != c.network || m.by != c.by {
			t.Fatalf("%s by %s was taken for another", c.network, c.by)
		}
		f := archive(t, map[string][]float32{"none": {1}}, nil)
		f.found.match = m
		classes, err := f.Classes()
		if err != nil || len(classes) != c.want {
			t.Errorf("%s by %s with %d outputs has %d names, %v", c.network, c.by, c.outputs, len(classes),
				err)
			continue
		}
		if c.want == 0 {
			continue
		}
		if i, err := FindClass(classes, "daisy"); err != nil || i != 985 {
			t.Errorf("%s by %s: daisy is %d, %v", c.network, c.by, i, err)
		}
	}
}
