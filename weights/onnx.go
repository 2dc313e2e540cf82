package weights

func isONNX(head []byte, size int64) bool { return false }

func openONNX(path string, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "an ONNX file"}
}
