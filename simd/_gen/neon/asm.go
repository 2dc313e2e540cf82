package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"slices"
	"strings"
)

// reg is a general register, vec a vector register.
type reg int
type vec int

func (r reg) String() string { return fmt.Sprintf("R%d", int(r)) }
func (v vec) String() string { return fmt.Sprintf("V%d", int(v)) }

// f is the name of v where it holds a scalar, or sixteen bytes to load or store.
func (v vec) f() string { return fmt.Sprintf("F%d", int(v)) }

// asm collects the text of one assembly file and the Go declarations of its functions.
type asm struct {
	text, stubs strings.Builder
	args        []arg
	labels      int
}

// arg is a parameter or the result of the function being written.
type arg struct {
	name, kind string
	offset     int
}

// i writes one instruction.
func (a *asm) i(format string, args ...any) {
	op, operands, _ := strings.Cut(fmt.Sprintf(format, args...), " ")
	a.text.WriteString(strings.TrimRight("\t"+op+"\t"+operands, "\t") + "\n")
}

// comment writes a line for the reader of the assembly.
func (a *asm) comment(format string, args ...any) {
	fmt.Fprintf(&a.text, "\n\t// "+format+"\n", args...)
}

// label returns a name that is new in this file; at puts it here.
func (a *asm) label(name string) string {
	a.labels++
	return fmt.Sprintf("%s%d", name, a.labels)
}

func (a *asm) at(label string) { fmt.Fprintf(&a.text, "\n%s:\n", label) }

// function starts a function with that many bytes of locals. The signature is written as in Go; doc
// becomes the comment of its declaration, so that it starts with the name.
func (a *asm) function(name, signature string, locals int, doc string) {
	a.args = nil
	size := a.layout(signature)
	for line := range strings.Lines(doc) {
		a.stubs.WriteString(strings.TrimRight("// "+line, " \n") + "\n")
	}
	fmt.Fprintf(&a.stubs, "//\n//go:noescape\nfunc %s%s\n\n", name, signature)
	fmt.Fprintf(&a.text, "\n// func %s%s\nTEXT ·%s(SB), NOSPLIT, $%d-%d\n", name, signature, name, locals, size)
}

// layout fills args and returns the size of the frame they lie in.
func (a *asm) layout(signature string) int {
	expr, err := parser.ParseExpr("func" + signature)
	if err != nil {
		panic(fmt.Sprintf("signature %s: %v", signature, err))
	}
	offset := 0
	place := func(name string, kind ast.Expr) {
		text, size := "", 8
		switch kind := kind.(type) {
		case *ast.StarExpr:
			text = "*"
		case *ast.Ident:
			text = kind.Name
		}
		if text == "float32" {
			size = 4
		}
		offset = (offset + size - 1) / size * size
		a.args = append(a.args, arg{name, text, offset})
		offset += size
	}
	fn := expr.(*ast.FuncType)
	for _, field := range fn.Params.List {
		for _, name := range field.Names {
			place(name.Name, field.Type)
		}
	}
	if fn.Results != nil {
		offset = (offset + 7) / 8 * 8
		place("ret", fn.Results.List[0].Type)
	}
	return offset
}

func (a *asm) arg(name string) arg {
	i := slices.IndexFunc(a.args, func(arg arg) bool { return arg.name == name })
	if i < 0 {
		panic("no argument " + name)
	}
	return a.args[i]
}

// argument loads a pointer or an int.
func (a *asm) argument(name string, to reg) {
	a.i("MOVD %s+%d(FP), %v", name, a.arg(name).offset, to)
}

// broadcast loads a float32 argument into all lanes of v.
func (a *asm) broadcast(name string, v vec) {
	a.i("FMOVS %s+%d(FP), %s", name, a.arg(name).offset, v.f())
	a.i("VDUP %v.S[0], %v.S4", v, v)
}

// result returns the float64 in v.
func (a *asm) result(v vec) {
	a.i("FMOVD %s, ret+%d(FP)", v.f(), a.arg("ret").offset)
	a.i("RET")
}

// A kernel works on blocks of 16, 4 or 1 floats. A block of one float is the lowest lane of a vector
// whose other lanes are 0 when it has been loaded.
const widest = 16

// vectors is how many registers a block takes.
func vectors(floats int) int { return max(1, floats/4) }

// load reads a block into v and the registers after it, and moves p to its end.
func (a *asm) load(p reg, v vec, floats int) { a.move(".P", p, v, floats) }

// peek reads a block and leaves p where it is.
func (a *asm) peek(p reg, v vec, floats int) { a.move("", p, v, floats) }

func (a *asm) move(suffix string, p reg, v vec, floats int) {
	a.pieces(suffix, floats, func(i, offset int) {
		switch {
		case floats == 1:
			a.i("FMOVS%s %d(%v), %s", suffix, offset, p, v.f())
		case floats == 4:
			a.i("FMOVQ%s %d(%v), %s", suffix, offset, p, v.f())
		default:
			a.i("FLDPQ%s %d(%v), (%s, %s)", suffix, offset, p, (v + vec(i)).f(), (v + vec(i) + 1).f())
		}
	})
}

// store writes a block, and moves p to its end.
func (a *asm) store(v vec, p reg, floats int) { a.put(".P", v, p, floats) }

// poke writes a block and leaves p where it is.
func (a *asm) poke(v vec, p reg, floats int) { a.put("", v, p, floats) }

func (a *asm) put(suffix string, v vec, p reg, floats int) {
	a.pieces(suffix, floats, func(i, offset int) {
		switch {
		case floats == 1:
			a.i("FMOVS%s %s, %d(%v)", suffix, v.f(), offset, p)
		case floats == 4:
			a.i("FMOVQ%s %s, %d(%v)", suffix, v.f(), offset, p)
		default:
			a.i("FSTPQ%s (%s, %s), %d(%v)", suffix, (v + vec(i)).f(), (v + vec(i) + 1).f(), offset, p)
		}
	})
}

// pieces calls f for the instructions that move a block: i is the first of one or two registers,
// offset its distance in bytes or, with the suffix .P, the increment.
func (a *asm) pieces(suffix string, floats int, f func(i, offset int)) {
	for i := 0; i < vectors(floats); i += 2 {
		if suffix == ".P" {
			f(i, 4*min(floats, 8))
		} else {
			f(i, 16*i)
		}
	}
}

// each calls f for the registers of a block.
func each(floats int, f func(i vec)) {
	for i := range vectors(floats) {
		f(vec(i))
	}
}

// strip writes loops that cut n floats into blocks of at most limit floats, the widest first.
func (a *asm) strip(n reg, limit int, body func(floats int)) {
	for _, floats := range []int{16, 4, 1} {
		if floats > limit {
			continue
		}
		loop, done := a.label("block"), a.label("less")
		a.i("SUBS $%d, %v", floats, n)
		a.i("BLT %s", done)
		a.at(loop)
		body(floats)
		a.i("SUBS $%d, %v", floats, n)
		a.i("BGE %s", loop)
		a.at(done)
		if floats > 1 {
			a.i("ADD $%d, %v", floats, n)
		}
	}
}

// repeat writes a loop that runs body n times, at least once, and leaves 0 in n.
func (a *asm) repeat(n reg, body func()) {
	loop := a.label("loop")
	a.at(loop)
	body()
	a.i("SUBS $1, %v", n)
	a.i("BNE %s", loop)
}

func (a *asm) zero(v vec) { a.i("VEOR %v.B16, %v.B16, %v.B16", v, v, v) }
