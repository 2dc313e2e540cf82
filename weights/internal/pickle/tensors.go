package pickle

import (
	"fmt"
	"io"
	"strconv"

	"oneiro/weights/internal/container"
)

// File is a file with a pickle in it.
type File struct {
	Path string
	R    io.ReaderAt
	Size int64
	// Place says where the numbers of a storage are. It is nil in a file that has no storages.
	Place PlaceStorage
}

// finder finds the tensors in what a pickle made, and names each by the keys that lead to it, joined with
// dots.
type finder struct {
	File
	seen map[any]bool // every list and dictionary is looked into once
	all  []container.Tensor
}

// The limits of what is listed; the largest networks have a fifth of them, and an optimiser has three times as
// many.
const (
	maxTensors = container.MaxTensors
	maxDepth   = 64
)

// insides are the attributes in which a network that was saved with its program has its parts. They are no part
// of the names that torch gives.
var insides = map[string]bool{"_modules": true, "_parameters": true, "_buffers": true}

// Tensors lists the tensors under what a pickle made, each by the keys that lead to it. The name of a tensor
// without a key is alone.
func (f File) Tensors(root any, alone string) ([]container.Tensor, error) {
	t := finder{File: f, seen: map[any]bool{}}
	if err := t.walk("", root, 0); err != nil {
		return nil, err
	}
	for i := range t.all {
		if t.all[i].Name == "" {
			t.all[i].Name = alone
		}
	}
	return t.all, nil
}

// identity returns v if it is a list, a dictionary or an object.
func identity(v any) any {
	switch v.(type) {
	case *Dict, *List, *object:
		return v
	}
	return nil
}

func (t *finder) walk(name string, v any, depth int) error {
	if len(name) > maxText || depth > maxDepth {
		return container.In(t.Path).Wrong("deeper ones",
			fmt.Sprintf("at most %d dictionaries in each other, and names of at most %d bytes",
				maxDepth, maxText))
	}
	if id := identity(v); id != nil {
		if t.seen[id] {
			return nil
		}
		t.seen[id] = true
	}
	switch v := v.(type) {
	case *torchTensor:
		return t.add(v.entry(t, name))
	case *numpyArray:
		switch {
		case v.objects == nil:
			return t.add(v.entry(t, name))
		case len(v.shape) == 0 && len(v.objects.Items) == 1: // how NumPy saves other objects
			return t.walk(name, v.objects.Items[0], depth+1)
		}
		return t.walk(name, v.objects, depth+1)
	case *Dict:
		return t.walkDict(name, v, depth)
	case *List:
		keys := listKeys(v.Items)
		for i, value := range v.Items {
			key := keys(i)
			if pair, ok := value.(*List); ok && isPair(pair) && key != "" {
				value = pair.Items[1]
			}
			if err := t.walk(join(name, key), value, depth+1); err != nil {
				return err
			}
		}
	case *object:
		return t.walkObject(name, v, depth)
	}
	return nil
}

func (t *finder) walkDict(name string, d *Dict, depth int) error {
	for i, value := range d.values {
		path := join(name, keyName(d.keys[i], i))
		if key, ok := d.keys[i].(Text); ok && insides[key.Value] {
			path = name
		}
		if err := t.walk(path, value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// walkObject looks for tensors in the attributes of an object, and in what it was made of.
func (t *finder) walkObject(name string, o *object, depth int) error {
	parts := append([]any{&o.entries, &o.items}, o.state...)
	for _, part := range append(parts, o.args...) {
		if list, ok := part.(*List); ok && len(list.Items) == 2 { // attributes, and those in slots
			for _, v := range list.Items {
				if d, ok := v.(*Dict); ok {
					if err := t.walk(name, d, depth+1); err != nil {
						return err
					}
				}
			}
		}
		if err := t.walk(name, part, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (t *finder) add(e container.Tensor, err error) error {
	if err == nil && len(t.all) == maxTensors {
		err = container.In(t.Path).Wrong("more", fmt.Sprintf("at most %d tensors", maxTensors))
	}
	t.all = append(t.all, e)
	return err
}

// listKeys names the items of a list by their numbers; but those of pairs by what the pairs begin with if all
// of these differ, and a matrix and a vector are a layer's weight and bias.
func listKeys(items []any) func(i int) string {
	if len(items) == 2 {
		w, isArray := items[0].(*numpyArray)
		b, isToo := items[1].(*numpyArray)
		switch {
		case !isArray || !isToo:
		case len(w.shape) > 1 && len(b.shape) == 1:
			return func(i int) string { return [...]string{"weight", "bias"}[i] }
		case len(w.shape) == 1 && len(b.shape) > 1:
			return func(i int) string { return [...]string{"bias", "weight"}[i] }
		}
	}
	seen := map[string]bool{}
	for _, v := range items {
		pair, ok := v.(*List)
		if !ok || !isPair(pair) || seen[pair.Items[0].(Text).Value] {
			return strconv.Itoa
		}
		seen[pair.Items[0].(Text).Value] = true
	}
	return func(i int) string { return items[i].(*List).Items[0].(Text).Value }
}

// isPair says whether a list is a name and a value.
func isPair(l *List) bool {
	if len(l.Items) != 2 {
		return false
	}
	name, ok := l.Items[0].(Text)
	return ok && name.Value != ""
}

// keyName is the key of item i of a dictionary in the names of tensors.
func keyName(key any, i int) string {
	switch key := key.(type) {
	case Text:
		return key.Value
	case int64:
		return strconv.FormatInt(key, 10)
	case bool:
		return strconv.FormatBool(key)
	case float64:
		return strconv.FormatFloat(key, 'g', -1, 64)
	}
	return "?" + strconv.Itoa(i)
}

func join(name, key string) string {
	switch {
	case name == "":
		return key
	case key == "":
		return name
	}
	return name + "." + key
}
