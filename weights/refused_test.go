package weights

import (
	"archive/zip"
	"path/filepath"
	"strings"
	"testing"

	"oneiro/internal/weightstest"
)

func TestWhatIsGivenByMistake(t *testing.T) {
	for name, c := range map[string]struct{ data, looks, hint string }{
		"LFS": {"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "LFS",
			"git lfs pull"},
		"HTML":             {"\n<!DOCTYPE html>\n<html>", "web page", "browser"},
		"HTML 2":           {"<html lang=en>", "web page", "browser"},
		"XML":              {`<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, "XML", "download"},
		"JSON":             {`{"error": "Repository not found"}`, "JSON", "download"},
		"gzip":             {"\x1f\x8b\x08\x00", "gzip", "tar xzf"},
		"tar":              {strings.Repeat("a\x00", 128) + "\x00ustar", "tar", "tar xf"},
		"JPEG":             {"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG", "picture"},
		"PNG":              {"\x89PNG\r\n\x1a\n\x00", "PNG", "picture"},
		"WebP":             {"RIFF\x10\x00\x00\x00WEBPVP8 ", "WebP", "picture"},
		"GGUF":             {"GGUF\x03\x00\x00\x00", "GGUF", "language"},
		"nothing":          {"", "empty", "again"},
		"numbers":          {"0.42947057 0.373467 -0.061360113 2.7e-1", "text", "binary"},
		"cfg":              {"# VGG\n[net]\nbatch=1\n[convolutional]\n", ".cfg", ".weights"},
		"prototxt":         {"name: \"VGG\"\nlayer {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
		"MXNet":            {"\x12\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "MXNet", "savez"},
		"Torch 7":          {"\x04\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00V 1\x0d", "Torch 7", "torchfile"},
		"Torch 7, a table": {"\x03\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00", "Torch 7", "torchfile"},
		"Torch 7 as text":  {"4\n1\n3\nV 1\n17\nnn.Sequential\n", "Torch 7", "torchfile"},
		"TensorRT":         {"ptrt\x00\x01", "TensorRT", "ONNX"},
		"ExecuTorch":       {"\x30\x00\x00\x00ET12", "ExecuTorch", "PyTorch"},
		"ncnn":             {"7767517\n75 83\nInput data 0 1 data\n", "ncnn", "ONNX"},
		"OpenVINO":         {"<?xml version=\"1.0\"?>\n<net name=\"vgg\" version=\"11\">", "OpenVINO", "ONNX"},
		"TensorFlow.js": {`{"format": "layers-model", "modelTopology": {"class_name": "Model"}}`,
			"TensorFlow.js", "tensorflowjs"},
		"Keras' description": {`{"class_name": "Sequential", "config": {}}`, "Keras", ".h5"},
		"not found":          {"404: Not Found", "server", "download"},
		"not found, HF":      {"Entry not found", "server", "download"},
		"denied":             {"Access to model x is restricted. You must be authenticated", "server", "download"},
		"TIFF":               {"II*\x00\x08\x00\x00\x00", "TIFF", "picture"},
		"HEIC":               {"\x00\x00\x00\x18ftypheic", "HEIC", "picture"},
		"RAR":                {"Rar!\x1a\x07", "RAR", "unpack"},
		"Zstandard":          {"\x28\xb5\x2f\xfd\x00", "Zstandard", "unzstd"},
		"an address":         {"https://example.org/vgg19.pth\n", "URL", "download"},
		"a shortcut":         {"[InternetShortcut]\r\nURL=https://example.org/vgg19.pth\r\n", "URL", "download"},
		"V1":                 {"name: \"VGG\"\nlayers {\n  name: \"data\"\n}", ".prototxt", ".caffemodel"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "vgg19.pth"), []byte(c.data)))
			if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, c.looks) ||
				!strings.Contains(e.Hint(), c.hint) {
				t.Errorf("%v: %s", e, e.Hint())
			}
		})
	}
}

// Formats that say nothing by their first bytes.
func TestWhatIsRefusedByName(t *testing.T) {
	for name, looks := range map[string]string{
		"vgg.mnn": "MNN", "vgg.mlmodel": "Core ML", "vgg.bin": "ncnn", "VGG.PDIPARAMS": "Paddle", "vgg.msgpack": "Flax",
		"vgg.trt": "TensorRT", "vgg.weights": "a format that is not known",
	} {
		_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), name), []byte("\x08\x01\x12\x03\x0a\x01\xff")))
		if name != "vgg.mlmodel" {
			_, err = Open(weightstest.Write(t, filepath.Join(t.TempDir(), name), []byte("\x18\x00\x00\x00\x00\x01")))
		}
		if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, looks) {
			t.Errorf("%s: %v", name, e)
		}
	}
	// one that is a pickle
	array := weightstest.PkArray([]int64{2}, "f4", weightstest.PkBytes(make([]byte, 8)))
	pickled := weightstest.Pk(weightstest.PkDict("conv1.weight", weightstest.PkTuple(weightstest.PkText("w_0"), array)))
	_, e := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "vgg.pdparams"), pickled))
	if e := weightstest.Refused[*UnsupportedError](t, e); !strings.Contains(e.Looks, "Paddle") {
		t.Error(e)
	}
	// one that begins like an ONNX file
	_, err := Open(weightstest.Write(t, filepath.Join(t.TempDir(), "a.mlmodel"),
		[]byte("\x08\x04\x12\x5c\x12\x1c\x0a\x05image\x12\x08the photo\x1a\x09\x22\x07\x08\xe0\x01\x10\xe0\x01\x18\x14"+
			strings.Repeat("\x00", 60))))
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "Core ML") {
		t.Error(e)
	}
	dir := filepath.Join(t.TempDir(), "vgg.mlpackage")
	weightstest.Write(t, filepath.Join(dir, "Manifest.json"), []byte("{}"))
	_, err = Open(dir)
	if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, "Core ML") {
		t.Error(e)
	}
	for _, address := range []string{"https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "s3://a/b",
		"file:///a.pth"} {
		_, err := Open(address)
		if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Hint(), "download") {
			t.Error(e)
		}
	}
}

func TestZipsWithWeights(t *testing.T) {
	pth := weightstest.TorchZipped(weightstest.PkDict("a", weightstest.Eight), "0")
	pickled := weightstest.Pk(weightstest.PkDict("a", weightstest.PkArray([]int64{2}, "f4",
		weightstest.PkBytes(make([]byte, 8)))))
	member := weightstest.File
	for name, c := range map[string]struct {
		data  []byte
		looks string // empty if it is read
	}{
		"one":      {weightstest.Zipped(zip.Store, member("a/vgg.pth", pth), member("a/README", nil)), ""},
		"a pickle": {weightstest.Zipped(zip.Store, member("vgg.pkl", pickled)), ""},
		"beside macOS'": {weightstest.Zipped(zip.Store, member("vgg.pth", pth),
			member("__MACOSX/._vgg.pth", []byte("x"))), ""},
		"two":        {weightstest.Zipped(zip.Store, member("a.pth", pth), member("b.pth", pth)), "several"},
		"compressed": {weightstest.Zipped(zip.Deflate, member("vgg.pth", pth)), "with a file of weights"},
		"in two": {weightstest.Zipped(zip.Store, member("a.pth",
			weightstest.Zipped(zip.Store, member("b.pth", pth)))), "in a zip"},
		"no weights": {weightstest.Zipped(zip.Store, member("a.pth", []byte("404: Not Found"))), "server"},
		"exported": {weightstest.Zipped(zip.Store, member("a/archive_format", []byte("pt2")),
			member("a/data/weights/weight_0", nil)), ".pt2"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := OpenBytes("a.zip", c.data)
			if c.looks != "" {
				if e := weightstest.Refused[*UnsupportedError](t, err); !strings.Contains(e.Looks, c.looks) {
					t.Error(e)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Plain("a"); err != nil {
				t.Error(err)
			}
		})
	}
}
