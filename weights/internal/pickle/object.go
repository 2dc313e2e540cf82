package pickle

import (
	"slices"
	"strings"
)

// object is what a name that is not in globals makes of its arguments: a place for whatever is given to it, as
// argparse.Namespace, pathlib.Path, a set, or a network that was saved with its program. Nothing is run, and
// what it would be elsewhere is not known; but there may be tensors in it.
type object struct {
	args    []any
	items   List // of a class like a list
	entries Dict // of a class like a dictionary
	state   []any
}

func newObject(args []any) (any, bool) { return &object{args: args}, true }

// programs are names by which a pickle runs a program or a command when Python loads it: a file with one of
// them is no file of weights. The others are modules, with all that is in them.
var (
	programs = []string{
		"eval", "exec", "execfile", "compile", "__import__", "open", "input", "breakpoint", "apply",
	}
	programModules = []string{
		"os", "posix", "nt", "subprocess", "commands", "sys", "pty", "shutil", "socket", "runpy", "code", "codeop",
		"ctypes", "importlib", "imp", "pickle", "_pickle", "cPickle", "marshal", "webbrowser", "urllib", "httplib",
		"http", "requests", "ftplib", "bdb", "pdb", "timeit", "cProfile", "profile", "asyncio", "multiprocessing",
		"torch.hub", "numpy.testing", "pip", "idlelib", "distutils",
		"pkgutil", "linecache", "zipimport", "doctest",
	}
)

// runsPrograms says whether a name is one of these.
func runsPrograms(name string) bool {
	for _, builtin := range []string{"builtins.", "__builtin__."} {
		if rest, ok := strings.CutPrefix(name, builtin); ok {
			return slices.Contains(programs, rest)
		}
	}
	return slices.ContainsFunc(programModules, func(module string) bool {
		return strings.HasPrefix(name, module+".")
	})
}
