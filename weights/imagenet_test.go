package weights

import (
	"slices"
	"strings"
	"testing"
)

// The names are in the order of the list that comes with a real classifier. Of two classes that are both
// called crane there, one is a bird here; the one maillot is not the other either.
func TestImagenetOrder(t *testing.T) {
	f := open(t, shared(t, "weights/googlenet_bvlc"))
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

// Files have these names if they have a classifier of so many classes, and no list of their own.
func TestImagenetClasses(t *testing.T) {
	file := func(classes int) *File {
		arrays, shapes := map[string][]float32{}, map[string][]int{}
		for _, n := range namings() {
			if n.network != "vgg11" || n.by != "Caffe" {
				continue
			}
			for _, l := range n.layers {
				arrays[l.from.weight], arrays[l.from.bias] = every(1, 1, 1), every(1, 1, 1)
			}
			last := n.layers[len(n.layers)-1].from
			arrays[last.bias] = every(classes, 0, 1)
			shapes[last.bias] = []int{classes}
		}
		return archive(t, arrays, shapes)
	}
	f := file(1000)
	if network, _ := f.Network(); network != "vgg11" {
		t.Fatal(network)
	}
	classes, err := f.Classes()
	if err != nil || len(classes) != 1000 {
		t.Fatalf("%d classes, %v", len(classes), err)
	}
	if i, err := FindClass(classes, "daisy"); err != nil || i != 985 {
		t.Errorf("daisy is %d, %v", i, err)
	}
	if classes, err := file(20).Classes(); err != nil || classes != nil {
		t.Errorf("a classifier of 20 has %d names, %v", len(classes), err)
	}
}
