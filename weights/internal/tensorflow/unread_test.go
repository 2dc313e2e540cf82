package tensorflow

import (
	"slices"
	"testing"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/dataflow"
)

// TestUnread has a constant that is read, one by way of others, one that another constant alone reads, and one
// that nothing reads.
func TestUnread(t *testing.T) {
	n := newNetwork()
	n.graph.Nodes = append(n.graph.Nodes, []dataflow.Node{
		{Op: "Placeholder", Outputs: []string{"x"}},
		{Op: "Split", Inputs: []string{"axis", "s"}, Outputs: []string{"parts"}},
		{Op: "Rsqrt", Inputs: []string{"a"}, Outputs: []string{"root"}},
		{Op: "Conv2D", Inputs: []string{"x", "w"}, Outputs: []string{"y"}},
		{Op: "Mul", Inputs: []string{"y", "parts:1"}, Outputs: []string{"z"}},
	}...)
	var tensors []container.Tensor
	for _, name := range []string{"w", "s", "axis", "a", "b"} {
		tensors = append(tensors, container.Tensor{Name: name})
	}
	if got, want := n.unread(tensors), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	n.graph.Nodes = nil
	if got := n.unread(tensors); got != nil {
		t.Errorf("%v of a graph without operations", got)
	}
}
