package option

import (
	"encoding"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Value is the value of an option in a struct. It reads and writes text, and is a pflag.Value.
type Value struct {
	option *Option
	field  reflect.Value
}

// String returns the value as Set reads it. Lists have commas between their elements, and quotes around those
// with a comma in them.
func (v Value) String() string {
	if !v.field.IsValid() { // pflag asks zero values
		return ""
	}
	text := format(v.field)
	if text == v.option.None {
		return ""
	}
	return text
}

func format(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			panic(err)
		}
		return string(text)
	}
	switch v.Kind() {
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = format(v.Index(i))
		}
		return joinList(parts)
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}

// joinList writes what parseList reads.
func joinList(parts []string) string {
	if len(parts) == 1 && parts[0] == "" {
		return `""` // without quotes it is an empty list
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	if err := w.Write(parts); err != nil {
		panic(err)
	}
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// Set reads the value from text. The error is a *TypeError.
func (v Value) Set(text string) error {
	value := text
	if value == "" {
		value = v.option.None
	}
	if err := parse(v.field, value); err != nil {
		return &TypeError{v.option, v.Type(), text}
	}
	return nil
}

func parse(v reflect.Value, text string) error {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return nil
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err
	case reflect.Int:
		n, err := strconv.ParseInt(text, 0, v.Type().Bits())
		v.SetInt(n)
		return err
	case reflect.Uint64:
		n, err := strconv.ParseUint(text, 0, 64)
		v.SetUint(n)
		return err
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		v.SetFloat(f)
		return err
	case reflect.Slice:
		return parseList(v, text)
	}
	panic("option: a field cannot be a " + v.Type().String())
}

// parseList reads a list with commas between its elements; quotes keep a comma in one.
func parseList(v reflect.Value, text string) error {
	v.SetZero()
	if text == "" {
		return nil
	}
	r := csv.NewReader(strings.NewReader(text))
	parts, err := r.Read()
	if err != nil {
		return err
	}
	if _, err := r.Read(); err != io.EOF {
		return errors.New("a list has one line")
	}
	list := reflect.MakeSlice(v.Type(), len(parts), len(parts))
	for i, part := range parts {
		if list.Index(i).Kind() != reflect.String {
			part = strings.TrimSpace(part)
		}
		if err := parse(list.Index(i), part); err != nil {
			return err
		}
	}
	v.Set(list)
	return nil
}

// Type names the type of the value: int, uint, float, bool, string, or a list of those.
func (v Value) Type() string {
	if !v.field.IsValid() {
		return ""
	}
	return typeName(v.field.Type())
}

func typeName(t reflect.Type) string {
	if u, ok := reflect.New(t).Interface().(interface{ Type() string }); ok {
		return u.Type()
	}
	switch t.Kind() {
	case reflect.Slice:
		return typeName(t.Elem()) + " list"
	case reflect.Float64:
		return "float"
	case reflect.Uint64:
		return "uint"
	}
	return t.Kind().String()
}

// IsList returns whether the value is a list.
func (v Value) IsList() bool { return v.field.Kind() == reflect.Slice }

// IsBool returns whether the value is true or false.
func (v Value) IsBool() bool { return v.field.Kind() == reflect.Bool }

// IsNumber returns whether the value is a number, or a list of numbers.
func (v Value) IsNumber() bool {
	kind := v.field.Kind()
	if kind == reflect.Slice {
		kind = v.field.Type().Elem().Kind()
	}
	return kind == reflect.Int || kind == reflect.Uint64 || kind == reflect.Float64
}

// numbers returns the value, or the elements of the list, as numbers; none if it has none.
func (v Value) numbers() []float64 {
	switch v.field.Kind() {
	case reflect.Int:
		return []float64{float64(v.field.Int())}
	case reflect.Uint64:
		return []float64{float64(v.field.Uint())}
	case reflect.Float64:
		return []float64{v.field.Float()}
	case reflect.Slice:
		var all []float64
		for i := range v.field.Len() {
			all = append(all, Value{v.option, v.field.Index(i)}.numbers()...)
		}
		return all
	}
	return nil
}

// TypeError reports a text that is not of an option's type.
type TypeError struct {
	Option *Option
	Type   string
	Text   string
}

func (e *TypeError) Error() string { return e.Option.Name + " " + e.problem() }

func (e *TypeError) problem() string {
	return fmt.Sprintf("must be %s, not %q", Describe(e.Type), e.Text)
}

// Describe says in words what a type takes: "a whole number".
func Describe(typeName string) string {
	if elem, ok := strings.CutSuffix(typeName, " list"); ok {
		switch elem {
		case "int":
			elem = "whole number"
		case "float":
			elem = "number"
		}
		return "a list of " + elem + "s"
	}
	switch typeName {
	case "int":
		return "a whole number"
	case "uint", "uint64":
		return "a whole number of 0 or more"
	case "float", "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "intSlice":
		return "a list of whole numbers"
	case "float64Slice":
		return "a list of numbers"
	case "bytes":
		return "an amount of memory"
	}
	return "a " + typeName
}

// typeProblem returns the problem of a *TypeError.
func typeProblem(err error) string {
	if e, ok := errors.AsType[*TypeError](err); ok {
		return e.problem()
	}
	return err.Error()
}
