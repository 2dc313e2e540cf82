package weights

import "archive/zip"

func openTorchZip(path string, archive *zip.Reader, r source, size int64) (container, error) {
	return nil, &UnsupportedError{File: path, Looks: "a PyTorch file (.pth)"}
}
