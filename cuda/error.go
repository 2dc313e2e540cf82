package cuda

import "fmt"

// DriverError is a failed call of the driver. After most of them the context is lost, and with it
// everything on the GPU.
type DriverError struct {
	Call  string
	Code  int
	Name  string // the driver's name of the code: CUDA_ERROR_OUT_OF_MEMORY
	Bytes int64  // asked for, if the call was for memory
}

func (e *DriverError) Error() string {
	s := fmt.Sprintf("%s: %s (%d)", e.Call, e.Name, e.Code)
	if e.Bytes > 0 {
		s += fmt.Sprintf(" for %d MiB", (e.Bytes+1<<20-1)>>20)
	}
	return s
}

// Codes with a hint of their own.
const (
	codeOutOfMemory = 2
	codeNotFound    = 500
)

// Hint says what to do.
func (e *DriverError) Hint() string {
	switch e.Code {
	case codeOutOfMemory:
		return "choose a smaller picture, or compute on the processor"
	case codeNotFound:
		return "the driver does not know this kernel: that is a bug in this program"
	}
	return "if it happens again, compute on the processor; nvidia-smi and the system's log say more about the GPU"
}
