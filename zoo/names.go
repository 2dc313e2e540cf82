package zoo

import (
	"slices"
	"strconv"
	"strings"

	"oneiro/weights"
)

// role is what a tensor does in its layer, by its name.
type role int

// The roles. A weight and a bias with moving averages beside them are a scale and a shift.
const (
	single role = iota // the name says nothing: the tensor is alone under it
	weight
	bias
	scale // of a normalisation
	shift
	mean
	variance
	factor // that a moving average was stored multiplied by
	magnitude
	direction // of a weight, divided by its length and multiplied by magnitude
	original  // of a weight, masked or divided by its spectral norm
	originalBias
	mask
	biasMask
	left // vectors beside a weight whose product with it is its spectral norm
	right
	counter // of steps, which no layer reads
	numbered
)

// roles are the words for them that frameworks use, in small letters. A word is the last part of a name, or
// what its last part ends in.
var roles = map[string]role{
	"weight": weight, "weights": weight, "kernel": weight, "kernels": weight, "filter": weight,
	"filters": weight, "w": weight, "conv2d_params": weight,
	"w_0": weight, "w_1": weight, // Caffe2, Keras 1
	"bias": bias, "biases": bias, "b": bias, "b_0": bias, "b_1": bias,
	"gamma": scale, "beta": shift,
	"running_mean": mean, "moving_mean": mean, "avg_mean": mean, "rm": mean,
	"running_var": variance, "moving_variance": variance, "moving_var": variance, "running_variance": variance,
	"avg_var": variance, "riv": variance,
	"weight_g": magnitude, "weight_orig": original, "weight_mask": mask, "weight_u": left, "weight_v": right,
	"bias_orig": originalBias, "bias_mask": biasMask,
	"num_batches_tracked": counter, "n_averaged": counter,
}

// parametrised are the endings of names that torch.nn.utils.parametrizations gives.
var parametrised = []struct {
	ending string
	role   role
}{
	{".parametrizations.weight.original0", magnitude},
	{".parametrizations.weight.original1", direction},
	{".parametrizations.weight.original", original},
	{".parametrizations.weight.0._u", left},
	{".parametrizations.weight.0._v", right},
}

// endings are those of names that say how a program stores a variable, and not what it is.
var endings = []string{tfValue, ":0", "/read"}

// average ends TensorFlow's names for moving averages of weights.
const average = "/ExponentialMovingAverage"

// wordless are parts of a name that wrappers put in, wherever they are.
var wordless = []string{
	"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module", "_forward_module",
}

// split takes the name of a tensor apart: the layer that it belongs to, in the normal form of layer, and its
// role there. A role numbered has its number.
func split(name string) (layer string, r role, number int) {
	for _, e := range endings {
		name = strings.TrimSuffix(name, e)
	}
	before := ""
	if cut, ok := strings.CutSuffix(name, average); ok {
		before, name = "ema.", cut
	}
	for _, p := range parametrised {
		if cut, ok := strings.CutSuffix(name, p.ending); ok {
			return before + normal(cut), p.role, 0
		}
	}
	at := strings.LastIndexAny(name, "./")
	last := strings.ToLower(name[at+1:])
	if r, ok := roles[last]; ok {
		return before + normal(name[:max(at, 0)]), r, 0
	}
	if path, ok := strings.CutSuffix(strings.TrimRight(name, "0123456789"), "/vars/"); ok { // Keras 3
		return before + normal(path), numbered, numberAt(last)
	}
	for i := range last { // the longest word after a mark
		if r, ok := roles[last[i:]]; ok && i > 0 && (last[i-1] == '_' || last[i-1] == '-') {
			return before + normal(name[:at+i]), r, 0
		}
	}
	return before + normal(name), single, 0
}

// numberAt returns the value of a run of digits, at most 1<<20.
func numberAt(digits string) int {
	n := 0
	for _, c := range digits {
		n = min(n*10+int(c-'0'), 1<<20)
	}
	return n
}

// normal writes the path of a layer in small letters and with dots for all marks, so that conv1/7x7_s2 and
// conv1_7x7_s2 are one, without what wrappers add, and without scopes that the name after them begins with, as
// block1_conv1/block1_conv1 and conv1/conv1_1 have them.
func normal(path string) string {
	var parts []string
	for scope := range strings.SplitSeq(strings.ToLower(path), "/") {
		var inner []string
		for _, p := range strings.FieldsFunc(scope, func(c rune) bool { return c == '.' || c == ':' }) {
			if !slices.Contains(wordless, p) && !isSlice(p) {
				inner = append(inner, strings.FieldsFunc(p,
					func(c rune) bool { return c == '_' || c == '-' || c == ' ' })...)
			}
		}
		if len(inner) == 0 {
			continue
		}
		part := strings.Join(inner, ".")
		if n := len(parts); n > 0 && begins(part, parts[n-1]) && strings.ContainsAny(parts[n-1], letters) &&
			!strings.HasPrefix(part, byPlace) {
			parts = parts[:n-1]
		}
		parts = append(parts, part)
	}
	return suffixless(strings.Join(parts, "."))
}

