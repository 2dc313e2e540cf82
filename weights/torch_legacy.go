package weights

func isTorchLegacy(head []byte, size int64) bool { return false }

func openTorchLegacy(path string, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "a PyTorch file"}
}
