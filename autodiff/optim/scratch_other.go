//go:build !linux && !darwin && !freebsd

package optim

// freeBytes returns an error: only systems on which files are mapped know.
func freeBytes(string) (int64, error) { return 0, ErrUnsupported }

func mapScratch(string, int64) ([]byte, error) { return nil, ErrUnsupported }
func unmapScratch([]byte) error                { return nil }
func unloadScratch([]byte)                     {}