// byPlace begins what TensorFlow 2 calls a layer, which may be in a layer of the same name.
const byPlace = "layer.with.weights"

const letters = "abcdefghijklmnopqrstuvwxyz"

// begins says whether a part is another one, or that with more after it.
func begins(part, with string) bool { return part == with || strings.HasPrefix(part, with+".") }

// isSlice says whether a part is slice1, slice2 ...: parts of a network whose layers keep their numbers.
func isSlice(part string) bool {
	digits, ok := strings.CutPrefix(part, "slice")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// suffixless leaves out what ports of TensorFlow's graphs have after the name of a layer: the operation.
func suffixless(layer string) string {
	for _, end := range []string{".pre.relu.conv", ".pre.activation.matmul"} {
		layer = strings.TrimSuffix(layer, end)
	}
	return layer
}

// beside are words in the path of tensors that are no part of a network: what optimisers and loops of training
// keep. They are compared with parts in small letters; those of the second list begin parts.
var beside, besideBeginnings = []string{
	"exp_avg", "exp_avg_sq", "max_exp_avg_sq", "momentum_buffer", "square_avg", "adam", "adam_1",
	"momentum", "rmsprop", "rmsprop_1", "adagrad", "ftrl", "rng_state", "cuda_rng_state",
	"scheduler", "scaler", "random_state", "torch_rng", "training_args", "save_counter",
	"global_step", "_optimizer", "opt_state", "adagradda", "fisher",
}, []string{"optim", "lr_schedul"}

// isBeside says whether a tensor is one of these, by its name.
func isBeside(name string) bool {
	for part := range strings.FieldsFuncSeq(strings.ToLower(name), func(c rune) bool { return c == '/' || c == '.' }) {
		if slices.Contains(beside, part) ||
			slices.ContainsFunc(besideBeginnings, func(w string) bool { return strings.HasPrefix(part, w) }) {
			return true
		}
	}
	return false
}

// unit is a layer of a file: its tensors, by their roles.
type unit struct {
	key     string // of the layer, in normal form
	parts   map[role]weights.Info
	numbers []weights.Info // those that are numbered
}

// unitsOf groups the tensors of a file by layers, in the order of the file.
func unitsOf(file []weights.Info) []*unit {
	var all []*unit
	byKey := map[string]*unit{}
	for _, t := range file {
		if isBeside(t.Name) || !t.Float {
			continue
		}
		key, r, number := split(t.Name)
		u := byKey[key]
		if u == nil {
			u = &unit{key: key, parts: map[role]weights.Info{}}
			byKey[key] = u
			all = append(all, u)
		}
		switch {
		case r == numbered:
			for len(u.numbers) <= min(number, 8) {
				u.numbers = append(u.numbers, weights.Info{})
			}
			if number < len(u.numbers) {
				u.numbers[number] = t
			}
		case u.parts[r].Name == "":
			u.parts[r] = t
		}
	}
	for _, u := range all {
		u.settle()
	}
	return renumbered(paired(all, byKey))
}

// paired makes a layer of a weight and a bias that are called 0 and 1 under the layer's name, or the other way
// round, if there is nothing else under that name.
func paired(all []*unit, byKey map[string]*unit) []*unit {
	below := map[string]int{}
	for _, u := range all {
		below[parent(u.key)]++
	}
	gone := map[*unit]bool{}
	for _, u := range all {
		name, ok := strings.CutSuffix(u.key, ".0")
		other := byKey[name+".1"]
		if !ok || below[name] != 2 || byKey[name] != nil || u.alone() == "" || other.alone() == "" {
			continue
		}
		w, b := u.parts[single], other.parts[single]
		if len(w.Shape) == 1 {
			w, b = b, w
		}
		if len(w.Shape) > 1 && len(b.Shape) == 1 && slices.Contains(w.Shape, b.Shape[0]) {
			u.key, u.parts = name, map[role]weights.Info{weight: w, bias: b}
			gone[other] = true
		}
	}
	return slices.DeleteFunc(all, func(u *unit) bool { return gone[u] })
}

// has says whether the unit has a tensor in a role.
func (u *unit) has(r role) bool { return u != nil && u.parts[r].Name != "" }

// settle gives tensors the roles that they have because of what is beside them.
func (u *unit) settle() {
	if n := len(u.numbers); n > 0 {
		order := []role{weight, bias}
		if len(u.numbers[0].Shape) < 2 { // of a normalisation; Keras leaves the scale out before the shift
			order = map[int][]role{2: {mean, variance}, 3: {shift, mean, variance},
				4: {scale, shift, mean, variance}}[n]
		}
		for i, r := range order[:min(len(order), n)] {
			if u.numbers[i].Name != "" {
				u.parts[r] = u.numbers[i]
			}
		}
	}
	move := func(from, to role) {
		if u.has(from) && !u.has(to) {
			u.parts[to] = u.parts[from]
			delete(u.parts, from)
		}
	}
	if u.has(magnitude) && !u.has(original) {
		move(right, direction)
	}
	if len(u.parts[weight].Shape) < 2 { // beside moving averages, or alone
		move(weight, scale)
		if u.has(scale) || u.has(mean) {
			move(bias, shift)
		}
	}
}

// weightOf returns the tensor that a layer's weight is, or is made of.
func (u *unit) weightOf() weights.Info {
	if u == nil {
		return weights.Info{}
	}
	for _, r := range []role{weight, direction, original} {
		if u.has(r) {
			return u.parts[r]
		}
	}
	if len(essential(u.parts[single].Shape)) > 1 {
		return u.parts[single]
	}
	return weights.Info{}
}

// outputs says how many outputs the unit has by its vectors, or 0.
func (u *unit) outputs() int64 {
	for _, r := range []role{mean, scale, shift, bias, originalBias} {
		if u.has(r) {
			return u.parts[r].Len()
		}
	}
	return 0
}

// layer returns the tensors of a layer that u is, with the normalisation that comes after it.
func (u *unit) layer() weights.Layer {
	name := func(r role) string { return u.parts[r].Name }
	l := weights.Layer{Weight: u.weightOf().Name, Bias: name(bias)}
	l.Parametrisation = weights.Parametrisation{Magnitude: name(magnitude), Mask: name(mask),
		BiasMask: name(biasMask)}
	if l.Bias == "" {
		l.Bias = name(originalBias)
	}
	if u.has(original) {
		l.Parametrisation.Left, l.Parametrisation.Right = name(left), name(right)
	}
	return l
}

// isNorm says whether the unit looks like a normalisation, or another operation with a number for each
// channel.
func (u *unit) isNorm() bool { return u.has(scale) || u.has(mean) || u.has(variance) }

// foldable says whether it is one that can be folded into the layer before it.
func (u *unit) foldable() bool { return u.has(mean) && u.has(variance) }

// norm returns the tensors of a normalisation.
func (u *unit) norm(epsilon float64) weights.Norm {
	return weights.Norm{Scale: u.parts[scale].Name, Shift: u.parts[shift].Name, Mean: u.parts[mean].Name,
		Variance: u.parts[variance].Name, Epsilon: epsilon}
}

// counted are the names that Keras counts up while a program runs, whatever the network: the second network of
// a session begins at conv2d_94.
var counted = []string{"conv2d", "batch.normalization", "dense"}

// renumbered counts such layers from 0 under each path.
func renumbered(all []*unit) []*unit {
	groups := map[string][]*unit{}
	for _, u := range all {
		if path, name, _, ok := counting(u.key); ok {
			groups[path+name] = append(groups[path+name], u)
		}
	}
	for group, of := range groups {
		slices.SortFunc(of, func(a, b *unit) int {
			_, _, i, _ := counting(a.key)
			_, _, j, _ := counting(b.key)
			return i - j
		})
		for i, u := range of {
			u.key = group
			if i > 0 {
				u.key += "." + strconv.Itoa(i)
			}
		}
	}
	return all
}

// counting takes a name such as model.conv2d.3 apart.
func counting(key string) (path, name string, number int, ok bool) {
	for _, name := range counted {
		at := strings.LastIndex(key, name)
		if at < 0 || at > 0 && key[at-1] != '.' {
			continue
		}
		rest := key[at+len(name):]
		if rest == "" {
			return key[:at], name, -1, true
		}
		if digits, ok := strings.CutPrefix(rest, "."); ok && strings.Trim(digits, "0123456789") == "" {
			return key[:at], name, numberAt(digits), true
		}
	}
	return "", "", 0, false
}
