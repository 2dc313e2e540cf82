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

// globals are the names that make tensors, with their modules. What another name makes is an object, a place
// for what is given to it: that is the difference between reading a file and running it.
var globals = map[string]*global{}

func init() {
	for _, g := range []global{
		{name: "collections.OrderedDict", call: newDict},
		{name: "_codecs.encode", call: encodeLatin1},
		{name: "torch.Size", call: firstOf(1, 1)},
		{name: "torch.device", call: nothing},
		{name: "torch._utils._rebuild_tensor", call: rebuildTensor(4, 4)},
		{name: "torch._utils._rebuild_tensor_v2", call: rebuildTensor(6, 7)},
		{name: "torch._utils._rebuild_tensor_v3", call: rebuildTyped},
		{name: "torch._utils._rebuild_qtensor", call: rebuildTensor(7, 7)},
		{name: "torch._utils._rebuild_device_tensor_from_numpy", call: rebuildFromNumpy},
		{name: "torch._tensor._rebuild_from_type_v2", call: rebuildSubclass},
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
		"QInt8": {Name: "quantised int8", Size: 1}, "QUInt8": {Name: "quantised uint8", Size: 1},
		"QInt32": {Name: "quantised int32", Size: 4}, "Untyped": {Name: "bytes", Size: 1},
	} {
		storage, tensor := "torch."+class+"Storage", "torch."+class+"Tensor"
		globals[storage] = &global{name: storage, element: element}
		globals[tensor] = &global{name: tensor, call: emptyTensor}
	}
	globals["torch.storage.UntypedStorage"] = globals["torch.UntypedStorage"]
	for name, element := range map[string]container.DType{
		"float16": container.Float16LE, "bfloat16": container.BFloat16LE, "float32": container.Float32LE,
		"float64": container.Float64LE, "float8_e4m3fn": container.Float8E4M3, "float8_e5m2": container.Float8E5M2,
		"float8_e4m3fnuz": container.Float8E4M3FNUZ, "float8_e5m2fnuz": container.Float8E5M2FNUZ,
		"float8_e8m0fnu": container.Float8E8M0,
		"uint16":         {Name: "uint16", Size: 2}, "uint32": {Name: "uint32", Size: 4},
		"uint64": {Name: "uint64", Size: 8}, "complex32": {Name: "complex32", Size: 4},
	} {
		globals["torch."+name] = &global{name: "torch." + name, element: element}
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
		return newObject(args)
	}
	for _, v := range pairs.Items {
		pair, ok := v.(*List)
		if !ok || len(pair.Items) != 2 {
			return newObject(args)
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
