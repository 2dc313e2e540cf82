package loss

import (
	"fmt"
	"strings"
)

// Report lists the terms of an objective for one picture.
type Report []TermReport

// TermReport is one term: its value without and with its weight, and the share of its gradient's length in
// the sum of the lengths of all terms' gradients. All shares are 0 if they are not known.
type TermReport struct {
	Name            string
	Value, Weighted float64
	Share           float64
}

// String prints the terms as a tree, those of one kind under one branch.
func (r Report) String() string {
	type branch struct {
		name   string
		leaves []TermReport
	}
	var branches []branch
	for _, t := range r {
		kind, _, _ := strings.Cut(t.Name, "/")
		if n := len(branches); n == 0 || branches[n-1].name != kind {
			branches = append(branches, branch{name: kind})
		}
		b := &branches[len(branches)-1]
		b.leaves = append(b.leaves, t)
	}

	width := len("total")
	for _, t := range r {
		width = max(width, len(t.Name))
	}
	var out strings.Builder
	var total, shares float64
	for _, t := range r {
		total += t.Weighted
		shares += t.Share
	}
	row := func(prefix, name string, weighted, share float64) {
		pad := width + 3 - len([]rune(prefix)) - len(name)
		fmt.Fprintf(&out, "%s%s%s  %11.5g", prefix, name, strings.Repeat(" ", pad), weighted)
		if shares > 0 {
			fmt.Fprintf(&out, "  %5.1f %%", 100*share)
		}
		out.WriteByte('\n')
	}
	fmt.Fprintf(&out, "%-*s  %11s", width+3, "term", "loss")
	if shares > 0 {
		fmt.Fprintf(&out, "  %7s", "gradient")
	}
	out.WriteByte('\n')
	for _, b := range branches {
		if len(b.leaves) == 1 {
			row("", b.leaves[0].Name, b.leaves[0].Weighted, b.leaves[0].Share)
			continue
		}
		var weighted, share float64
		for _, t := range b.leaves {
			weighted += t.Weighted
			share += t.Share
		}
		row("", b.name, weighted, share)
		for i, t := range b.leaves {
			mark := "├─ "
			if i == len(b.leaves)-1 {
				mark = "└─ "
			}
			row(mark, strings.TrimPrefix(t.Name, b.name+"/"), t.Weighted, t.Share)
		}
	}
	row("", "total", total, 1)
	return out.String()
}
