package weights

import (
	_ "embed"
	"slices"
	"strings"
)

// imagenet names the 1000 classes of ImageNet's challenge (ILSVRC 2012) in the order that classifiers have them in.
// testdata/make_imagenet.py wrote it; the names are torchvision's (BSD 3-clause licence).
//
//go:embed imagenet.txt
var imagenet string

// imagenetNetworks are those whose circulating files tell these classes apart. The graph of Inception v3 of 2015 and
// Inception5h have 1008 classes in an order of their own.
var imagenetNetworks = []string{
	"vgg11", "vgg13", "vgg16", "vgg19", "googlenet", "googlenet-tv", "squeezenet1.0", "squeezenet1.1", "inceptionv3-tv", "inceptionv3-tf",
}

// imagenetClasses returns the classes of ImageNet if the file has a classifier of them, by its network and size.
func (f *File) imagenetClasses() []Class {
	if f.naming == nil || !slices.Contains(imagenetNetworks, f.naming.network) {
		return nil
	}
	names := strings.Split(strings.TrimSpace(imagenet), "\n")
	last := f.naming.layers[len(f.naming.layers)-1].from
	outputs, err := f.find(last.bias)
	if err != nil {
		return nil
	}
	classes := outputs.count()
	if last.background && classes == int64(len(names)+1) {
		classes--
	}
	if classes != int64(len(names)) {
		return nil
	}
	var all []Class
	for _, name := range names {
		all = append(all, Class{Names: []string{name}})
	}
	return all
}
