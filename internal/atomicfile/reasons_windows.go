package atomicfile

import "golang.org/x/sys/windows"

var reasons = []reason{
	{windows.ERROR_DISK_FULL, hintFull}, {windows.ERROR_HANDLE_DISK_FULL, hintFull},
	{windows.ERROR_FILE_TOO_LARGE, hintLimit}, {windows.ERROR_FILENAME_EXCED_RANGE, hintName},
	{windows.ERROR_TOO_MANY_OPEN_FILES, hintOpen}, {windows.ERROR_WRITE_PROTECT, hintReadOnly},
	{windows.ERROR_DIRECTORY, hintNoFolder},
}
