package option

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oneiro/internal/nearest"
)

// Problem is what is wrong with one option, and what would be right. Text reads on from the option's name:
// "must be 1 to 16, not 20".
type Problem struct{ Option, Text, Fix string }

// Values are options as text, by their names.
type Values map[string]string

// Set sets options to values. It returns what is wrong with them, in the order of their names.
func (t Table) Set(options any, values Values) []Problem {
	var problems []Problem
	for _, name := range slices.Sorted(maps.Keys(values)) {
		o := t.Lookup(name)
		if o == nil {
			problems = append(problems, Problem{name, "is not an option", nearest.Hint(nearest.Names(name, t.names(), 3), "")})
			continue
		}
		if err := o.Of(options).Set(values[name]); err != nil {
			problems = append(problems, Problem{o.Name, typeProblem(err), o.Help})
		}
	}
	return problems
}

func (t Table) names() []string {
	names := make([]string, len(t))
	for i, o := range t {
		names[i] = o.Name
	}
	return names
}

// Changed returns the options that differ from those of a base.
func (t Table) Changed(options, base any) Values {
	values := Values{}
	for i := range t {
		if v := t[i].Of(options).String(); v != t[i].Of(base).String() {
			values[t[i].Name] = v
		}
	}
	return values
}

// Check returns what is out of range or not among the choices.
func (t Table) Check(options any) []Problem {
	var problems []Problem
	for i := range t {
		o := &t[i]
		if text := o.check(o.Of(options)); text != "" {
			problems = append(problems, Problem{o.Name, text, o.Help})
		}
	}
	return problems
}

func (o *Option) check(v Value) string {
	if v.String() == "" {
		return ""
	}
	for _, n := range v.numbers() {
		if !o.Range.Contains(n) && !(o.Zero != "" && n == 0) {
			return fmt.Sprintf("must be %s, not %v", o.Bounds(), n)
		}
	}
	if len(o.Choices) > 0 && o.Or == "" && !slices.Contains(o.Choices, v.String()) {
		return fmt.Sprintf("must be %s, not %q", o.Allowed(), v)
	}
	return ""
}

// Bounds describes the range, with 0 if that is special.
func (o *Option) Bounds() string {
	s := o.Range.String()
	if o.Zero != "" && !o.Range.Contains(0) {
		s = strings.TrimPrefix(s+", or 0", "a number, or ")
	}
	return s
}
