// Package pickle reads numbers in Python's pickles, as PyTorch and NumPy write them, and runs nothing.
package pickle

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"oneiro/weights/internal/container"
)

// pickle runs the program that a Python pickle is, as far as files of weights need it (the reference
// is Lib/pickletools.py of CPython; protocols 2 to 5). The values that it makes are
//
//	nil, bool, int64, float64, Long, Text   what they say
//	*List    a list or a tuple
//	*Dict    a dictionary
//	*global  a name, one of globals
//	*Storage, *torchTensor, *numpyType, *numpyArray
//
// No name is ever looked up anywhere else, nothing is called that is not in globals, and no
// text of more than maxText bytes is read: its place is kept.
type pickle struct {
	in       *Input
	stack    []any
	marks    []int // heights of the stack
	memo     map[uint32]any
	storages []*Storage // in the order in which the program names them
	err      error      // the first one; what follows does nothing
}

type (
	// Long is a whole number of more than 64 bits, as two's complement, the lowest byte first.
	Long string
	// Text is a text or a string of bytes, which Python 2 does not distinguish.
	Text struct {
		Value          string // empty if it is longer than maxText
		offset, length int64  // of its bytes in the file
		latin1         bool   // the bytes are UTF-8 for characters that stand for one byte each
	}
	List struct{ Items []any }
	// Dict has its items in the order of the file. A key may be there twice.
	Dict struct{ keys, values []any }
)

// The limits of a pickle. An opcode makes less than 200 bytes of values, so that no pickle takes
// more memory than 50 MiB and its texts. A tensor needs fewer than 50 opcodes.
const (
	maxOpcodes  = 1 << 18
	maxText     = 512 // bytes
	maxLine     = 256
	maxLong     = 16
	maxProtocol = 5
)

// Run runs the pickle that begins at the position of in, and leaves in after it. The storages are
// those that the pickle names, some more than once.
func Run(in *Input) (root any, storages []*Storage, err error) {
	p := &pickle{in: in, memo: map[uint32]any{}}
	for range maxOpcodes {
		op := byte(p.number(1))
		if op == opStop && p.err == nil {
			root = p.pop()
			return root, p.storages, p.err
		}
		p.do(op)
		if p.err != nil {
			return nil, nil, p.err
		}
	}
	p.wrong(fmt.Sprintf("more than %d steps", maxOpcodes), "a pickle of weights")
	return nil, nil, p.err
}

