package weights

func isMAT(head []byte, size int64) bool { return false }

func openMAT(path string, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "a MATLAB file"}
}
