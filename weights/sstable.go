package weights

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// table is a file of sorted keys and their values, as LevelDB has it (doc/table_format.md there) and TensorFlow
// writes it (tensorflow/core/lib/io: format.cc, table_builder.cc, block.cc): blocks of entries, an index of the
// blocks, and a footer that says where the index is. A block may be as large as the tensor in it, so that no more
// of one is held than a key.
type table struct {
	*protobuf // which has the same numbers of seven bits a byte, and is what the values are
	blocks    []*tableBlock
}

// tableBlock is a block of entries. Behind it stand a byte for the compression and a checksum.
type tableBlock struct {
	span
	mu    sync.Mutex
	sound bool // the checksum was right
}

const (
	tableMagic  = 0xdb4775248b80fb57
	tableFooter = 48       // bytes: two handles of blocks, padding, the magic number
	tableBehind = 5        // bytes behind a block: its compression, its checksum
	maxIndex    = 64 << 20 // the longest index
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// maskedCRC is how tables and checkpoints store a sum (tensorflow/core/lib/hash/crc32c.h).
func maskedCRC(sum uint32) uint32 { return (sum>>15 | sum<<17) + 0xa282ead8 }

// openedTable reads the index of a table.
func openedTable(path string, r io.ReaderAt, size int64) (*table, error) {
	t := &table{protobuf: newProtobuf(path, r, size)}
	if size < tableFooter {
		return nil, &TruncatedError{File: path}
	}
	footer := span{size - tableFooter, size}
	b, err := t.peek(footer)
	if err != nil {
		return nil, err
	}
	if binary.LittleEndian.Uint64(b[tableFooter-8:]) != tableMagic {
		return nil, &TruncatedError{File: path} // the mark stands at the very end
	}
	footer.end -= 8
	if _, footer.at, err = t.handle(footer); err != nil { // of an index of metadata, of which TensorFlow writes none
		return nil, err
	}
	index, _, err := t.handle(footer)
	if err != nil {
		return nil, err
	}
	if index.length() > maxIndex {
		return nil, t.wrong("", fmt.Sprintf("%d bytes", index.length()), fmt.Sprintf("an index of at most %d bytes", maxIndex))
	}
	if err := t.check(index, ""); err != nil {
		return nil, err
	}
	last := int64(0)
	err = t.entries(index, func(_ []byte, value span) error {
		b, _, err := t.handle(value)
		switch {
		case err != nil:
			return err
		case b.at < last || b.end > index.at:
			return t.wrong("", fmt.Sprintf("one at %d", b.at), "blocks one behind the other, and the index behind them")
		case len(t.blocks) == maxTensors:
			return t.wrong("", "more", fmt.Sprintf("at most %d blocks", maxTensors))
		}
		last = b.end + tableBehind
		t.blocks = append(t.blocks, b)
		return nil
	})
	return t, err
}

// handle reads where a block is, and returns where what follows begins.
func (t *table) handle(rest span) (*tableBlock, int64, error) {
	at, next, err := t.varint(rest)
	if err != nil {
		return nil, 0, err
	}
	length, next, err := t.varint(span{next, rest.end})
	if err != nil {
		return nil, 0, err
	}
	room := uint64(max(t.size-tableFooter-tableBehind, 0))
	if at > room || length > room-at {
		return nil, 0, t.wrong("", fmt.Sprintf("%d bytes at %d", length, at), "a block inside the file")
	}
	return &tableBlock{span: span{int64(at), int64(at + length)}}, next, nil
}

// check compares the checksum of a block, once. The tensor is the one that is read, for messages.
func (t *table) check(b *tableBlock, tensor string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sound {
		return nil
	}
	e := entry{name: tensor, file: t.path}
	behind := make([]byte, tableBehind)
	if _, err := t.r.ReadAt(behind, b.end); err != nil {
		return e.failed(err, t.size, b.end+tableBehind)
	}
	if behind[0] != 0 {
		return &UnsupportedError{File: t.path, Looks: fmt.Sprintf("a table with compressed blocks (kind %d)", behind[0]),
			Advice: "TensorFlow writes checkpoints without compression: load this one in TensorFlow and save it again"}
	}
	sum := crc32.New(castagnoli)
	if n, err := io.CopyBuffer(sum, io.NewSectionReader(t.r, b.at, b.length()), make([]byte, chunk)); err != nil || n < b.length() {
		return e.failed(orEOF(err), b.at+n, b.end)
	}
	sum.Write(behind[:1])
	have, want := maskedCRC(sum.Sum32()), binary.LittleEndian.Uint32(behind[1:])
	if have != want {
		return &ChecksumError{t.path, tensor, fmt.Sprintf("crc32c %08x", have), fmt.Sprintf("crc32c %08x", want)}
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

// entries hands the entries of a block to visit, up to the first error: a key, which stays as it is until visit
// returns, and where its value is. A key begins with some bytes of the one before it.
func (t *table) entries(b *tableBlock, visit func(key []byte, value span) error) error {
	rest, err := t.withoutRestarts(b)
	var key []byte
	for err == nil && rest.at < rest.end {
		if t.fields--; t.fields < 0 {
			return t.wrong("", "more", fmt.Sprintf("at most %d entries", mostFields))
		}
		var n [3]uint64 // bytes of the key that are the same and that are not, bytes of the value
		for i := range n {
			if n[i], rest.at, err = t.varint(rest); err != nil {
				return err
			}
		}
		left := uint64(rest.length())
		switch same, different := n[0], n[1]; {
		case same > uint64(len(key)) || different > maxKey-same:
			return t.wrong("", fmt.Sprintf("one with %d and %d bytes", same, different),
				fmt.Sprintf("a key of at most %d bytes, that begins like the one before", maxKey))
		case different > left || n[2] > left-different:
			return t.wrong("", fmt.Sprintf("%d and %d bytes where %d are left", different, n[2], left), "an entry inside a block")
		}
		value := rest.at + int64(n[1])
		different, err := t.peek(span{rest.at, value})
		if err != nil {
			return err
		}
		key = append(key[:n[0]], different...)
		rest.at = value + int64(n[2])
		if err := visit(key, span{value, rest.at}); err != nil {
			return err
		}
	}
	return err
}

// maxKey bounds a key: the name of a tensor, and in the first version of checkpoints a part of it in numbers.
const maxKey = maxName + 1024

// withoutRestarts is a block without what says, at its end, from where it can be searched.
func (t *table) withoutRestarts(b *tableBlock) (span, error) {
	if b.length() < 4 {
		return span{}, t.wrong("", fmt.Sprintf("%d bytes", b.length()), "a block of a table")
	}
	tail, err := t.peek(span{b.end - 4, b.end})
	if err != nil {
		return span{}, err
	}
	n := 4 + 4*int64(binary.LittleEndian.Uint32(tail))
	if n > b.length() {
		return span{}, t.wrong("", fmt.Sprintf("%d bytes of them in a block of %d", n, b.length()), "places to search a block from")
	}
	return span{b.at, b.end - n}, nil
}

// isTable goes by the first entry: in checkpoints of both versions its key is empty, and its value is a message
// that begins in one of two ways. The mark of a table stands at its end, where a file that was cut short has none.
func isTable(head []byte, size int64) bool {
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

// openTable opens a checkpoint of TensorFlow, of either version.
func openTable(path string, r source, size int64) (container, error) {
	t, err := openedTable(path, r, size)
	if err != nil {
		return nil, err
	}
	if len(t.blocks) == 0 {
		return nil, t.wrong("", "none", "a block with the directory of a checkpoint")
	}
	first := t.blocks[0]
	if err := t.check(first, ""); err != nil {
		return nil, err
	}
	head, err := t.peek(span{first.at, min(first.at+16, first.end)})
	if err != nil {
		return nil, err
	}
	switch value, _ := firstValue(head); {
	case len(value) > 0 && value[0] == metaOfV1:
		return openCheckpoint1(t, r)
	case len(value) > 0 && value[0] == headerOfV2:
		return openCheckpoint2(t, r)
	}
	return nil, &UnsupportedError{File: path, Looks: "a LevelDB table that is no checkpoint of TensorFlow"}
}
