package option

import (
	"encoding/json"
	"math"
	"strings"
)

// Property describes one option in JSON Schema (draft 2020-12). What begins with x- is our own.
type Property struct {
	Type        string          `json:"type"`
	Items       *Items          `json:"items,omitempty"`
	Description string          `json:"description"`
	Default     json.RawMessage `json:"default,omitempty"`
	Bounds
	Enum          []string `json:"enum,omitempty"`
	Examples      []string `json:"examples,omitempty"` // choices among which others are possible
	Group         string   `json:"x-group,omitempty"`
	Unit          string   `json:"x-unit,omitempty"`
	Names         Kind     `json:"x-names,omitempty"`
	Basic         bool     `json:"x-basic"`
	ChangesResult bool     `json:"x-changes-result"`
	ChangesMemory bool     `json:"x-changes-memory"`
}

// Items describes the elements of a list.
type Items struct {
	Type string `json:"type"`
	Bounds
}

// Bounds are the least and the greatest value of a number; nil for none.
type Bounds struct {
	Minimum          *float64 `json:"minimum,omitempty"`
	ExclusiveMinimum *float64 `json:"exclusiveMinimum,omitempty"`
	Maximum          *float64 `json:"maximum,omitempty"`
}

// Schema describes the options of a command as a JSON object whose members they are.
type Schema struct {
	Schema      string               `json:"$schema"`
	Title       string               `json:"title"`
	Description string               `json:"description,omitempty"`
	Type        string               `json:"type"`
	Properties  map[string]*Property `json:"properties"`
	Additional  bool                 `json:"additionalProperties"`
}

// NewSchema returns the schema of a command without options.
func NewSchema(title, description string) *Schema {
	return &Schema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: title, Description: description,
		Type: "object", Properties: map[string]*Property{},
	}
}

// Add adds options, whose defaults are in a struct.
func (s *Schema) Add(t Table, defaults any) {
	for i := range t {
		s.Properties[t[i].Name] = t[i].property(t[i].Of(defaults))
	}
}

func (o *Option) property(v Value) *Property {
	p := &Property{
		Description: o.Summary(), Group: o.Group, Unit: o.Unit, Names: o.Names, Basic: o.Basic,
		ChangesResult: o.Changes&Result != 0, ChangesMemory: o.Changes&Memory != 0,
	}
	if elem, ok := strings.CutSuffix(v.Type(), " list"); ok {
		p.Type, p.Items = "array", &Items{jsonType(elem), o.bounds()}
	} else {
		p.Type, p.Bounds = jsonType(v.Type()), o.bounds()
	}
	if o.Names == Class {
		p.Type = "string" // a number, too
	}
	if o.Default == "" {
		p.Default = v.json(p.Type)
	}
	if o.Or == "" {
		p.Enum = o.Choices
	} else {
		p.Examples = o.Choices
	}
	return p
}

// bounds returns the option's range.
func (o *Option) bounds() (b Bounds) {
	r := o.Range
	if !r.bounded {
		return b
	}
	switch {
	case r.Min == -math.MaxFloat64:
	case r.Open && o.Zero == "":
		b.ExclusiveMinimum = &r.Min
	case o.Zero != "":
		r.Min = min(r.Min, 0)
		b.Minimum = &r.Min
	default:
		b.Minimum = &r.Min
	}
	if r.Max < math.MaxFloat64 {
		b.Maximum = &r.Max
	}
	return b
}

func jsonType(typeName string) string {
	switch typeName {
	case "int", "uint", "channel":
		return "integer"
	case "float":
		return "number"
	case "bool":
		return "boolean"
	}
	return "string"
}

// json returns the value in JSON.
func (v Value) json(jsonType string) json.RawMessage {
	value := v.field.Interface()
	switch {
	case jsonType == "string":
		value = v.String()
	case v.IsList() && v.field.Len() == 0:
		value = []string{}
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}
