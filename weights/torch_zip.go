package weights

import "archive/zip"

func openTorchZip(path string, archive *zip.Reader, r source, size int64) (container, error) {
	return nil, &UnsupportedError{path, "a PyTorch file (.pth)"}
}
