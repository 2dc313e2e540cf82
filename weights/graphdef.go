package weights

func isGraphDef(head []byte, size int64) bool { return false }

func openGraphDef(path string, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "a TensorFlow graph"}
}
