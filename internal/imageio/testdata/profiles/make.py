"""Writes pictures with colour profiles, and truth.png: a row for each, in the order of the names, with the colours in
sRGB as LittleCMS has them (relative intent, no black point compensation, no optimisation).

The profiles are made here, from numbers alone, and are nobody's: CC0.
Needs Pillow (13.0.0 with LittleCMS 2.19 wrote what is here) and numpy.
"""
import io
import struct

import numpy as np
from PIL import Image, ImageCms

D50 = np.array([0.9642, 1, 0.8249])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
D65 = (0.3127, 0.3290)


def xyz(x, y):
    return np.array([x / y, 1, (1 - x - y) / y])


def adapt(white):
    scale = np.diag((BRADFORD @ D50) / (BRADFORD @ xyz(*white)))
    return np.linalg.inv(BRADFORD) @ scale @ BRADFORD


def colorants(white, *primaries):
    m = np.stack([xyz(*p) for p in primaries], 1)
    return adapt(white) @ m @ np.diag(np.linalg.solve(m, xyz(*white)))


def s15(*values):
    return b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def curv(*values):
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + b"".join(struct.pack(">H", v) for v in values)


def sampled(f, n):
    return curv(*[round(65535 * f(i / (n - 1))) for i in range(n)])


def para(kind, *values):
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + s15(*values)


def text(s, version):
    if version == 2:
        s = s.encode() + b"\0"
        return b"desc\0\0\0\0" + struct.pack(">I", len(s)) + s + bytes(4 + 4 + 2 + 1 + 67)
    s = s.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(s), 28) + s


def profile(name, version, space, pcs, tags):
    right = text("CC0", 4) if version == 4 else b"text\0\0\0\0CC0\0"
    tags = [("desc", text(name, version)), ("cprt", right), ("wtpt", b"XYZ \0\0\0\0" + s15(*D50))] + tags
    head = bytearray(128)
    head[8] = version
    head[9] = 0x40 if version == 2 else 0x20
    head[12:24] = b"mntr" + space + pcs
    head[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    head[36:40] = b"acsp"
    head[68:80] = s15(*D50)
    table, data, at = b"", b"", 132 + 12 * len(tags)
    for tag, body in tags:
        table += tag.encode() + struct.pack(">II", at + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head[0:4] = struct.pack(">I", at + len(data))
    return bytes(head) + struct.pack(">I", len(tags)) + table + data


def rgb(name, version, white, primaries, curves):
    m = colorants(white, *primaries)
    tags = [(c + "XYZ", b"XYZ \0\0\0\0" + s15(*m[:, k])) for k, c in enumerate("rgb")]
    tags += [(c + "TRC", curves[k % len(curves)]) for k, c in enumerate("rgb")]
    if version == 4:
        tags.append(("chad", b"sf32\0\0\0\0" + s15(*adapt(white).ravel())))
    return profile(name, version, b"RGB ", b"XYZ ", tags)


def grey(name, version, pcs, curve):
    return profile(name, version, b"GRAY", pcs, [("kTRC", curve)])


def srgb_curve(v):
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


SRGB = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]
P3 = [(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]
ADOBE = [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)]
ROMM = [(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)]
BT2020 = [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]
APPLE = [(0.625, 0.340), (0.280, 0.595), (0.155, 0.070)]
WIDE = [(0.7347, 0.2653), (0.1152, 0.8264), (0.1566, 0.0177)]
D50XY = (0.3457, 0.3585)
S = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)

PROFILES = {
    "adobe.png": rgb("Adobe-like", 2, D65, ADOBE, [curv(round(256 * 563 / 256))]),
    "apple.tif": rgb("Apple-like", 2, D65, APPLE, [curv(round(256 * 1.8))]),
    "bt2020.png": rgb("BT.2020", 4, D65, BT2020, [para(3, 1 / 0.45, 1 / 1.0993, 0.0993 / 1.0993, 1 / 4.5, 0.08145)]),
    "greylab.png": grey("L*", 4, b"Lab ", curv()),
    "greyold.tif": grey("Grey 2.2", 2, b"XYZ ", curv(round(256 * 2.2))),
    "kinds.png": rgb("Three kinds", 4, D65, P3, [para(1, 2.2, 0.9, 0.1), para(2, 2.0, 0.95, 0.05, 0.0), para(0, 1.9)]),
    "linear.tif": rgb("Linear P3", 4, D65, P3, [curv()]),
    "p3.png": rgb("Display-P3-like", 4, D65, P3, [S]),
    "p3.webp": rgb("Display-P3-like", 4, D65, P3, [S]),
    "romm.png": rgb("ROMM-like 1.8", 2, D50XY, ROMM, [curv(round(256 * 1.8))]),
    "romm4.webp": rgb("ROMM-like", 4, D50XY, ROMM, [para(4, 1.8, 1, 0, 1 / 16, 0.03125, 0, 0)]),
    "srgb2.png": rgb("sRGB-like", 2, D65, SRGB, [sampled(srgb_curve, 1024)]),
    "wide.webp": rgb("Wide-like", 2, D50XY, WIDE, [sampled(lambda v: v ** 2.2, 256)]),
}


def main():
    levels = [0, 13, 64, 128, 200, 255]
    colours = np.array([[r, g, b] for r in levels for g in levels for b in levels], np.uint8)[None]
    greys = np.linspace(0, 255, colours.shape[1]).round().astype(np.uint8)[None]
    out = ImageCms.createProfile("sRGB")
    truth = []
    for name, data in sorted(PROFILES.items()):
        is_grey = name.startswith("grey")
        im = Image.fromarray(greys if is_grey else colours)
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        convert = ImageCms.buildTransform(source, out, im.mode, "RGB", 1, ImageCms.Flags.NOOPTIMIZE)
        truth.append(np.asarray(ImageCms.applyTransform(im, convert)))
        more = {"tif": {"compression": "tiff_deflate"}, "webp": {"lossless": True, "exact": True}}
        im.save(name, icc_profile=data, **more.get(name.split(".")[1], {}))
    Image.fromarray(np.concatenate(truth)).save("truth.png", optimize=True)


main()
