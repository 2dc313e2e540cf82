package tensorflow

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"oneiro/weights/internal/container"
	"oneiro/weights/internal/protobuf"
)

// table is a file of sorted keys and their values, as LevelDB has it (doc/table_format.md there) and
// TensorFlow writes it (tensorflow/core/lib/io: format.cc, table_builder.cc, block.cc): blocks of entries, an
// index of the blocks, and a footer that says where the index is. A block may be as large as the tensor in it,
// so that no more of one is held than a key.
type table struct {
	scanner // which has the same numbers of seven bits a byte, and is what the values are
	blocks  []*block
}

// block is a block of entries. A byte for the compression and a checksum follow it.
type block struct {
	protobuf.Span
	mu    sync.Mutex
	sound bool // the checksum was right
}

const (
	magic       = 0xdb4775248b80fb57
	footerSize  = 48       // bytes: two handles of blocks, padding, the magic number
	trailerSize = 5        // bytes after a block: its compression, its checksum
	maxIndex    = 64 << 20 // the longest index
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is how tables and checkpoints store a sum (tensorflow/core/lib/hash/crc32c.h).
func maskedCRC(sum uint32) uint32 { return (sum>>15 | sum<<17) + 0xa282ead8 }

// openTable reads the index of a table.
func openTable(path string, r io.ReaderAt, size int64) (*table, error) {
	t := &table{scanner: scanner{protobuf.New(path, r, size)}}
	if size < footerSize {
		return nil, container.In(path).Truncated(0, 0)
	}
	footer := protobuf.Span{At: size - footerSize, End: size}
	b, err := t.Peek(footer)
	if err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint64(b[footerSize-8:]) != magic {
		return nil, container.In(path).Truncated(0, 0) // the mark stands at the very end
	}
	footer.End -= 8
	// the first handle is that of an index of metadata, of which TensorFlow writes none
	if _, footer.At, err = t.handle(footer); err != nil {
		return nil, err
	}
	index, _, err := t.handle(footer)
	if err != nil {
		return nil, err
	}
	if index.Length() > maxIndex {
		return nil, t.Wrong(fmt.Sprintf("%d bytes", index.Length()),
			fmt.Sprintf("an index of at most %d bytes", maxIndex))
	}
	if err := t.check(index, ""); err != nil {
		return nil, err
	}
	last := int64(0)
	err = t.entries(index, func(_ []byte, value protobuf.Span) error {
		b, _, err := t.handle(value)
		switch {
		case err != nil:
			return err
		case b.At < last || b.End > index.At:
			return t.Wrong(fmt.Sprintf("one at %d", b.At),
				"blocks one after the other, and the index after them")
		case len(t.blocks) == container.MaxTensors:
			return t.Wrong("more", fmt.Sprintf("at most %d blocks", container.MaxTensors))
		}
		last = b.End + trailerSize
		t.blocks = append(t.blocks, b)
		return nil
	})
	return t, err
}

// handle reads where a block is, and returns where what follows begins.
func (t *table) handle(rest protobuf.Span) (*block, int64, error) {
	at, next, err := t.Varint(rest)
	if err != nil {
		return nil, 0, err
	}
	length, next, err := t.Varint(protobuf.Span{At: next, End: rest.End})
	if err != nil {
		return nil, 0, err
	}
	room := uint64(max(t.Size-footerSize-trailerSize, 0))
	if at > room || length > room-at {
		return nil, 0, t.Wrong(fmt.Sprintf("%d bytes at %d", length, at), "a block inside the file")
	}
	return &block{Span: protobuf.Span{At: int64(at), End: int64(at + length)}}, next, nil
}

// check compares the checksum of a block, once. The tensor is the one that is read, for messages.
func (t *table) check(b *block, tensor string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sound {
		return nil
	}
	e := container.Tensor{Name: tensor, File: t.File}
	trailer := make([]byte, trailerSize)
	if _, err := t.R.ReadAt(trailer, b.End); err != nil {
		return e.Failed(err, t.Size, b.End+trailerSize)
	}
	if trailer[0] != 0 {
		return &container.UnsupportedError{File: t.File,
			Looks: fmt.Sprintf("a table with compressed blocks (kind %d)", trailer[0]),
			Advice: "TensorFlow writes checkpoints without compression: load this one in TensorFlow and " +
				"save it again"}
	}
	sum := crc32.New(castagnoli)
	if n, err := io.CopyBuffer(sum, io.NewSectionReader(t.R, b.At, b.Length()),
		make([]byte, 16<<10)); err != nil || n < b.Length() {
		return e.Failed(orEOF(err), b.At+n, b.End)
	}
	sum.Write(trailer[:1])
	have, want := maskedCRC(sum.Sum32()), binary.LittleEndian.Uint32(trailer[1:])
	if have != want {
		return &container.ChecksumError{File: t.File, Tensor: tensor, Have: fmt.Sprintf("crc32c %08x", have),
			Want: fmt.Sprintf("crc32c %08x", want)}
	}
	b.sound = true
	return nil
}

// orEOF is err, or that a file has ended where it had not when it was opened.
func orEOF(err error) error {
	if err == nil {
		return io.ErrUnexpectedEOF
	}
	return err
}

// entries hands the entries of a block to visit, up to the first error: a key, which stays as it is until
// visit returns, and where its value is. A key begins with some bytes of the one before it.
func (t *table) entries(b *block, visit func(key []byte, value protobuf.Span) error) error {
	rest, err := t.withoutRestarts(b)
	var key []byte
	for err == nil && rest.At < rest.End {
		if err := t.Spend("entries"); err != nil {
			return err
		}
		var n [3]uint64 // bytes of the key that are the same and that are not, bytes of the value
		for i := range n {
			if n[i], rest.At, err = t.Varint(rest); err != nil {
				return err
			}
		}
		left := uint64(rest.Length())
		switch same, different := n[0], n[1]; {
		case same > uint64(len(key)) || different > maxKey-same:
			return t.Wrong(fmt.Sprintf("one with %d and %d bytes", same, different),
				fmt.Sprintf("a key of at most %d bytes, that begins like the one before", maxKey))
		case different > left || n[2] > left-different:
			return t.Wrong(fmt.Sprintf("%d and %d bytes where %d are left", different, n[2], left),
				"an entry inside a block")
		}
		value := rest.At + int64(n[1])
		different, err := t.Peek(protobuf.Span{At: rest.At, End: value})
		if err != nil {
			return err
		}
		key = append(key[:n[0]], different...)
		rest.At = value + int64(n[2])
		if err := visit(key, protobuf.Span{At: value, End: rest.At}); err != nil {
			return err
		}
	}
	return err
}

// maxKey bounds a key: the name of a tensor, and in the first version of checkpoints a part of it in numbers.
const maxKey = protobuf.MaxName + 1024

// withoutRestarts is a block without what says, at its end, from where it can be searched.
func (t *table) withoutRestarts(b *block) (protobuf.Span, error) {
	if b.Length() < 4 {
		return protobuf.Span{}, t.Wrong(fmt.Sprintf("%d bytes", b.Length()), "a block of a table")
	}
	tail, err := t.Peek(protobuf.Span{At: b.End - 4, End: b.End})
	if err != nil {
		return protobuf.Span{}, err
	}
	n := 4 + 4*int64(binary.LittleEndian.Uint32(tail))
	if n > b.Length() {
		return protobuf.Span{}, t.Wrong(fmt.Sprintf("%d bytes of them in a block of %d", n, b.Length()),
			"places to search a block from")
	}
	return protobuf.Span{At: b.At, End: b.End - n}, nil
}

// IsCheckpoint looks at the first entry: in checkpoints of both versions its key is empty, and its value is a
// message that begins in one of two ways. The mark of a table stands at its end, where a file that was cut
// short has none.
func IsCheckpoint(head []byte, size int64) bool {
	value, ok := firstValue(head)
	return ok && size > int64(len(head)-len(value)) && (value[0] == metaOfV1 || value[0] == headerOfV2)
}

// firstValue returns the value of the first entry as far as it is in head, if its key is empty.
func firstValue(head []byte) (value []byte, ok bool) {
	if len(head) < 4 || head[0] != 0 || head[1] != 0 {
		return nil, false
	}
	length, n := binary.Uvarint(head[2:])
	value = head[2+max(n, 0):]
	if n <= 0 || length < 2 || len(value) < 2 {
		return nil, false
	}
	return value[:min(length, uint64(len(value)))], true
}

// OpenCheckpoint opens a checkpoint of TensorFlow, of either version.
func OpenCheckpoint(path string, r container.Source, size int64) (*container.Container, error) {
	t, err := openTable(path, r, size)
	if err != nil {
		return nil, err
	}
	if len(t.blocks) == 0 {
		return nil, t.Wrong("none", "a block with the directory of a checkpoint")
	}
	first := t.blocks[0]
	if err := t.check(first, ""); err != nil {
		return nil, err
	}
	head, err := t.Peek(protobuf.Span{At: first.At, End: min(first.At+16, first.End)})
	if err != nil {
		return nil, err
	}
	switch value, _ := firstValue(head); {
	case len(value) > 0 && value[0] == metaOfV1:
		return openCheckpoint1(t, r)
	case len(value) > 0 && value[0] == headerOfV2:
		return openCheckpoint2(t, r)
	}
	return nil, &container.UnsupportedError{File: path,
		Looks: "a LevelDB table that is not a checkpoint of TensorFlow"}
}
