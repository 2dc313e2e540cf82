package zoo

import (
	_ "embed"
	"slices"
	"strings"
)

// imagenet names the 1000 classes of ImageNet's challenge (ILSVRC 2012) in the order of classifiers' outputs.
// testdata/make_imagenet.py wrote it; the names are torchvision's (imagenet.LICENSE.txt).
//
//go:embed imagenet.txt
var imagenet string

// imagenetNetworks are those whose circulating files have these classes. The graph of Inception v3 of 2015 and
// Inception5h have 1008 classes in an order of their own.
var imagenetNetworks = []string{
	"vgg11", "vgg13", "vgg16", "vgg19", "googlenet", "googlenet-tv",
	"squeezenet1.0", "squeezenet1.1", "inceptionv3-tv", "inceptionv3-tf",
}

// imagenetClasses returns the classes of ImageNet if the file has a classifier of them, by its network and
// size.
func (p *Params) imagenetClasses() []Class {
	m := p.match()
	if m == nil || !slices.Contains(imagenetNetworks, m.network) {
		return nil
	}
	if m.classes == 0 {
		p.all()
		m = p.match()
	}
	names := strings.Split(strings.TrimSpace(imagenet), "\n")
	if m.classes != len(names) {
		return nil
	}
	return named(names)
}

// named are classes without identifiers, of one name each.
func named(names []string) []Class {
	var all []Class
	for _, name := range names {
		all = append(all, Class{Names: []string{name}})
	}
	return all
}
