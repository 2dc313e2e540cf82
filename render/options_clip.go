package render

import (
	"oneiro/flow"
	"oneiro/internal/option"
)

// ClipOptions say how the frames of a clip are made to belong together.
type ClipOptions struct {
	// FrameIterations are the most steps of each frame but the first of a shot, which is a picture of its own.
	FrameIterations int
	// TemporalWeight is the weight of the term that holds a frame to those before it.
	TemporalWeight float64
	// References are how many frames back those lie: the nearest one in which a place is seen counts.
	References []int
	// Flow is the name of the flow's preset.
	Flow string
}

// DefaultClip are the options of clips.
var DefaultClip = ClipOptions{
	FrameIterations: 20, TemporalWeight: 100, References: []int{1, 2, 4}, Flow: flow.DefaultPreset,
}

// ClipTable has the options of ClipOptions.
var ClipTable = option.Table{
	{Name: "frame-iterations", Field: "FrameIterations", Unit: "steps",
		Help:  "most steps of each frame but the first of a shot; it ends before where nothing visible changes",
		Range: option.Between(1, MaxIterations), Changes: option.Result, Basic: true},
	{Name: "temporal-weight", Field: "TemporalWeight", Unit: "weight",
		Help:  "weight of what holds a frame to those before it: less flickers, more smears",
		Range: option.Between(0, maxWeight), Changes: option.Result, Basic: true},
	{Name: "references", Field: "References", Unit: "frames",
		Help:  "how many frames back a frame is held to: 1,2,4 also knows again what was hidden for a moment",
		Range: option.Between(1, 100), Changes: option.Result},
	{Name: "flow", Field: "Flow", Unit: "preset", Help: "how thoroughly to look for what moves where",
		Choices: flowPresets(), Changes: option.Result},
}.In("Film")

func flowPresets() (names []string) {
	for _, p := range flow.Presets {
		names = append(names, p.Name)
	}
	return names
}
