package weights

func isCaffe(head []byte, size int64) bool { return false }

func openCaffe(path string, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "a Caffe model"}
}