func (p *pickle) do(op byte) {
	switch op {
	case Proto:
		if v := p.number(1); v > maxProtocol {
			p.wrong(fmt.Sprintf("%d", v), fmt.Sprintf("a pickle of protocol %d or lower", maxProtocol))
		}
	case opFrame:
		p.number(8) // how many bytes are worth reading at once
	case opMark:
		p.marks = append(p.marks, len(p.stack))
	case opPop:
		if n := len(p.marks); n > 0 && p.marks[n-1] == len(p.stack) {
			p.marks = p.marks[:n-1]
		} else {
			p.pop()
		}
	case opPopMark:
		p.popMark()
	case opNone:
		p.push(nil)
	case opTrue, opFalse:
		p.push(op == opTrue)
	case opIntLine:
		n, err := strconv.ParseInt(p.line(), 10, 64)
		if err != nil {
			p.wrong("another text", "a whole number")
		}
		p.push(n)
	case opInt:
		p.push(int64(int32(p.number(4))))
	case opInt1:
		p.push(int64(p.number(1)))
	case opInt2:
		p.push(int64(p.number(2)))
	case opLong1:
		p.long()
	case opFloat:
		if b := p.bytes(8); b != nil {
			p.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
	case opShortUnicode, opShortBytes, opShortString:
		p.text(1)
	case opUnicode, opBytes, opString:
		p.text(4)
	case opUnicode8, opBytes8:
		p.text(8)
	case opEmptyDict:
		p.push(&Dict{})
	case opEmptyList, opEmptyTuple:
		p.push(&List{})
	case opTuple:
		p.push(&List{p.popMark()})
	case opTuple1, opTuple2, opTuple3:
		p.push(&List{p.popN(int(op) - opTuple1 + 1)})
	case opAppend:
		p.appendTo(p.popN(1))
	case opAppends:
		p.appendTo(p.popMark())
	case opSetItem:
		p.setItems(p.popN(2))
	case opSetItems:
		p.setItems(p.popMark())
	case opPut:
		p.memo[uint32(p.number(1))] = p.top()
	case opLongPut:
		p.memo[uint32(p.number(4))] = p.top()
	case opMemoize:
		p.memo[uint32(len(p.memo))] = p.top()
	case opGet:
		p.get(uint32(p.number(1)))
	case opLongGet:
		p.get(uint32(p.number(4)))
	case opGlobal:
		module := p.line()
		p.global(module, p.line())
	case opStackGlobal:
		names := p.popN(2)
		if p.err == nil {
			module, _ := names[0].(Text)
			name, _ := names[1].(Text)
			p.global(module.Value, name.Value)
		}
	case opReduce:
		p.reduce()
	case opBuild:
		p.build()
	case opPersistentID:
		p.persistentID()
	default:
		if p.err == nil {
			p.wrong(fmt.Sprintf("the opcode 0x%02x at byte %d", op, p.in.Pos-1), "an opcode that weights need")
		}
	}
}

func (p *pickle) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *pickle) wrong(found, want string) {
	p.fail(p.in.Wrong(found, want))
}

func (p *pickle) appendTo(values []any) {
	list, ok := p.top().(*List)
	if !ok {
		p.wrong("another value", "a list to append to")
		return
	}
	list.Items = append(list.Items, values...)
}

func (p *pickle) setItems(values []any) {
	dict, ok := p.top().(*Dict)
	if !ok || len(values)%2 != 0 {
		p.wrong("another value", "a dictionary, and a value for each key")
		return
	}
	for i := 0; i < len(values); i += 2 {
		dict.keys = append(dict.keys, values[i])
		dict.values = append(dict.values, values[i+1])
	}
}

func (p *pickle) get(key uint32) {
	v, ok := p.memo[key]
	if !ok {
		p.wrong(fmt.Sprintf("number %d, which it has not stored", key), "a value that the pickle remembers")
	}
	p.push(v)
}

func (p *pickle) global(module, name string) {
	if p.err != nil {
		return
	}
	g := globals[module+"."+name]
	if g == nil {
		p.fail(&container.UnsupportedError{
			File:  p.in.File,
			Looks: fmt.Sprintf("a Python pickle that needs %s.%s", module, name), Advice: saveNumbers,
		})
	}
	p.push(g)
}

// saveNumbers is what to do about a pickle that has more in it than numbers.
const saveNumbers = "Python can run programs from this file when it loads it, which never happens here; " +
	"if you trust it, load it there and save the numbers alone: torch.save(model.state_dict(), " +
	"\"weights.pth\")"

func (p *pickle) reduce() {
	args, ok := p.pop().(*List)
	g, called := p.pop().(*global)
	if p.err != nil {
		return
	}
	if !ok || !called || g.call == nil {
		p.wrong("another value", "a function and its arguments")
		return
	}
	v, ok := g.call(args.Items)
	if !ok {
		p.wrong("others", "the arguments of "+g.name)
	}
	p.push(v)
}

// build sets the state of an object that was made before.
func (p *pickle) build() {
	state := p.pop()
	ok := false
	switch v := p.top().(type) {
	case *Dict:
		ok = true // attributes, such as the versions of a network's parts
	case interface{ setState(state []any) bool }:
		if list, is := state.(*List); is {
			ok = v.setState(list.Items)
		}
	}
	if !ok {
		p.wrong("another", "the state of an object")
	}
}
