package pickle

import (
	"fmt"
	"io"
	"strconv"
	"strings"

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

// The limits of what is listed; the largest networks have a fifth of them.
const (
	maxTensors = 1 << 13
	maxDepth   = 64
)

// wrappers are keys of dictionaries that have a network's tensors in one more dictionary, beside such
// things as the number of steps.
var wrappers = map[string]bool{
	"state_dict": true, "model_state_dict": true, "model": true, "net": true, "network": true,
	"params": true, "weights": true,
}

// noNetwork are keys of such dictionaries whose tensors are no part of the network.
var noNetwork = map[string]bool{"optimizer": true, "optimizer_state_dict": true, "optim": true}

// Tensors lists the tensors under what a pickle made. The name of a tensor without a key is alone.
func (f File) Tensors(root any, alone string) ([]container.Tensor, error) {
	t := finder{File: f, seen: map[any]bool{}}
	if err := t.walk("", unwrap(root), 0); err != nil {
		return nil, err
	}
	parallel := true // saved from several devices at once
	for _, e := range t.all {
		parallel = parallel && strings.HasPrefix(e.Name, "module.")
	}
	for i := range t.all {
		e := &t.all[i]
		if parallel {
			e.Name = strings.TrimPrefix(e.Name, "module.")
		}
		if e.Name == "" {
			e.Name = alone
		}
	}
	return t.all, nil
}

// unwrap looks for the dictionary that has the tensors themselves.
func unwrap(root any) any {
	for range 4 { // wrappers in wrappers
		d, ok := root.(*Dict)
		if !ok {
			break
		}
		inner, seen := -1, map[any]bool{}
		for i, v := range d.values {
			if noNetwork[keyName(d.keys[i])] || !holdsTensors(v, seen, 0) {
				continue
			}
			if inner >= 0 {
				return root
			}
			inner = i
		}
		if inner < 0 || !wrappers[keyName(d.keys[inner])] {
			break
		}
		if _, ok := d.values[inner].(*Dict); !ok {
			break
		}
		root = d.values[inner]
	}
	return root
}

func holdsTensors(v any, seen map[any]bool, depth int) bool {
	if seen[identity(v)] || depth > maxDepth {
		return false
	}
	switch v := v.(type) {
	case *torchTensor, *numpyArray:
		return true
	case *Dict:
		seen[v] = true
		for _, v := range v.values {
			if holdsTensors(v, seen, depth+1) {
				return true
			}
		}
	case *List:
		seen[v] = true
		for _, v := range v.Items {
			if holdsTensors(v, seen, depth+1) {
				return true
			}
		}
	}
	return false
}

// identity returns v if it is a list or a dictionary.
func identity(v any) any {
	switch v.(type) {
	case *Dict, *List:
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
		for i, value := range v.values {
			key := keyName(v.keys[i])
			if depth == 0 && noNetwork[key] {
				continue
			}
			if err := t.walk(join(name, key), value, depth+1); err != nil {
				return err
			}
		}
	case *List:
		keys := listKeys(v.Items)
		for i, value := range v.Items {
			if err := t.walk(join(name, keys(i)), value, depth+1); err != nil {
				return err
			}
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

// listKeys names the items of a list by their numbers; but a matrix and a vector are a layer's weight
// and bias.
func listKeys(items []any) func(i int) string {
	if len(items) == 2 {
		w, isArray := items[0].(*numpyArray)
		b, isToo := items[1].(*numpyArray)
		if isArray && isToo && len(w.shape) > 1 && len(b.shape) == 1 {
			return func(i int) string { return [...]string{"weight", "bias"}[i] }
		}
	}
	return strconv.Itoa
}

func keyName(key any) string {
	switch key := key.(type) {
	case Text:
		return key.Value
	case int64:
		return strconv.FormatInt(key, 10)
	}
	return "?"
}

func join(name, key string) string {
	if name == "" {
		return key
	}
	return name + "." + key
}
