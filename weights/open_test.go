package weights

import (
	"os"
	"path/filepath"
	"testing"
)

// However much of a file is looked at, it is taken for what it is and nothing else.
func TestSniffing(t *testing.T) {
	for file, want := range map[string]string{
		"caffe/testdata/v1.caffemodel": "a Caffe model", "caffe/testdata/v2.caffemodel": "a Caffe model", "caffe/testdata/double.caffemodel": "a Caffe model",
		"onnx/testdata/model.onnx": "an ONNX file", "onnx/testdata/external.onnx": "an ONNX file", "tensorflow/testdata/frozen.pb": "a TensorFlow graph",
	} {
		data, err := os.ReadFile(filepath.Join("internal", file))
		if err != nil {
			t.Fatal(err)
		}
		for n := 24; n <= len(data); n++ {
			for _, f := range formats(Hints{}, false) {
				if f.Is(data[:n], int64(len(data))) != (f.Name == want) {
					t.Fatalf("%d bytes of %s are taken for %s, or are not", n, file, f.Name)
				}
			}
		}
	}
}
