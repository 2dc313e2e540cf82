package cuda

import "fmt"

// DriverError is a call of the driver that failed. After most of them the context is lost, and with it
// everything on the card.
type DriverError struct {
	Call  string
	Code  int
	Name  string // what the driver calls the code: CUDA_ERROR_OUT_OF_MEMORY
	Bytes int64  // that were asked for, if it was for memory
}

func (e *DriverError) Error() string {
	s := fmt.Sprintf("%s: %s (%d)", e.Call, e.Name, e.Code)
	if e.Bytes > 0 {
		s += fmt.Sprintf(" for %d MiB", (e.Bytes+1<<20-1)>>20)
	}
	return s
}

// the codes that there is advice for
const (
	codeOutOfMemory = 2
	codeNotFound    = 500
)

// Hint says what to do.
func (e *DriverError) Hint() string {
	switch e.Code {
	case codeOutOfMemory:
		return "make the picture smaller, or compute on the processor"
	case codeNotFound:
		return "the driver does not know this kernel: that is a mistake of this program"
	}
	return "if it happens again, compute on the processor; nvidia-smi and the system's log say more about the GPU"
}
