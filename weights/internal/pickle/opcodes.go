package pickle

// The opcodes that are known.
const (
	opMark         = '('
	opStop         = '.'
	opPop          = '0'
	opPopMark      = '1'
	opNone         = 'N'
	opTrue         = 0x88
	opFalse        = 0x89
	opIntLine      = 'I' // Python 2 writes numbers of more than 32 bits so
	opInt          = 'J'
	opInt1         = 'K'
	opInt2         = 'M'
	opLong1        = 0x8a
	opFloat        = 'G'
	opUnicode      = 'X'
	opShortUnicode = 0x8c
	opUnicode8     = 0x8d
	opShortBytes   = 'C'
	opBytes        = 'B'
	opBytes8       = 0x8e
	opShortString  = 'U'
	opString       = 'T'
	opEmptyDict    = '}'
	opEmptyList    = ']'
	opEmptyTuple   = ')'
	opTuple        = 't'
	opTuple1       = 0x85
	opTuple2       = 0x86
	opTuple3       = 0x87
	opAppend       = 'a'
	opAppends      = 'e'
	opSetItem      = 's'
	opSetItems     = 'u'
	opPut          = 'q'
	opLongPut      = 'r'
	opMemoize      = 0x94
	opGet          = 'h'
	opLongGet      = 'j'
	opGlobal       = 'c'
	opStackGlobal  = 0x93
	opReduce       = 'R'
	opBuild        = 'b'
	opPersistentID = 'Q'
	opDuplicate    = '2'
	opLong4        = 0x8b
	opByteArray8   = 0x96
	opEmptySet     = 0x8f
	opAddItems     = 0x90
	opFrozenSet    = 0x91
	opNewObject    = 0x81
	opNewObjectEx  = 0x92
	Proto          = 0x80
	opFrame        = 0x95
)
