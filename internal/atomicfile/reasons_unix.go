//go:build unix

package atomicfile

import "syscall"

var reasons = []reason{
	{syscall.ENOSPC, hintFull}, {syscall.EDQUOT, hintFull}, {syscall.EFBIG, hintLimit}, {syscall.ENAMETOOLONG,
		hintName},
	{syscall.EMFILE, hintOpen}, {syscall.ENFILE, hintOpen}, {syscall.EROFS, hintReadOnly}, {syscall.ENOTDIR,
		hintNoFolder},
}
