// Package option declares options as data: an option is one row of a table, bound by name to a field of a
// struct.
//
// Everything that knows options reads the same row: flags and their help, the JSON schema, the
// documentation, the settings in a recipe, and the checks.
package option

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Option declares one option.
type Option struct {
	// Name is the name on the command line and in recipes, Field the field of the struct that holds the value.
	Name, Field string
	// Aliases are older names, still understood but not shown.
	Aliases []string
	// Group is the heading that the option is listed under.
	Group string
	// Unit says in a word what the value is: pixels, steps, layers. Help shows it as a placeholder.
	Unit string
	// Help is one line, without a full stop.
	Help string
	// Zero says what 0, or no value, does if that is special. It reads on from "0": "keeps the size".
	Zero string
	// Default describes a default that is not a fixed value: "the network's own".
	Default string
	// None is the value that stands for none and is written as empty text, if that is not empty itself.
	None string
	// Range bounds a number; the zero Range bounds nothing.
	Range Range
	// Choices are the words that may be given; Or describes what else may be.
	Choices []string
	Or      string
	// Names says what the value is the name of, so that it can be completed.
	Names Kind
	// Endings are those of the files that the value names, without dots, for completion; none for any.
	Endings []string
	// Changes says what depends on the option.
	Changes Effect
	// Basic marks the few options that most people need.
	Basic bool
}

// Kind is a kind of thing that an option names.
type Kind string

// The kinds of names.
const (
	File    Kind = "file"
	Content Kind = "content" // a file, what is in it being the value
	Network Kind = "network"
	Layer   Kind = "layer"
	Class   Kind = "class"
	Device  Kind = "device"
	Kernels Kind = "kernels"
)

// Effect is a set of what an option has an effect on.
type Effect int

// The effects. An option with neither changes only what is reported, or the time that a run takes.
const (
	Result Effect = 1 << iota // the picture
	Memory                    // the memory and the work of a step
)

// Table is a list of options of one struct, in the order in which they are shown.
type Table []Option

// In returns the options with the group set.
func (t Table) In(group string) Table {
	out := slices.Clone(t)
	for i := range out {
		out[i].Group = group
	}
	return out
}

// Filter returns the options for which keep is true.
func (t Table) Filter(keep func(*Option) bool) Table {
	var out Table
	for _, o := range t {
		if keep(&o) {
			out = append(out, o)
		}
	}
	return out
}

// Without returns the options but for those with the names.
func (t Table) Without(names ...string) Table {
	return t.Filter(func(o *Option) bool { return !slices.Contains(names, o.Name) })
}

// Lookup returns the option with a name or an alias, or nil.
func (t Table) Lookup(name string) *Option {
	for i := range t {
		if t[i].Name == name || slices.Contains(t[i].Aliases, name) {
			return &t[i]
		}
	}
	return nil
}

// Groups returns the groups in order.
func (t Table) Groups() []string {
	var groups []string
	for _, o := range t {
		if !slices.Contains(groups, o.Group) {
			groups = append(groups, o.Group)
		}
	}
	return groups
}

// Of returns the value of the option in a struct, which options points to. It panics if the struct has no such
// field: that is a mistake in the table.
func (o *Option) Of(options any) Value {
	v := reflect.ValueOf(options).Elem().FieldByName(o.Field)
	if !v.IsValid() {
		panic(fmt.Sprintf("option %s: %T has no field %s", o.Name, options, o.Field))
	}
	return Value{o, v}
}

// Summary returns the help with what 0 does.
func (o *Option) Summary() string {
	if o.Zero == "" {
		return o.Help
	}
	return o.Help + "; 0 " + o.Zero
}

// Description returns the summary with the choices.
func (o *Option) Description() string {
	if len(o.Choices) == 0 {
		return o.Summary()
	}
	return o.Summary() + ": " + o.Allowed()
}

// Allowed lists the choices in words: "a, b or c".
func (o *Option) Allowed() string {
	words := o.Choices
	if o.Or != "" {
		words = append(slices.Clone(words), o.Or)
	}
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " or " + words[n]
	}
	return strings.Join(words, "")
}
