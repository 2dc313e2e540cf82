package hdf5

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/dataflow"
)

// Keras describes a network as layers, each with its class, its settings, and the layers that it reads.

// kerasLayer is a layer, or a network.
type kerasLayer struct {
	Class   string          `json:"class_name"`
	Name    string          `json:"name"`
	Config  json.RawMessage `json:"config"`
	Inbound json.RawMessage `json:"inbound_nodes"`
}

// kerasConfig has the settings that matter, of any class.
type kerasConfig struct {
	Name       string
	Layers     []kerasLayer
	Outputs    json.RawMessage `json:"output_layers"`
	Activation any
	UseBias    *bool `json:"use_bias"`
	Epsilon    *float64
	Center     *bool
	Scale      *bool
	Axis       any
}

// Describe lists the layers of a file by Keras' description of its network, as far as that can be read.
func Describe(c *container.Container, description []byte) {
	var top kerasLayer
	if json.Unmarshal(description, &top) != nil {
		return
	}
	k := keras{weights: weightsOf(c.Tensors), made: map[string]string{}}
	k.graph.Constants = map[string]dataflow.Constant{}
	k.graph.ChannelsLast = true
	for _, t := range c.Tensors {
		k.graph.Constants[t.Name] = dataflow.Constant{Tensor: t.Name, Count: t.Count()}
	}
	k.graph.Outputs = func(string) int64 { return 0 } // the numbers of a normalisation are as many
	if _, ok := k.network(top, "", "", 0); ok {
		k.graph.Describe(c)
	}
}

// keras builds the graph of a network.
type keras struct {
	graph   dataflow.Graph
	weights map[string][]string // the tensors of a layer, by where Keras has it
	made    map[string]string   // the value that a layer makes, by its name and that of its network
}

// maxNetworks bounds how deeply networks are nested.
const maxNetworks = 8

// network adds the layers of a network that reads a value. path is where Keras has its weights in a file of
// variables. It returns what the network makes; ok is false if the description cannot be followed.
func (k *keras) network(n kerasLayer, input, path string, depth int) (output string, ok bool) {
	var config kerasConfig
	if err := json.Unmarshal(n.Config, &config); err != nil { // Keras 1 has a list for Sequential
		if json.Unmarshal(n.Config, &config.Layers) != nil {
			return "", false
		}
	}
	if depth > maxNetworks || len(config.Layers) == 0 || len(k.graph.Nodes) > container.MaxTensors {
		return "", false
	}
	scope := path + "\x00" + strconv.Itoa(len(k.graph.Nodes)) + "\x00"
	last := input
	counts := map[string]int{}
	for _, l := range config.Layers {
		var c kerasConfig
		if json.Unmarshal(l.Config, &c) != nil && !isNetwork(l.Class) {
			return "", false
		}
		name := l.Name
		if name == "" {
			name = c.Name
		}
		snake := snakeCase(l.Class)
		place := path + "layers/" + snake
		if n := counts[snake]; n > 0 {
			place += "_" + strconv.Itoa(n)
		}
		counts[snake]++
		from := []string{last}
		if sources := inbound(l.Inbound); len(sources) > 0 {
			from = from[:0]
			for _, s := range sources {
				from = append(from, k.made[scope+s])
			}
		} else if l.Class == "InputLayer" {
			from = []string{input}
		}
		value := scope + name
		if isNetwork(l.Class) {
			if value, ok = k.network(l, from[0], place+"/", depth+1); !ok {
				return "", false
			}
		} else if !k.layer(l.Class, name, place, c, from, value) {
			return "", false
		}
		k.made[scope+name], last = value, value
	}
	if outputs := inbound(config.Outputs); len(outputs) > 0 {
		last = k.made[scope+outputs[0]]
	}
	return last, true
}

func isNetwork(class string) bool {
	return class == "Sequential" || class == "Functional" || class == "Model"
}

