package torch_test

import (
	"testing"

	"oneiro/internal/weightstest"
	"oneiro/weights/internal/opentest"
)

func FuzzTorchZip(f *testing.F) {
	opentest.Fixtures(f, "torch_objects4.pth", "torch_float8.pth", "torch_zip.pth", "torch_checkpoint.pth",
		"torch_no_sums.pth", "torch_model.pth",
		"torch_script.pt")
	f.Add(weightstest.TorchZipped(weightstest.PkDict("a", weightstest.Eight), "0"))
	f.Fuzz(fuzz)
}

func FuzzTorchLegacy(f *testing.F) {
	opentest.Fixtures(f, "torch_legacy.pth", "torch_legacy_v1.pth", "torch_py2.pth", "torch_model_legacy.pth")
	f.Add(weightstest.TorchPickled(weightstest.PkDict("a", weightstest.Eight), "0"))
	f.Fuzz(fuzz)
}

func fuzz(t *testing.T, data []byte) {
	opentest.Try(t, "fuzz", data, 0)
}
