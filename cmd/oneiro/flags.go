package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"oneiro/internal/option"
)

// flag is the flag of an option. It sets the field of a struct and keeps what it was given, since the
// defaults of some options depend on others, such as the network.
type flag struct {
	option.Value
	option *option.Option
	text   string
	given  bool
	// textual means that the text says nothing yet: it depends on the command that plan plans for, or it is
	// the name of a class or of a file.
	textual bool
}

// Set is called each time that the flag is given; lists get longer.
func (f *flag) Set(text string) error {
	if f.IsList() && f.given {
		text = f.text + "," + text
	}
	f.text, f.given = text, true
	if f.textual {
		return nil
	}
	return f.Value.Set(text)
}

// Type names what the flag takes, for the help.
func (f *flag) Type() string {
	if f.IsBool() {
		return "bool"
	}
	return strings.ToUpper(f.option.Unit)
}

// String returns what the flag was given, or else its default.
func (f *flag) String() string {
	if f.given {
		return f.text
	}
	return f.Value.String()
}

// addFlags adds a flag for each option of a table. Their defaults are the values in options, which they set.
func addFlags(fs *pflag.FlagSet, t option.Table, options any) {
	aliases := map[string]string{}
	for i := range t {
		o := &t[i]
		for _, alias := range o.Aliases {
			aliases[alias] = o.Name
		}
		if f := fs.Lookup(o.Name); f != nil { // plan has those of several pipelines, each with its defaults
			if f.DefValue != o.Of(options).String() {
				f.DefValue = ""
			}
			if first, ok := f.Value.(*flag); ok && first.Value.Type() != o.Of(options).Type() {
				first.textual = true
			}
			continue
		}
		value := &flag{Value: o.Of(options), option: o, textual: o.Names == option.Class || o.Names == option.Content}
		f := fs.VarPF(value, o.Name, shorthands[o.Name], usage(o))
		if o.Default != "" {
			f.DefValue = ""
		}
		if o.Of(options).IsBool() {
			f.NoOptDefVal = "true"
		}
	}
	before := fs.GetNormalizeFunc()
	fs.SetNormalizeFunc(func(fs *pflag.FlagSet, name string) pflag.NormalizedName {
		if to, ok := aliases[name]; ok {
			name = to
		}
		return before(fs, name)
	})
}

// shorthands are the names of one letter.
var shorthands = map[string]string{"output": "o"}

// optionOf returns the option that a flag is of, or nil.
func optionOf(f *pflag.Flag) *option.Option {
	if f, ok := f.Value.(*flag); ok {
		return f.option
	}
	return nil
}

// given returns what the flags of a table's options were given.
func given(fs *pflag.FlagSet, t option.Table) option.Values {
	values := option.Values{}
	fs.Visit(func(f *pflag.Flag) {
		if o := optionOf(f); o != nil && t.Lookup(o.Name) != nil {
			values[o.Name] = f.Value.String()
		}
	})
	return values
}

// strangers returns the flags that were given and are of options in none of the tables.
func strangers(fs *pflag.FlagSet, tables ...option.Table) []string {
	var names []string
	fs.Visit(func(f *pflag.Flag) {
		known := func(t option.Table) bool { return t.Lookup(f.Name) != nil }
		if optionOf(f) != nil && !slices.ContainsFunc(tables, known) {
			names = append(names, f.Name)
		}
	})
	return names
}
