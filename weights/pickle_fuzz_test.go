package weights

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"oneiro/internal/weightstest"
)

func fuzzFile(t *testing.T, data []byte) {
	tryOpen(t, openPlain, "fuzz", data, 0)
}

// FuzzPickle runs a pickle, and looks for tensors in what it makes: once with a storage beside it, in an
// archive that is sound, and once with arrays inside it.
func FuzzPickle(f *testing.F) {
	f.Add(pk(pkDict("a", eight)))
	f.Add(pk(pkDict("net", pkDict("module.a", eight), "optimizer", "]")))
	f.Add(pk(pkCall("collections.OrderedDict", pkList(pkList(pkText("a"), eight)))))
	f.Add(pk(pkGlobal("torch.FloatTensor") + ")R" + pkTuple(pkStorage("FloatStorage", "0", 8), pkInt(6), pkInts(2), pkInts(1)) + "b"))
	f.Add(pk(pkTuple(pkText("os")+pkText("system")+"\x93", pkText("echo")) + "R"))
	for _, name := range []string{"dict_py2.npy", "dict_py3.npy", "dict_latin1.npy"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[128:]) // behind NumPy's header
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, err := unpickle(&pickleInput{file: "fuzz", r: bytes.NewReader(data), end: int64(len(data))})
		if err != nil {
			weightstest.WellFormed(t, err)
			return
		}
		fuzzFile(t, weightstest.Zipped(zip.Store, weightstest.File("x/data.pkl", data), weightstest.File("x/data/0", make([]byte, 32))))
		fuzzFile(t, weightstest.RawNPY("{'descr': '|O', 'fortran_order': False, 'shape': (), }", data))
	})
}

func FuzzTorchZip(f *testing.F) {
	addFixtures(f, "torch_zip.pth", "torch_checkpoint.pth", "torch_no_sums.pth", "torch_model.pth", "torch_script.pt")
	f.Add(torchZipped(pkDict("a", eight), "0"))
	f.Fuzz(fuzzFile)
}

func FuzzTorchLegacy(f *testing.F) {
	addFixtures(f, "torch_legacy.pth", "torch_legacy_v1.pth", "torch_py2.pth", "torch_model_legacy.pth")
	f.Add(torchPickled(pkDict("a", eight), "0"))
	f.Fuzz(fuzzFile)
}

func FuzzNPYFile(f *testing.F) {
	addFixtures(f, "array.npy", "array_fortran.npy", "dict_py2.npy", "dict_py3.npy", "dict_latin1.npy", "dict_named.npy")
	f.Add(weightstest.NPY([]int{2, 2}, 1, 2, 3, 4))
	f.Fuzz(fuzzFile)
}
