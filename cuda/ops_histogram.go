//go:build cuda

package cuda

import "oneiro/autodiff"

// channelThreads is how many channels a block of a kernel has that gives each channel a thread: a warp.
const channelThreads = 32

// The sums of a histogram are taken over at least histogramSpan positions at a time, and over at most
// histogramRanges ranges.
const (
	histogramSpan   = 256
	histogramRanges = 256
)

// ofChannels adds a launch of a kernel that has a thread for each of c channels, in high rows of blocks.
func (b *builder) ofChannels(kernel string, c, high int, args ...any) {
	b.launch(kernel, [3]int{ceil(c, channelThreads), high, 1}, [3]int{channelThreads, 1, 1}, args...)
}

func init() {
	lowerings["histogram"] = func(b *builder, s *autodiff.Step) {
		x, a := s.In[0].Shape, s.Attr.(autodiff.HistogramAttr)
		rows := x.H * x.W
		span := max(histogramSpan, ceil(rows, histogramRanges))
		ranges := ceil(rows, span)
		width := (a.Bins + 1) * x.C
		partials, sums := b.needSums(ranges*width), b.need(width)
		across, block := columns(ranges, width)
		across[1] = 1
		for image := range x.N {
			weights := none
			if len(s.In) > 2 {
				weights = b.at(s.In[2]).plus(image * rows)
			}
			b.ofChannels("histogram", x.C, ranges, int32(rows), int32(x.C), int32(a.Bins), int32(span),
				partials, b.at(s.In[0]).plus(image*rows*x.C), b.at(s.In[1]), weights)
			b.launch("columnTotals", across, block, int32(ranges), int32(width), sums, partials, float32(a.Scale))
			b.ofChannels("histogramTails", x.C, 1, int32(x.C), int32(a.Bins),
				b.at(s.Out).plus(image*a.Bins*x.C), sums)
		}
	}
	lowerings["histogramGrad"] = func(b *builder, s *autodiff.Step) {
		x, a := s.In[0].Shape, s.Attr.(autodiff.HistogramAttr)
		rows := x.H * x.W
		for image := range x.N {
			weights := none
			if len(s.In) > 3 {
				weights = b.at(s.In[3]).plus(image * rows)
			}
			first := image * rows * x.C
			b.ofChannels("histogramGrad", x.C, min(rows, maxGridY), int32(rows), int32(x.C), int32(a.Bins),
				b.at(s.Out).plus(first), b.at(s.In[0]).plus(first), b.at(s.In[1]).plus(image*a.Bins*x.C),
				b.at(s.In[2]), weights, float32(a.Scale))
		}
	}
	lowerings["transport"] = func(b *builder, s *autodiff.Step) {
		x := s.In[0].Shape
		b.ofChannels("transport", x.C, 1, int32(x.C), int32(x.W),
			b.at(s.Out), b.at(s.In[0]), b.at(s.In[1]), b.at(s.In[2]))
	}
}
