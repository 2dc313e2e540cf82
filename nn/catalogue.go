package nn

import (
	"strings"

	"oneiro/internal/nearest"
)

// All returns every network that the package describes, as new copies.
func All() []*Network {
	return []*Network{
		Builtin(),
		VGG11(), VGG13(), VGG16(), VGG19(), VGG19_16x(),
		GoogLeNet(), GoogLeNetTV(), Inception5h(),
		InceptionV3(), InceptionV3TF(), InceptionV3TV(),
		SqueezeNet10(), SqueezeNet11(),
	}
}

// Get returns the network called name. Case, hyphens, underscores and spaces do not matter: VGG-19 is vgg19.
// The error is an *UnknownNetworkError.
func Get(name string) (*Network, error) {
	plain := func(name string) string {
		return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(name))
	}
	var names []string
	for _, n := range All() {
		if plain(n.Name) == plain(name) {
			return n, nil
		}
		names = append(names, n.Name)
	}
	return nil, &UnknownNetworkError{name, nearest.Names(name, names, 3)}
}
