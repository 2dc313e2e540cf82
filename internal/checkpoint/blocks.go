// Package checkpoint is what checkpoints of any kind have in common: a container that finds every damage, and
// the errors.
//
// A container begins with a line of text that says what it is and in which version. Blocks follow: the number
// of bytes in it (4 bytes, little-endian, at most maxBlock), the bytes, and their CRC-32C (4 bytes), which
// also covers the number of the block and that of its bytes. An empty block ends the file. A block is checked
// before any of its bytes is returned.
package checkpoint

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
)

// maxBlock is the most bytes that a block has.
const maxBlock = 1 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// title is the first line of a container.
func title(kind string, version int) string { return fmt.Sprintf("oneiro %s %d\n", kind, version) }

// maxTitle is more than the bytes of any title.
const maxTitle = 100

// Writer writes a container. It must be closed.
type Writer struct {
	w     io.Writer
	block []byte // its length, bytes and, at the end, checksum
	count uint64 // of blocks written
}

// NewWriter begins a container of a kind, such as "checkpoint".
func NewWriter(w io.Writer, kind string, version int) (*Writer, error) {
	_, err := io.WriteString(w, title(kind, version))
	return &Writer{w: w, block: make([]byte, 4, 4+maxBlock+4)}, err
}

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 {
		k := copy(w.block[len(w.block):4+maxBlock], p)
		w.block = w.block[:len(w.block)+k]
		n, p = n+k, p[k:]
		if len(w.block) == 4+maxBlock {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// flush writes the block.
func (w *Writer) flush() error {
	binary.LittleEndian.PutUint32(w.block, uint32(len(w.block)-4))
	w.block = binary.LittleEndian.AppendUint32(w.block, checksum(w.count, w.block))
	w.count++
	_, err := w.w.Write(w.block)
	w.block = w.block[:4]
	return err
}

// checksum returns that of a block, which begins with its length.
func checksum(number uint64, block []byte) uint32 {
	var begin [8]byte
	binary.LittleEndian.PutUint64(begin[:], number)
	return crc32.Update(crc32.Checksum(begin[:], castagnoli), castagnoli, block)
}

// Close ends the container.
func (w *Writer) Close() error {
	if len(w.block) > 4 {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return w.flush()
}

// Reader reads a container. After its last byte Read returns io.EOF only if the container is whole and nothing
// follows it.
type Reader struct {
	r     *bufio.Reader
	file  string
	block []byte
	rest  []byte // of the block, yet to be returned
	count uint64
	err   error
}

// NewReader begins to read a container of a kind in a version. file names it in errors: a *ForeignError, a
// *VersionError, a *DamagedError, and those of r.
func NewReader(r io.Reader, file, kind string, version int) (*Reader, error) {
	c := &Reader{r: bufio.NewReader(r), file: file}
	line, err := c.r.Peek(len(title(kind, version)))
	if err != nil && err != io.EOF {
		return nil, err
	}
	begin := "oneiro " + kind + " "
	if !strings.HasPrefix(string(line), begin) {
		return nil, &ForeignError{file}
	}
	line, err = c.r.ReadSlice('\n')
	if err != nil || len(line) > maxTitle {
		return nil, c.damaged("its first line has no end")
	}
	if had := string(line[len(begin) : len(line)-1]); had != strconv.Itoa(version) {
		return nil, &VersionError{file, had, version}
	}
	c.block = make([]byte, 4+maxBlock+4)
	return c, nil
}

// Read implements [io.Reader].
func (c *Reader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 && c.err == nil {
		c.err = c.next()
	}
	if len(c.rest) == 0 {
		return 0, c.err
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// next reads a block and checks it.
func (c *Reader) next() error {
	if _, err := io.ReadFull(c.r, c.block[:4]); err != nil {
		return c.short(err)
	}
	n := int64(binary.LittleEndian.Uint32(c.block))
	if n > maxBlock {
		return c.damaged("a block has no possible length")
	}
	block := c.block[:4+n+4]
	if _, err := io.ReadFull(c.r, block[4:]); err != nil {
		return c.short(err)
	}
	if binary.LittleEndian.Uint32(block[4+n:]) != checksum(c.count, block[:4+n]) {
		return c.damaged("its checksum is wrong")
	}
	c.count++
	if c.rest = block[4 : 4+n]; n > 0 {
		return nil
	}
	switch _, err := c.r.ReadByte(); err {
	case io.EOF:
		return io.EOF
	case nil:
		return c.damaged("something follows its end")
	default:
		return err
	}
}

// short returns the error of a file that ends too early, or else what the system said.
func (c *Reader) short(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return c.damaged("it is cut short")
	}
	return err
}

func (c *Reader) damaged(problem string) error { return &DamagedError{c.file, problem} }
