package pickle

// The limits.
const (
	MaxTensors = maxTensors
	MaxValues  = maxValues
	MaxStack   = maxStack
	MaxText    = maxText
)
