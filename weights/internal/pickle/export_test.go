package pickle

// The limits.
const (
	MaxTensors = maxTensors
	MaxOpcodes = maxOpcodes
	MaxText    = maxText
)
