package zoo

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"oneiro/weights"
)

// other is a network that circulates and that package nn does not have, by the names of tensors, in small
// letters, each of which has to be there, and the sizes of the first that has the first of the names, in any
// order, if they are given.
type other struct {
	what  string // with its article
	names []string
	sizes []int
}

// others are the ones that people try, the more particular ones first.
var others = []other{
	{what: "CLIP", names: []string{`token_embedding`, `visual`}},
	{what: "CLIP", names: []string{`text_projection`, `visual`}},
	{what: "CLIP's image encoder", names: []string{`vision_model\.embeddings`}},
	{what: "Stable Diffusion", names: []string{`model\.diffusion_model\.`}},
	{what: "Stable Diffusion's VAE", names: []string{`post_quant_conv`}},
	{what: "Stable Diffusion's VAE", names: []string{`encoder\.down_blocks\.0\.resnets`}},
	{what: "Stable Diffusion's VAE", names: []string{`decoder\.mid\.attn_1`}},
	{what: "Stable Diffusion's U-Net", names: []string{`down_blocks\.0\.attentions`}},
	{what: "StyleGAN", names: []string{`synthesis\.`, `mapping\.`}},
	{what: "AdaIN's decoder", names: []string{`(^|\.)1\.weight$`, `(^|\.)28\.weight$`}, sizes: []int{3, 3, 256, 512}},
	{what: "a feed-forward style network", names: []string{`(^|\.)res1\.conv1`, `deconv1`}},
	{what: "a feed-forward style network", names: []string{`resblock1|res_?blocks?\.0`, `deconv|upsample`}},
	{what: "a CycleGAN generator", names: []string{`model\.10\.conv_block`}},

	{what: "a MobileNetV2", names: []string{`(^|\.)features\.1\.conv\.0\.0\.`, `(^|\.)features\.18\.`}},
	{what: "a MobileNetV2", names: []string{`expanded_conv_depthwise`, `block_1_expand`}},
	{what: "a MobileNetV2", names: []string{`mobilenetv2/`}},
	{what: "a MobileNet", names: []string{`conv_dw_1(/|_|\.)`}},
	{what: "a MobileNet", names: []string{`mobilenetv1/`}},
	{what: "a MobileNetV3 (large)", names: []string{`(^|\.)features\.1\.block\.0\.0\.`, `(^|\.)features\.16\.`}},
	{what: "a MobileNetV3 (small)", names: []string{`(^|\.)features\.1\.block\.0\.0\.`, `(^|\.)features\.12\.`}},
	{what: "a ConvNeXt", names: []string{`layer_scale$`}},
	{what: "a ConvNeXt", names: []string{`stages\.0\.blocks\.0\.(gamma|conv_dw)`}},
	{what: "a Swin Transformer", names: []string{`relative_position_bias_table`}},
	{what: "an EfficientNet", names: []string{`(^|\.)features\.1\.0\.block\.0\.0\.`}},
	{what: "an EfficientNet", names: []string{`conv_stem\.weight`, `blocks\.0\.0\.conv_(dw|pw)`}},
	{what: "an EfficientNet", names: []string{`block1a_dwconv`}},
	{what: "a DenseNet-201", names: []string{`denseblock3\.denselayer48\.`}},
	{what: "a DenseNet-169", names: []string{`denseblock3\.denselayer32\.`, `denseblock4\.denselayer32\.`}},
	{what: "a DenseNet-161", names: []string{`denseblock3\.denselayer36\.`}},
	{what: "a DenseNet-121", names: []string{`denseblock3\.denselayer24\.`}},
	{what: "a DenseNet", names: []string{`conv2_block1_1_bn`, `pool2_bn`}},
	{what: "a RegNet", names: []string{`trunk_output\.block1`}},
	{what: "a ShuffleNet v2", names: []string{`stage2\.0\.branch1\.`, `conv5\.0\.`}},
	{what: "an MNASNet", names: []string{`layers\.8\.0\.layers\.`}},
	{what: "a vision transformer (ViT)", names: []string{`encoder_layer_0\.(self_attention|ln_1)`}},
	{what: "a vision transformer (ViT)", names: []string{`patch_embed\.proj`, `blocks\.0\.attn`}},
	{what: "a vision transformer (ViT)", names: []string{`embeddings\.patch_embeddings`}},
	{what: "a vision transformer (ViT)", names: []string{`transformer/encoderblock_0`}},
	{what: "an NF-ResNet", names: []string{`stages\.0\.0\.conv1\.gain`}},
	{what: "a U-Net", names: []string{`down1\.maxpool_conv|inc\.double_conv`}},
	{what: "a YOLO detector", names: []string{`model\.0\.conv\.weight`, `model\.\d+\.(m|cv1)\.`}},
	{what: "a Faster R-CNN or Mask R-CNN detector", names: []string{`(^|\.|/)rpn`, `roi_heads|cls_score|bbox_pred`}},
	{what: "an SSD detector", names: []string{`(^|\.)extras\.`, `(^|\.)(loc|conf)\.`}},
	{what: "an SSD detector", names: []string{`mbox_(loc|conf)`}},

	{what: "a ResNet-152", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.35\.conv3`},
		sizes: []int{64, 64, 3, 3}},
	{what: "a ResNet-101", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.22\.conv3`},
		sizes: []int{64, 64, 3, 3}},
	{what: "a ResNet-50", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.5\.conv3`},
		sizes: []int{64, 64, 3, 3}},
	{what: "a ResNeXt", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.5\.conv3`},
		sizes: []int{128, 4, 3, 3}},
	{what: "a ResNeXt", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.5\.conv3`},
		sizes: []int{256, 8, 3, 3}},
	{what: "a Wide ResNet", names: []string{`(^|\.)layer1\.0\.conv2\.weight`, `(^|\.)layer3\.5\.conv3`},
		sizes: []int{128, 128, 3, 3}},
	{what: "a ResNet", names: []string{`(^|\.)layer1\.0\.conv3`, `(^|\.)layer4\.`}},
	{what: "a ResNet-34", names: []string{`(^|\.)layer3\.5\.conv2`}},
	{what: "a ResNet-18", names: []string{`(^|\.)layer4\.1\.conv2`}},
	{what: "a ResNet", names: []string{`(^|\.)layer1\.0\.conv1`, `(^|\.)layer4\.0\.`}},
	{what: "a ResNet-152", names: []string{`res4b35_branch`}},
	{what: "a ResNet-101", names: []string{`res4b22_branch`}},
	{what: "a ResNet-50", names: []string{`res4f_branch`, `res5c_branch`}},
	{what: "a ResNet", names: []string{`res2a_branch|conv_stage0_block0|stage0_block0_`}},
	{what: "a ResNet-152", names: []string{`conv4_block36_3_conv`}},
	{what: "a ResNet-101", names: []string{`conv4_block23_3_conv`}},
	{what: "a ResNet-50", names: []string{`conv4_block6_3_conv`}},
	{what: "a ResNet", names: []string{`resnet_v[12]_\d+/`}},
	{what: "a ResNet", names: []string{`resnetv\d+_`}},
	{what: "an Inception-ResNet v2", names: []string{`block35_1`}},
	{what: "an Inception-ResNet v2", names: []string{`(^|\.)repeat(_1)?\.0\.branch`}},
	{what: "an Inception-ResNet v2", names: []string{`inceptionresnetv2/`}},
	{what: "an Inception v4", names: []string{`(^|\.)features\.21\.branch`}},
	{what: "an Inception v4", names: []string{`inceptionv4/`}},
	{what: "an Inception v2", names: []string{`inceptionv2/`}},
	{what: slimV1, names: []string{`inceptionv1/`}},
	{what: "an Xception", names: []string{`block2_sepconv1|block2\.rep\.|separable_conv2d`}},
	{what: "a NASNet", names: []string{`normal_conv|cell_stem`}},
	{what: "a NIN (Network in Network)", names: []string{`cccp1`}},
	{what: "a NIN (Network in Network)", names: []string{`features\.0\.weight`, `features\.26\.weight`},
		sizes: []int{96, 11, 11, 3}},
	{what: "a RepVGG", names: []string{`conv_kxk`, `stages\.0\.0`}},
	{what: "a VoVNet", names: []string{`stages\.0\.blocks\.0\.conv_mid`}},

	{what: "a CNN-S or CNN-M of Chatfield et al.", names: []string{`(^|[./])conv1[._/]`, `(^|[./])conv2[._/]`,
		`(^|[./])conv5[._/]`}, sizes: []int{96, 7, 7, 3}},
	{what: "a CNN-F of Chatfield et al.", names: []string{`(^|[./])conv1[._/]`, `(^|[./])conv5[._/]`},
		sizes: []int{64, 11, 11, 3}},
	{what: "an AlexNet", names: []string{`(^|[./])conv1[._/]`, `(^|[./])conv5[._/]`}, sizes: []int{96, 11, 11, 3}},
	{what: "an AlexNet", names: []string{`features\.0\.weight`, `features\.10\.weight`}, sizes: []int{64, 11, 11, 3}},
	{what: "LPIPS's linear layers, without its network", names: []string{`^lins?\.?0\.`}},
	{what: "a language model", names: []string{`attention\.self\.query|self_attn\.q_proj|attn\.c_attn`}},
}

// bySizes are networks whose files may have names that say nothing, by their first convolution and how many
// convolutions they have.
var bySizes = []struct {
	what  string
	first []int
	convs int
}{
	{"a ResNet-18", []int{64, 3, 7, 7}, 20}, {"a ResNet-34", []int{64, 3, 7, 7}, 36},
	{"a ResNet-50", []int{64, 3, 7, 7}, 53}, {"a ResNet-101", []int{64, 3, 7, 7}, 104},
	{"a ResNet-152", []int{64, 3, 7, 7}, 155}, {"a MobileNetV2", []int{32, 3, 3, 3}, 52},
	{"an AlexNet", []int{64, 3, 11, 11}, 5}, {"an AlexNet", []int{96, 3, 11, 11}, 5},
	{"a DenseNet-121", []int{64, 3, 7, 7}, 120},
}

// patterns compiles an expression once.
var patterns = func() func(string) *regexp.Regexp {
	var known sync.Map
	return func(text string) *regexp.Regexp {
		if p, ok := known.Load(text); ok {
			return p.(*regexp.Regexp)
		}
		p := regexp.MustCompile(text)
		known.Store(text, p)
		return p
	}
}()

// lone is what a file with one tensor is.
const lone = "a single tensor"

// flat is what a file without kernels is.
const flat = "no network that sees pictures"

// part begins what is said of a file that is one of several.
const part = "part "

// partOf says which of how many files of a network a file is by its name, as Hugging Face's programs number
// them, or nothing.
func partOf(name string) string {
	m := patterns(`-0*(\d+)-of-0*(\d+)\.`).FindStringSubmatch(name)
	if m == nil || m[2] == "1" {
		return ""
	}
	return part + m[1] + " of " + m[2]
}

// whatElse says what a file is that no network of package nn is in, or nothing.
func whatElse(file []weights.Info) string {
	if len(file) == 1 {
		return lone
	}
	names := make([]string, len(file))
	var convs, depthwise int
	var first []int
	for i, t := range file {
		names[i] = strings.ToLower(t.Name)
		if len(t.Shape) == 4 {
			if convs++; convs == 1 {
				first = essential(t.Shape)
			}
			if e := essential(t.Shape); len(e) == 3 && e[0] == e[1] && e[0] <= 7 && e[2] > 7 {
				depthwise++
			}
		}
	}
	for _, o := range others {
		if o.in(file, names) {
			return o.what
		}
	}
	for _, o := range bySizes {
		if convs == o.convs && slices.Equal(first, essential(o.first)) {
			return o.what
		}
	}
	if convs == 0 && !slices.ContainsFunc(file, func(t weights.Info) bool { return len(t.Shape) > 4 }) {
		return flat
	}
	if depthwise > 4 {
		return "a network with depthwise convolutions, such as a MobileNet or an EfficientNet"
	}
	return ""
}

// in says whether a file is of the network.
func (o *other) in(file []weights.Info, names []string) bool {
	for i, text := range o.names {
		at := slices.IndexFunc(names, func(n string) bool {
			return patterns(text).MatchString(n)
		})
		if at < 0 {
			return false
		}
		if i > 0 || o.sizes == nil {
			continue
		}
		have, want := essential(file[at].Shape), essential(o.sizes)
		if !slices.Equal(have, want) {
			return false
		}
	}
	return true
}

// article puts an article before the name of one of package nn's networks.
func article(network string) string {
	if strings.ContainsAny(network[:1], "aeiou") {
		return "an " + network
	}
	return "a " + network
}
