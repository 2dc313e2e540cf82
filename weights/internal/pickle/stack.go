package pickle

func (p *pickle) push(v any) {
	if p.err == nil {
		p.stack = append(p.stack, v)
	}
}

// top returns the value that the next pop takes.
func (p *pickle) top() any {
	v := p.pop()
	p.push(v)
	return v
}

func (p *pickle) pop() any {
	if v := p.popN(1); v != nil {
		return v[0]
	}
	return nil
}

// popN takes n values, none of them from below the last mark. It is nil after an error.
func (p *pickle) popN(n int) []any {
	floor := 0
	if len(p.marks) > 0 {
		floor = p.marks[len(p.marks)-1]
	}
	if len(p.stack)-floor < n {
		p.wrong("none", "a value on the stack of a pickle")
	}
	if p.err != nil {
		return nil
	}
	return p.cut(len(p.stack) - n)
}

func (p *pickle) popMark() []any {
	last := len(p.marks) - 1
	if last < 0 {
		p.wrong("none", "a mark on the stack of a pickle")
	}
	if p.err != nil {
		return nil
	}
	at := p.marks[last]
	p.marks = p.marks[:last]
	return p.cut(at)
}

// cut takes what is on the stack from a height on.
func (p *pickle) cut(at int) []any {
	values := append([]any(nil), p.stack[at:]...)
	clear(p.stack[at:])
	p.stack = p.stack[:at]
	return values
}
