package weights

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"oneiro/weights/internal/tensorflow"
)

// refused are files that are recognised and not read, by their first bytes: formats of weights, and what
// people give by mistake. The formats that are read are in open.go.
var refused = []struct {
	at           int
	magic, looks string
	advice       string
}{
	{0, "version https://git-lfs", "a Git LFS pointer in place of the file",
		"fetch the file itself in the checkout that this is from: git lfs pull"},
	{0, "\x1f\x8b", "a gzip archive", "unpack it, and give what is in it: tar xzf for a .tar.gz or .tgz, " +
		"gunzip for others"},
	{0, "BZh", "a bzip2 archive", "unpack it, and give what is in it: tar xjf for a .tar.bz2, bunzip2 for " +
		"others"},
	{0, "\xfd7zXZ\x00", "an xz archive", "unpack it, and give what is in it: tar xJf for a .tar.xz, unxz " +
		"for others"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it, and give what is in it"},
	{0, "Rar!", "a RAR archive", "unpack it, and give what is in it"},
	{0, "\x28\xb5\x2f\xfd", "a Zstandard archive", "unpack it with unzstd, and give what is in it"},
	{257, "ustar", "a tar archive", "unpack it with tar xf, and give what is in it"},
	{0, "\xff\xd8\xff", "a picture (JPEG)", pictureAdvice},
	{0, "\x89PNG\r\n\x1a\n", "a picture (PNG)", pictureAdvice},
	{0, "GIF8", "a picture (GIF)", pictureAdvice},
	{8, "WEBPVP8", "a picture (WebP)", pictureAdvice},
	{0, "II*\x00", "a picture (TIFF)", pictureAdvice},
	{0, "MM\x00*", "a picture (TIFF)", pictureAdvice},
	{4, "ftyp", "a picture or a film (HEIC, AVIF, MP4)", pictureAdvice},
	{0, "%PDF", "a PDF document", "give the file of weights that it is about"},
	{0, "\x12\x01\x00\x00\x00\x00\x00\x00", "parameters of MXNet (.params)", "load them with MXNet, and " +
		"save a NumPy archive: numpy.savez(\"weights.npz\", **{k: v.asnumpy() for k, v in " +
		"mxnet.nd.load(file).items()})"},
	{0, "\x04\x00\x00\x00\x01\x00\x00\x00\x03\x00\x00\x00V 1", "a model of Torch 7 (.t7)", torch7Advice},
	{0, "\x03\x00\x00\x00\x01\x00\x00\x00", "a table of Torch 7 (.t7)", torch7Advice},
	{0, "4\n1\n3\nV 1\n", "a model of Torch 7 (.t7) as text", torch7Advice},
	{4, "ET12", "a program of ExecuTorch (.pte)", "take the PyTorch model that it was made from"},
	{0, "ptrt", "an engine of TensorRT", "take the ONNX file that it was made from"},
	{0, "ftrt", "an engine of TensorRT", "take the ONNX file that it was made from"},
	{0, "7767517\n", "the description of an ncnn network (.param)", ncnnAdvice},
	{4, "ORTM", "an ONNX Runtime file (.ort)", "take the .onnx file that it was made from"},
	{4, "TFL3", "a TensorFlow Lite file (.tflite)", "take the graph (.pb) that it was made from"},
	{0, "GGUF", "a GGUF file", "GGUF files hold language models: give the weights of a network that sees " +
		"pictures"},
}

// refusedTexts are texts, by what they begin with or what is in their first lines, in small letters.
var refusedTexts = []struct {
	pattern       *regexp.Regexp
	looks, advice string
}{
	{regexp.MustCompile(`^<(!doctype|html|head|body)`), "a web page (a download that was refused?)",
		"open the address in a browser, and download the file from there"},
	{regexp.MustCompile(`(?s)^<\?xml.*<net\s+[^>]*name=`), "the description of an OpenVINO network (.xml)",
		openvinoAdvice},
	{regexp.MustCompile(`^<\?xml|^<[a-z]+>`), "XML in place of the file", answerAdvice},
	{regexp.MustCompile(`"modeltopology"|"weightsmanifest"`), "a model of TensorFlow.js (.json)",
		"convert it to a file of Keras with tensorflowjs_converter, or take the model that it was made from"},
	{regexp.MustCompile(`^\{\s*("module": "keras[^}]*)?"class_name":\s*"(sequential|functional|model)"`),
		"the description of a Keras network (.json)", "give the .h5 or .keras file with its weights"},
	{regexp.MustCompile(`^[{[]\s*("|\{|\[|\}|\])`), "JSON in place of the file", answerAdvice},
	{regexp.MustCompile(`(?m)^\s*\[(net|network|convolutional)\]\s*$`),
		"the description of a darknet network (.cfg)", "give the .weights file that belongs to it"},
	{regexp.MustCompile(`^(error )?[45]\d\d(:| )|^(not found|entry not found|repository not found|file not found|` +
		`access denied|access to model|unauthorized|forbidden|too many requests|rate limit|invalid (user|cred))`),
		"the answer of a server that did not send the file", answerAdvice},
	{regexp.MustCompile(`^(\[internetshortcut\]\s+(url=)?)?(https?|ftp|s3|gs|hf)://\S+\s*$|^\[internetshortcut\]`),
		"an address (URL) in place of the file", "download the file that is there first, with a browser or curl -L -O"},
	{regexp.MustCompile(`^model_checkpoint_path:`), "TensorFlow's list of checkpoints",
		"give the .index or .ckpt of a checkpoint that it names"},
	{regexp.MustCompile(`(?m)^\s*(layer|layers|input_param)\s*:?\s*\{`),
		"the description of a Caffe network (.prototxt)", "give the .caffemodel that belongs to it"},
}

// refusedNames are files that say nothing by their first bytes, by how their names end.
var refusedNames = map[string]struct{ looks, advice string }{
	".mlmodel": {"a model of Core ML", coreAdvice}, ".mlpackage": {"a model of Core ML", coreAdvice},
	".mlmodelc": {"a model of Core ML", coreAdvice},
	".mnn":      {"a model of MNN", "take the ONNX file, or what else it was made from"},
	".param":    {"the description of an ncnn network", ncnnAdvice},
	".bin": {"numbers without shapes, as ncnn and OpenVINO have them", "take the ONNX or PyTorch file that they " +
		"were made from; for a folder of raw numbers give the folder, with a manifest.json"},
	".pdmodel":   {"the description of a Paddle network", paddleAdvice},
	".pdiparams": {"parameters of a Paddle network, without their names", paddleAdvice},
	paddlePickle: {"parameters of Paddle", paddleAdvice},
	".params":    {"parameters of MXNet, or of something else", "export the network to an ONNX file"},
	".t7":        {"a model of Torch 7", torch7Advice},
	".msgpack": {"parameters of Flax", "save them as safetensors: safetensors.flax.save_file(params, " +
		"\"weights.safetensors\")"},
	".chainermodel": {"a pickled model of Chainer", "load it, and save its numbers: " +
		"chainer.serializers.save_npz(\"weights.npz\", model)"},
	".engine": {"an engine of TensorRT", "take the ONNX file that it was made from"},
	".trt":    {"an engine of TensorRT", "take the ONNX file that it was made from"},
	".dlc":    {"a model of Qualcomm's SNPE", "take the ONNX file that it was made from"},
	".rknn":   {"a model of Rockchip's RKNN", "take the ONNX file that it was made from"},
}

// paddlePickle ends the names of files of Paddle, which are pickles that could be read, but for their matrices,
// which are inputs x outputs.
const paddlePickle = ".pdparams"

// nameEnd is how a name ends, for refusedNames.
func nameEnd(path string) string { return strings.ToLower(filepath.Ext(path)) }

const (
	torch7Advice = "load it in Python with the package torchfile, and save its numbers: numpy.savez(\"weights.npz\", " +
		"**arrays); most of these models are also published for Caffe or PyTorch"
	coreAdvice     = "take the PyTorch, Caffe or Keras file that it was made from"
	ncnnAdvice     = "ncnn's .bin has no shapes: take the ONNX or PyTorch file that it was made from"
	openvinoAdvice = "OpenVINO's .bin has no shapes: take the ONNX or PyTorch file that it was made from"
	paddleAdvice   = "load it with Paddle, and save its numbers: numpy.savez(\"weights.npz\", **{k: v.numpy().T if " +
		"v.ndim == 2 else v.numpy() for k, v in paddle.load(file).items()})"
	pictureAdvice = "weights are the parameters of a network, not a picture"
	answerAdvice  = "it is probably what a server says instead of sending the file: read it, and download " +
		"the file again"
)

// recognise says what a file is that is not read, by its first bytes, its size, and its name, and what to do
// about it. The advice may be empty.
func recognise(path string, head []byte, size int64) (looks, advice string) {
	if size == 0 {
		return "an empty file", "nothing arrived: download or copy it again"
	}
	for _, m := range refused {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.looks, m.advice
		}
	}
	if tensorflow.IsSavedModel(head) && !strings.HasPrefix(nameEnd(path), ".mlmodel") { // which begins alike
		return "TensorFlow's saved_model.pb, which describes a network",
			"its weights are in variables/variables.index beside it"
	}
	if looks, advice := recogniseText(head); looks != "" {
		return looks, advice
	}
	if named, ok := refusedNames[nameEnd(path)]; ok {
		return named.looks, named.advice
	}
	return "a format that is not known", ""
}

// recogniseText does the same for a text. looks is empty for other files.
func recogniseText(head []byte) (looks, advice string) {
	if bytes.ContainsFunc(head, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return "", "" // not a text
	}
	text := strings.ToLower(strings.TrimLeftFunc(strings.TrimPrefix(string(head), "\ufeff"), unicode.IsSpace))
	for _, m := range refusedTexts {
		if m.pattern.MatchString(text) {
			return m.looks, m.advice
		}
	}
	if numbers := strings.Fields(text); len(numbers) > 3 && isNumber(numbers[0]) && isNumber(numbers[1]) &&
		isNumber(numbers[2]) {
		return "numbers in text, such as weights.txt",
			"give the binary file that they are from: a text has lost the shapes"
	}
	return "", ""
}

// address recognises a URL in place of a path.
var address = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]+://`)

// refuseAddress refuses a URL: files are not fetched.
func refuseAddress(path string) error {
	if !address.MatchString(path) {
		return nil
	}
	return &UnsupportedError{File: path, Looks: "an address",
		Advice: "download the file first, with a browser or curl -L -O, and give its name on this machine"}
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
