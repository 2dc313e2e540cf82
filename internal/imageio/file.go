package imageio

import (
	"bytes"
	"io"
	"os"
)

// maxFile is the largest file that is read, in bytes. MaxPixels of uncompressed 16-bit colour with
// alpha stay below it.
const maxFile = 1 << 30

// readFile reads a whole file, or its beginning if that is not of a picture. A file of more than most bytes is
// not read, unless most is 0.
func readFile(path string, most int64) ([]byte, error) {
	if path == "" {
		return nil, &FileError{path, ErrNoName}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, newFileError(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, newFileError(path, err)
	}
	if info.IsDir() {
		return nil, &FileError{path, ErrFolder}
	}
	head := make([]byte, sniffLen)
	n, err := io.ReadFull(f, head)
	switch head = head[:n]; {
	case n == 0 && err == io.EOF:
		return nil, &FileError{path, ErrEmpty}
	case err == io.ErrUnexpectedEOF:
		return head, nil
	case err != nil:
		return nil, newFileError(path, err)
	}
	if format, kind := sniff(head); format == nil {
		return nil, &KindError{Path: path, Kind: kind}
	}
	if info.Size() > maxFile {
		return nil, &FileError{path, ErrHuge}
	}
	if most > 0 && info.Size() > most {
		return nil, &MemoryError{path, info.Size(), most}
	}
	var buf bytes.Buffer
	buf.Grow(int(info.Size()) + bytes.MinRead) // 0 for a pipe
	buf.Write(head)
	if _, err := buf.ReadFrom(io.LimitReader(f, maxFile)); err != nil {
		return nil, newFileError(path, err)
	}
	if buf.Len() > maxFile {
		return nil, &FileError{path, ErrHuge}
	}
	return buf.Bytes(), nil
}
