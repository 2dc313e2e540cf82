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
//	*List    a list, a tuple or a set
//	*Dict    a dictionary
//	*global  a name: one of globals, or another one
//	*object  what another name makes of its arguments
//	*Storage, *torchTensor, *numpyType, *numpyArray
//
// No name is ever looked up anywhere else, and nothing is called that is not in globals: an object is only a
// place for what is given to it. No text of more than maxText bytes is read: its place is kept.
type pickle struct {
	in       *Input
	stack    []any
	marks    []int // heights of the stack
	memo     map[uint32]any
	storages []*Storage // in the order in which the program names them
	values   int        // how many were made that are not plain numbers
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

// The limits of a pickle. Opcodes that do more than push a number make less than 200 bytes of values each, so
// that no pickle takes more memory than 50 MiB, its texts, and what is on the stack. A tensor needs fewer than
// 50. Of numbers in a list, such as the losses of a training, those after the first maxPlain are not kept.
const (
	maxOpcodes  = 1 << 23
	maxValues   = 1 << 18
	maxStack    = 1 << 18
	maxPlain    = 1 << 12
	maxText     = 512 // bytes
	maxLine     = 256
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
		if !plain(op) {
			p.values++
		}
		if p.values > maxValues || len(p.stack)+len(p.marks) > maxStack {
			p.fail(p.tooLong())
		}
		p.do(op)
		if p.err != nil {
			return nil, nil, p.err
		}
	}
	return nil, nil, p.tooLong()
}

// tooLong reports a pickle with more in it than what weights need.
func (p *pickle) tooLong() error {
	return &container.UnsupportedError{File: p.in.File, Looks: "a Python pickle with far more in it than tensors",
		Advice: saveNumbers}
}

// plain says whether an opcode only pushes a number, or ends what was pushed.
func plain(op byte) bool {
	switch op {
	case opNone, opTrue, opFalse, opInt, opInt1, opInt2, opFloat, opLong1, opMark, opFrame:
		return true
	}
	return false
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
		p.long(1)
	case opLong4:
		p.long(4)
	case opFloat:
		if b := p.bytes(8); b != nil {
			p.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
		}
	case opShortUnicode, opShortBytes, opShortString:
		p.text(1)
	case opUnicode, opBytes, opString:
		p.text(4)
	case opUnicode8, opBytes8, opByteArray8:
		p.text(8)
	case opEmptyDict:
		p.push(&Dict{})
	case opEmptyList, opEmptyTuple, opEmptySet:
		p.push(&List{})
	case opTuple, opFrozenSet:
		p.push(&List{p.popMark()})
	case opTuple1, opTuple2, opTuple3:
		p.push(&List{p.popN(int(op) - opTuple1 + 1)})
	case opAppend:
		p.appendTo(p.popN(1))
	case opAppends, opAddItems:
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
	case opReduce, opNewObject:
		p.reduce()
	case opNewObjectEx:
		if v := p.pop(); v != nil { // arguments by name
			if named, ok := v.(*Dict); !ok || len(named.keys) > 0 {
				p.push(&List{[]any{p.pop(), v}})
			}
		}
		p.reduce()
	case opDuplicate:
		p.push(p.top())
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
	var list *List
	switch v := p.top().(type) {
	case *List:
		list = v
	case *object:
		list = &v.items
	default:
		p.wrong("another value", "a list to append to")
		return
	}
	for _, v := range values {
		if len(list.Items) < maxPlain || !isNumber(v) {
			list.Items = append(list.Items, v)
		}
	}
}

func (p *pickle) setItems(values []any) {
	var dict *Dict
	switch v := p.top().(type) {
	case *Dict:
		dict = v
	case *object:
		dict = &v.entries
	}
	if dict == nil || len(values)%2 != 0 {
		p.wrong("another value", "a dictionary, and a value for each key")
		return
	}
	for i := 0; i < len(values); i += 2 {
		if len(dict.keys) < maxPlain || !isNumber(values[i+1]) {
			dict.keys = append(dict.keys, values[i])
			dict.values = append(dict.values, values[i+1])
		}
	}
}

// isNumber says whether a value leads to no tensor.
func isNumber(v any) bool {
	switch v.(type) {
	case nil, bool, int64, float64, Long:
		return true
	}
	return false
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
	name = module + "." + name
	g := globals[name]
	switch {
	case g != nil:
	case runsPrograms(name):
		p.fail(&container.UnsupportedError{File: p.in.File,
			Looks: "a Python pickle that would run " + name, Advice: saveNumbers})
	default:
		g = &global{name: name, call: newObject}
	}
	p.push(g)
}

// saveNumbers is what to do about a pickle that has more in it than numbers.
const saveNumbers = "Python can run programs from this file when it loads it, which never happens here; " +
	"if you trust it, load it there and save the numbers alone: torch.save(model.state_dict(), " +
	"\"weights.pth\")"

func (p *pickle) reduce() {
	args, ok := p.pop().(*List)
	function := p.pop()
	if p.err != nil {
		return
	}
	g, called := function.(*global)
	if _, made := function.(*object); made && ok { // a class that was made by the program
		g, called = &global{call: newObject}, true
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
	case *object:
		v.state, ok = append(v.state, state), true
	case interface{ setState(state []any) bool }:
		if list, is := state.(*List); is {
			ok = v.setState(list.Items)
		}
	}
	if !ok {
		p.wrong("another", "the state of an object")
	}
}
