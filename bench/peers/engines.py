"""ONNX Runtime, ncnn and MNN on the files of models.py. Each function returns one that does the work once and gives
the values of relu5_1, and a version."""

from importlib.metadata import version

import numpy as np

import nets


def onnxruntime(folder, size, threads):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = ort.InferenceSession(f"{folder}/vgg19-{size}.onnx", options, providers=["CPUExecutionProvider"])
    x = nets.image(size)
    return lambda: session.run(None, {"image": x})[0], "onnxruntime " + ort.__version__


def ncnn(folder, size, threads, winograd):
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    net.opt.use_winograd23_convolution = False
    net.opt.use_winograd43_convolution = winograd == 43
    net.opt.use_winograd63_convolution = winograd == 63
    if net.load_param(f"{folder}/vgg19.param") or net.load_model(f"{folder}/vgg19.bin"):
        raise RuntimeError("ncnn does not load the model")
    image = nets.image(size)[0]

    def run():
        x = ncnn.Mat(image)  # borrows the memory of image, which lives as long as run
        extractor = net.create_extractor()
        extractor.input("image", x)
        failed, out = extractor.extract("relu5_1")
        if failed:
            raise RuntimeError("ncnn does not run the model")
        return np.array(out)[None]
    return run, "ncnn " + version("ncnn")


def mnn(folder, size, threads):
    import MNN
    import MNN.numpy as mnp

    config = {"backend": "CPU", "numThread": threads, "precision": "normal"}
    runtime = MNN.nn.create_runtime_manager((config,))
    net = MNN.nn.load_module_from_file(f"{folder}/vgg19-{size}.mnn", ["image"], ["relu5_1"], runtime_manager=runtime)
    x = mnp.array(nets.image(size))
    x = MNN.expr.convert(x, MNN.expr.NC4HW4)
    return lambda: MNN.expr.convert(net.forward(x), MNN.expr.NCHW).read(), "MNN " + version("MNN")
