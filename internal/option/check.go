package option

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"oneiro/internal/nearest"
)

// Mistake is what is wrong with one option, and what to do about it. Problem reads on from the option's
// name: "must be 1 to 16, not 20".
type Mistake struct{ Option, Problem, Fix string }

// Error reports options that do not make sense, all of them at once.
type Error struct{ Mistakes []Mistake }

func (e *Error) Error() string { return e.Text("") }

// Text returns the message with a prefix for the names of options, such as "--".
func (e *Error) Text(prefix string) string {
	lines := make([]string, len(e.Mistakes))
	for i, m := range e.Mistakes {
		lines[i] = prefix + m.Option + " " + m.Problem
	}
	return strings.Join(lines, "; ")
}

// Hint says what to do.
func (e *Error) Hint() string {
	var fixes []string
	for _, m := range e.Mistakes {
		if m.Fix != "" {
			fixes = append(fixes, m.Fix)
		}
	}
	return strings.Join(fixes, "; ")
}

// Mistakes collects what is wrong with options.
type Mistakes []Mistake

// Add adds a mistake.
func (m *Mistakes) Add(option, fix, problem string, args ...any) {
	*m = append(*m, Mistake{option, fmt.Sprintf(problem, args...), fix})
}

// Err returns an *Error, or nil if there are no mistakes.
func (m Mistakes) Err() error {
	if len(m) == 0 {
		return nil
	}
	return &Error{m}
}

// Values are options as text, by their names.
type Values map[string]string

// Set sets options to values. It returns what is wrong with them, in the order of their names.
func (t Table) Set(options any, values Values) Mistakes {
	var m Mistakes
	for _, name := range slices.Sorted(maps.Keys(values)) {
		o := t.Lookup(name)
		if o == nil {
			m = append(m, Mistake{name, "is not an option", nearest.Hint(nearest.Names(name, t.names(), 3), "")})
			continue
		}
		if err := o.Of(options).Set(values[name]); err != nil {
			m = append(m, Mistake{o.Name, typeProblem(err), o.hint()})
		}
	}
	return m
}

// Split returns the values of the options in the table, and the rest.
func (t Table) Split(values Values) (own, rest Values) {
	own, rest = Values{}, Values{}
	for name, value := range values {
		if t.Lookup(name) != nil {
			own[name] = value
		} else {
			rest[name] = value
		}
	}
	return own, rest
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
func (t Table) Check(options any) Mistakes {
	var m Mistakes
	for i := range t {
		o := &t[i]
		if problem, fix := o.check(o.Of(options)); problem != "" {
			m = append(m, Mistake{o.Name, problem, fix})
		}
	}
	return m
}

// hint reminds of what the option is.
func (o *Option) hint() string { return o.Name + ": " + o.Summary() }

// check returns what is wrong with a value, or nothing.
func (o *Option) check(v Value) (problem, fix string) {
	text := v.String()
	if text == "" && (len(o.Choices) == 0 || o.mayBeEmpty()) {
		return "", ""
	}
	for _, n := range v.numbers() {
		if !o.Range.Contains(n) && !(o.Zero != "" && n == 0) {
			return fmt.Sprintf("must be %s, not %s", o.Bounds(), number(n)), o.hint()
		}
	}
	if len(o.Choices) > 0 && o.Or == "" && !slices.Contains(o.Choices, text) {
		near := nearest.Names(text, o.Choices, 2)
		return fmt.Sprintf("must be %s, not %q", o.Allowed(), v), nearest.Hint(near, o.hint())
	}
	return "", ""
}

// mayBeEmpty returns whether an option with choices may also have no value.
func (o *Option) mayBeEmpty() bool { return o.None != "" || o.Default != "" || o.Zero != "" }

// Bounds describes the range, with 0 if that is special.
func (o *Option) Bounds() string {
	s := o.Range.String()
	if o.Zero != "" && !o.Range.Contains(0) {
		s = strings.TrimPrefix(s+", or 0", "a number, or ")
	}
	return s
}
