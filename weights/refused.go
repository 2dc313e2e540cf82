package weights

import (
	"bytes"
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
	{257, "ustar", "a tar archive", "unpack it with tar xf, and give what is in it"},
	{0, "\xff\xd8\xff", "a picture (JPEG)", pictureAdvice},
	{0, "\x89PNG\r\n\x1a\n", "a picture (PNG)", pictureAdvice},
	{0, "GIF8", "a picture (GIF)", pictureAdvice},
	{8, "WEBPVP8", "a picture (WebP)", pictureAdvice},
	{0, "\x80\x02", "a Python pickle", ""},
	{0, "\x80\x03", "a Python pickle", ""},
	{0, "\x80\x04", "a Python pickle", ""},
	{0, "\x80\x05", "a Python pickle", ""},
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
	{regexp.MustCompile(`^<\?xml|^<[a-z]+>`), "XML in place of the file", answerAdvice},
	{regexp.MustCompile(`^[{[]\s*("|\{|\[|\}|\])`), "JSON in place of the file", answerAdvice},
	{regexp.MustCompile(`(?m)^\s*\[(net|network|convolutional)\]\s*$`),
		"the description of a darknet network (.cfg)", "give the .weights file that belongs to it"},
	{regexp.MustCompile(`^model_checkpoint_path:`), "TensorFlow's list of checkpoints",
		"give the .index or .ckpt of a checkpoint that it names"},
	{regexp.MustCompile(`(?m)^\s*(layer|layers|input_param)\s*:?\s*\{`),
		"the description of a Caffe network (.prototxt)", "give the .caffemodel that belongs to it"},
}

const (
	pictureAdvice = "weights are the parameters of a network, not a picture"
	answerAdvice  = "it is probably what a server says instead of sending the file: read it, and download " +
		"the file again"
)

// recognise says what a file is that is not read, by its first bytes and its size, and what to do about it.
// The advice may be empty.
func recognise(head []byte, size int64) (looks, advice string) {
	if size == 0 {
		return "an empty file", "nothing arrived: download or copy it again"
	}
	for _, m := range refused {
		if len(head) > m.at && bytes.HasPrefix(head[m.at:], []byte(m.magic)) {
			return m.looks, m.advice
		}
	}
	if tensorflow.IsSavedModel(head) {
		return "TensorFlow's saved_model.pb, which describes a network",
			"its weights are in variables/variables.index beside it"
	}
	if looks, advice := recogniseText(head); looks != "" {
		return looks, advice
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

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}
