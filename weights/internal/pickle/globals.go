package pickle

import "oneiro/weights/internal/container"

// global is a name that a pickle may use.
type global struct {
	name string
	// call makes a value; ok is false if the arguments are not those that it takes. It is nil for what
	// is not a function.
	call func(args []any) (value any, ok bool)
	// element is the type of the numbers in a class of storages.
	element container.DType
}

// globals are all names that are known, with their modules. Whatever else a pickle says is
// refused: that is the difference between reading a file and running it.
var globals = map[string]*global{}

func init() {
	for _, g := range []global{
		{name: "collections.OrderedDict", call: newDict},
		{name: "_codecs.encode", call: encodeLatin1},
		{name: "torch.Size", call: firstOf(1, 1)},
		{name: "torch.device", call: nothing},
		{name: "torch._utils._rebuild_tensor", call: rebuildTensor(4, 4)},
		{name: "torch._utils._rebuild_tensor_v2", call: rebuildTensor(6, 7)},
		{name: "torch._utils._rebuild_parameter", call: firstOf(3, 3)},
		{name: "torch._utils._rebuild_parameter_with_state", call: firstOf(4, 4)},
		{name: "numpy.ndarray"},
		{name: "numpy.dtype", call: newNumpyType},
	} {
		globals[g.name] = &g
	}
	for _, module := range []string{"numpy.core.multiarray.",
		"numpy._core.multiarray."} { // before NumPy 2, and since
		globals[module+"_reconstruct"] = &global{name: module + "_reconstruct", call: newNumpyArray}
		globals[module+"scalar"] = &global{name: module + "scalar", call: nothing}
	}
	for class, element := range map[string]container.DType{
		"Half": container.Float16LE, "BFloat16": container.BFloat16LE,
		"Float": container.Float32LE, "Double": container.Float64LE,
		"Bool": {Name: "bool", Size: 1}, "Byte": {Name: "uint8", Size: 1}, "Char": {Name: "int8", Size: 1},
		"Short": {Name: "int16", Size: 2}, "Int": {Name: "int32", Size: 4}, "Long": {Name: "int64", Size: 8},
		"ComplexFloat": {Name: "complex64", Size: 8}, "ComplexDouble": {Name: "complex128", Size: 16},
	} {
		storage, tensor := "torch."+class+"Storage", "torch."+class+"Tensor"
		globals[storage] = &global{name: storage, element: element}
		globals[tensor] = &global{name: tensor, call: emptyTensor}
	}
}

// nothing takes whatever it is given, for a value that no reader needs.
func nothing([]any) (any, bool) { return nil, true }

// firstOf returns the first of so many arguments.
func firstOf(least, most int) func([]any) (any, bool) {
	return func(args []any) (any, bool) {
		if len(args) < least || len(args) > most {
			return nil, false
		}
		return args[0], true
	}
}

// newDict takes nothing, or, from Python 2, a list of pairs.
func newDict(args []any) (any, bool) {
	d := &Dict{}
	if len(args) == 0 {
		return d, true
	}
	pairs, ok := args[0].(*List)
	if !ok || len(args) > 1 {
		return nil, false
	}
	for _, v := range pairs.Items {
		pair, ok := v.(*List)
		if !ok || len(pair.Items) != 2 {
			return nil, false
		}
		d.keys = append(d.keys, pair.Items[0])
		d.values = append(d.values, pair.Items[1])
	}
	pairs.Items = nil // so that no list is copied many times
	return d, true
}

// encodeLatin1 is how Python 3 writes bytes for Python 2.
func encodeLatin1(args []any) (any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	text, ok := args[0].(Text)
	encoding, isText := args[1].(Text)
	if !ok || !isText || encoding.Value != "latin1" || text.latin1 {
		return nil, false
	}
	text.latin1 = true
	return text, true
}

// wholeNumbers returns the whole numbers of a tuple, of which there may not be more than 32.
func wholeNumbers(v any) ([]int, bool) {
	list, ok := v.(*List)
	if !ok || len(list.Items) > 32 {
		return nil, false
	}
	numbers := make([]int, len(list.Items))
	for i, v := range list.Items {
		n, ok := v.(int64)
		if numbers[i] = int(n); !ok || n < 0 || int64(numbers[i]) != n {
			return nil, false
		}
	}
	return numbers, true
}
