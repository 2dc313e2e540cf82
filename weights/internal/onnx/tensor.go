package onnx

import (
	"fmt"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// tensor is a TensorProto.
type tensor struct {
	name     string
	shape    []int
	layout   container.Layout
	dtype    container.DType
	numbers  protobuf.Numbers
	external *external // where the numbers are if they are in another file
}

// floatType is a type of floating-point number, and the field of a TensorProto that has such numbers if they
// are not raw, or 0 if that is not read.
type floatType struct {
	dtype container.DType
	field int
}

// The types of TensorProto.DataType: parameters, and others.
var (
	floatTypes = map[uint64]floatType{
		1: {container.Float32LE, 4}, 10: {container.Float16LE, 5},
		11: {container.Float64LE, 10}, 16: {container.BFloat16LE, 5},
		17: {container.Float8E4M3, 0}, 18: {container.Float8E4M3FNUZ, 0}, 19: {container.Float8E5M2, 0},
		20: {container.Float8E5M2FNUZ, 0}, 24: {container.Float8E8M0, 0}, // raw, or in another file
	}
	otherTypes = map[uint64]string{
		2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "text", 9: "bool",
		12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128",
		21: "uint4", 22: "int4", 23: "4-bit float", 25: "uint2", 26: "int2",
	}
)

func (g *graph) readTensor(message protobuf.Span) (*tensor, error) {
	t := new(tensor)
	var kind uint64
	var raw *protobuf.Span
	var elsewhere external
	fields := map[int]*protobuf.Numbers{4: {Size: 4}, 5: {Size: 0},
		10: {Size: 8}} // float_data, int32_data, double_data
	if err := g.Each(message, func(f protobuf.Field) (err error) {
		switch f.Number {
		case 1: // dims
			t.shape, err = g.Dimensions(t.shape, f)
		case 2: // data_type
			kind, err = g.Number(f)
		case 3: // segment
			err = g.Of(t.name).Wrong("one in segments", "a whole tensor")
		case 4, 5, 10:
			err = g.Add(fields[f.Number], t.name, f)
		case 8: // name
			t.name, err = g.Text(f)
		case 9: // raw_data
			raw = new(protobuf.Span)
			*raw, err = g.Message(f)
		case 13: // external_data
			var pair protobuf.Span
			if pair, err = g.Message(f); err == nil {
				err = g.externalData(pair, &elsewhere)
			}
		case 14: // data_location
			var location uint64
			if location, err = g.Number(f); location == 1 {
				t.external = &elsewhere
			}
		}
		return err
	}); err != nil {
		return nil, err
	}
	t.layout = container.TorchLayout(len(t.shape))
	known, ok := floatTypes[kind]
	if !ok {
		if t.dtype.Name = otherTypes[kind]; t.dtype.Name == "" {
			return nil, g.Of(t.name).Wrong(fmt.Sprintf("%d", kind), "a type of number that the format has")
		}
		return t, nil
	}
	t.dtype = known.dtype
	sources := 0
	for _, number := range []int{4, 5, 10} {
		if fields[number].Count > 0 {
			sources++
			if number != known.field {
				return nil, g.Of(t.name).Wrong(fmt.Sprintf("them in field %d", number),
					fmt.Sprintf("numbers of type %s in field %d", t.dtype.Name, known.field))
			}
		}
	}
	if known.field != 0 {
		t.numbers = *fields[known.field]
	}
	if raw != nil {
		sources++
		var err error
		if t.numbers, err = g.Raw(*raw, t.name, t.dtype); err != nil {
			return nil, err
		}
	}
	if t.external != nil {
		sources++
	}
	if sources > 1 {
		return nil, g.Of(t.name).Wrong("more than one", "one place with numbers")
	}
	return t, nil
}
