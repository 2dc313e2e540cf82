//go:build linux || darwin || freebsd

package optim

import (
	"os"

	"golang.org/x/sys/unix"

	"oneiro/internal/disk"
)

// freeBytes returns how much room a folder has for files of this user.
func freeBytes(dir string) (int64, error) { return disk.Free(dir) }

// mapScratch maps a file without a name in a folder, with room for so many bytes.
func mapScratch(dir string, bytes int64) ([]byte, error) {
	f, err := os.CreateTemp(dir, ".oneiro-scratch-*")
	if err != nil {
		return nil, err
	}
	defer f.Close() // what is mapped stays
	if err := os.Remove(f.Name()); err != nil {
		return nil, err
	}
	if err := reserveRoom(f, bytes); err != nil {
		return nil, err
	}
	return unix.Mmap(int(f.Fd()), 0, int(bytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
}

// fillZeros reserves the room of a file by writing it.
func fillZeros(f *os.File, bytes int64) error {
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < bytes; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), bytes-at)], at); err != nil {
			return err
		}
	}
	return nil
}

func unmapScratch(mem []byte) error { return unix.Munmap(mem) }

// unloadScratch takes pages out of the process's memory; they stay in the file.
func unloadScratch(pages []byte) { unix.Madvise(pages, unix.MADV_DONTNEED) }