// layer adds a layer, with its activation as an operation of its own. It returns false if its weights are not
// found.
func (k *keras) layer(class, name, place string, c kerasConfig, from []string, value string) bool {
	node := dataflow.Node{Op: class, Inputs: from, Outputs: []string{value}}
	yes := func(set *bool) bool { return set == nil || *set }
	switch class {
	case "Conv2D", "Convolution2D", "Dense":
		w := k.find(name, place, []string{"kernel", "bias"}, yes(c.UseBias))
		if w == nil {
			return false
		}
		node.Kind, node.Inputs = dataflow.Conv, append(from[:1:1], w...)
		if active(c.Activation) {
			node.Outputs = []string{value + "\x00linear"}
			k.graph.Nodes = append(k.graph.Nodes, node)
			node = dataflow.Node{Op: activation(c.Activation), Inputs: node.Outputs, Outputs: []string{value}}
		}
	case "BatchNormalization":
		w := k.find(name, place, []string{"gamma", "beta", "moving_mean", "moving_variance"}, yes(c.Scale),
			yes(c.Center))
		if w == nil {
			return false
		}
		node.Kind, node.Inputs, node.Epsilon = dataflow.Norm, append(from[:1:1], w...), 1e-3
		if c.Epsilon != nil {
			node.Epsilon = *c.Epsilon
		}
	case "Activation":
		node.Op = activation(c.Activation)
	case "InputLayer", "Dropout", "SpatialDropout2D":
		node.Kind = dataflow.Same
	}
	k.graph.Nodes = append(k.graph.Nodes, node)
	return true
}

// find returns the tensors of a layer in the order of roles, empty for those that it does not have. It is nil
// if one is missing. has says which it has, of the ones that it may lack: a kernel's bias, or the first two of
// a normalisation.
func (k *keras) find(name, place string, roles []string, has ...bool) []string {
	if len(has) == 1 { // a kernel is always there
		has = []bool{true, has[0]}
	}
	for len(has) < len(roles) {
		has = append(has, true)
	}
	all := make([]string, len(roles))
	vars := k.weights[place+"/vars"]
	for i, role := range roles {
		switch {
		case !has[i]:
		case len(vars) > 0:
			all[i], vars = vars[0], vars[1:]
		default:
			for _, t := range k.weights[name] {
				if roleOf(t) == role {
					if all[i] != "" {
						return nil // networks with layers of one name
					}
					all[i] = t
				}
			}
		}
		if has[i] && all[i] == "" {
			return nil
		}
	}
	return all
}

// weightsOf groups tensors by the name of the layer that is before theirs, and by all that is.
func weightsOf(tensors []container.Tensor) map[string][]string {
	all := map[string][]string{}
	for _, t := range tensors {
		at := strings.LastIndexByte(t.Name, '/')
		if at < 0 {
			continue
		}
		group := t.Name[:at]
		if !strings.HasSuffix(group, "/vars") {
			group = group[strings.LastIndexByte(group, '/')+1:]
		}
		all[group] = append(all[group], t.Name)
	}
	return all
}

// roleOf returns what a tensor does in its layer, as Keras 2 calls it.
func roleOf(name string) string {
	name = strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], ":0")
	for _, r := range []struct{ end, role string }{
		{"kernel", "kernel"}, {"bias", "bias"}, {"gamma", "gamma"}, {"beta", "beta"}, {"moving_mean", "moving_mean"},
		{"moving_variance", "moving_variance"}, {"running_mean", "moving_mean"}, {"running_std", "moving_variance"},
		{"_W", "kernel"}, {"_W_1", "kernel"}, {"_b", "bias"}, {"_b_1", "bias"}, // Keras 1
	} {
		if strings.HasSuffix(name, r.end) {
			return r.role
		}
	}
	return ""
}

// activation is the name of an activation, if it has one.
func activation(a any) string {
	if name, ok := a.(string); ok {
		return name
	}
	return "Activation"
}

// active says whether an activation changes anything.
func active(activation any) bool { return activation != nil && activation != "linear" }

// inbound returns the names of the layers that a list of tensors comes from: [name, node, tensor], in any
// structure.
func inbound(text json.RawMessage) []string {
	var v any
	if len(text) == 0 || json.Unmarshal(text, &v) != nil {
		return nil
	}
	var all []string
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			if len(v) >= 3 {
				name, isName := v[0].(string)
				_, isNumber := v[1].(float64)
				if isName && isNumber {
					all = append(all, name)
					return
				}
			}
			for _, inner := range v {
				walk(inner)
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(v[key])
			}
		}
	}
	walk(v)
	return all
}

// The parts of Keras' rule for names of classes in lower case.
var (
	notWord  = regexp.MustCompile(`\W+`)
	newWord  = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	nextWord = regexp.MustCompile(`([a-z])([A-Z])`)
)

// snakeCase is the name of a class as Keras 3 has it in files of variables: batch_normalization.
func snakeCase(class string) string {
	class = notWord.ReplaceAllString(class, "")
	class = newWord.ReplaceAllString(class, "${1}_$2")
	return strings.ToLower(nextWord.ReplaceAllString(class, "${1}_$2"))
}
