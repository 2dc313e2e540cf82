package weights

// pickleGlobal is a name that a pickle may say.
type pickleGlobal struct {
	name string
	// call makes a value; ok is false if the arguments are not those that it takes. It is nil for what
	// is no function.
	call func(args []any) (value any, ok bool)
	// element is the type of the numbers in a class of storages.
	element dtype
}

// pickleGlobals are all names that are known, with their modules. Whatever else a pickle says is
// refused: here lies the difference between reading a file and running it.
var pickleGlobals = map[string]*pickleGlobal{}

func init() {
	for _, g := range []pickleGlobal{
		{name: "collections.OrderedDict", call: newPickleDict},
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
		pickleGlobals[g.name] = &g
	}
	for _, module := range []string{"numpy.core.multiarray.", "numpy._core.multiarray."} { // before NumPy 2, and since
		pickleGlobals[module+"_reconstruct"] = &pickleGlobal{name: module + "_reconstruct", call: newNumpyArray}
		pickleGlobals[module+"scalar"] = &pickleGlobal{name: module + "scalar", call: nothing}
	}
	for class, element := range map[string]dtype{
		"Half": float16LE, "BFloat16": bfloat16LE, "Float": float32LE, "Double": float64LE,
		"Bool": {name: "bool", size: 1}, "Byte": {name: "uint8", size: 1}, "Char": {name: "int8", size: 1},
		"Short": {name: "int16", size: 2}, "Int": {name: "int32", size: 4}, "Long": {name: "int64", size: 8},
		"ComplexFloat": {name: "complex64", size: 8}, "ComplexDouble": {name: "complex128", size: 16},
	} {
		storage, tensor := "torch."+class+"Storage", "torch."+class+"Tensor"
		pickleGlobals[storage] = &pickleGlobal{name: storage, element: element}
		pickleGlobals[tensor] = &pickleGlobal{name: tensor, call: emptyTensor}
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

// newPickleDict takes nothing, or, from Python 2, a list of pairs.
func newPickleDict(args []any) (any, bool) {
	d := &pickleDict{}
	if len(args) == 0 {
		return d, true
	}
	pairs, ok := args[0].(*pickleList)
	if !ok || len(args) > 1 {
		return nil, false
	}
	for _, v := range pairs.items {
		pair, ok := v.(*pickleList)
		if !ok || len(pair.items) != 2 {
			return nil, false
		}
		d.keys = append(d.keys, pair.items[0])
		d.values = append(d.values, pair.items[1])
	}
	pairs.items = nil // so that no list is copied many times
	return d, true
}

// encodeLatin1 is how Python 3 writes bytes for Python 2.
func encodeLatin1(args []any) (any, bool) {
	if len(args) != 2 {
		return nil, false
	}
	text, ok := args[0].(pickleText)
	encoding, isText := args[1].(pickleText)
	if !ok || !isText || encoding.value != "latin1" || text.latin1 {
		return nil, false
	}
	text.latin1 = true
	return text, true
}

// wholeNumbers returns the whole numbers of a tuple, of which there may not be more than 32.
func wholeNumbers(v any) ([]int, bool) {
	list, ok := v.(*pickleList)
	if !ok || len(list.items) > 32 {
		return nil, false
	}
	numbers := make([]int, len(list.items))
	for i, v := range list.items {
		n, ok := v.(int64)
		if numbers[i] = int(n); !ok || n < 0 || int64(numbers[i]) != n {
			return nil, false
		}
	}
	return numbers, true
}
