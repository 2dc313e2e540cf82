"""Makes the fixtures of this folder: python make.py (Pillow 13.0, numpy 2, and tiffcp of libtiff 4.5).

resize.json   golden values of Image.resize on mode F
<name>.<ext>  small pictures that the Go encoders cannot make; truth/<name>.png is what Pillow decodes
"""
import json
import os
import subprocess
import sys

import numpy as np
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(1)


def resize():
    src = rng.random((7, 9, 3), dtype=np.float32).round(4).astype(np.float32)
    cases = []
    for name, f in (("Bilinear", Image.BILINEAR), ("Bicubic", Image.BICUBIC), ("Lanczos3", Image.LANCZOS)):
        for w, h in ((4, 3), (9, 4), (14, 11), (2, 13), (1, 1)):
            planes = [np.asarray(Image.fromarray(src[..., c]).resize((w, h), f)) for c in range(3)]
            pix = np.stack(planes, -1).ravel()
            cases.append({"filter": name, "w": w, "h": h, "pix": [round(float(v), 5) for v in pix]})
    out = {"w": 9, "h": 7, "pix": [round(float(v), 4) for v in src.ravel()], "cases": cases}
    with open(os.path.join(here, "resize.json"), "w") as f:
        json.dump(out, f, separators=(",", ":"))


def scene(w, h):
    """Smooth and colourful, so that lossy formats stay close."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float64)
    r = 0.5 + 0.45 * np.sin(x / 5.0 + y / 9.0)
    g = 0.5 + 0.45 * np.cos(x / 8.0 - y / 6.0)
    b = 0.5 + 0.45 * np.sin(y / 5.0)
    a = np.clip(x / (w - 6), 0, 1)
    return (np.stack([r, g, b, a], -1) * 255).round().astype(np.uint8)


def save(name, ext, im, **options):
    im.save(os.path.join(here, name + "." + ext), **options)
    truth(name, ext)


def copy(name, source, *options):
    """Has tiffcp write a fixture from another file."""
    subprocess.run(["tiffcp", *options, source, os.path.join(here, name + ".tif")], check=True)
    truth(name, "tif")


def truth(name, ext, page=0):
    back = Image.open(os.path.join(here, name + "." + ext))
    back.seek(page)
    back.load()
    if back.mode in ("I;16", "I;16B", "I"):
        back = Image.fromarray(np.asarray(back).astype(np.uint16))  # convert does not swap bytes
    elif "A" in back.mode or "transparency" in back.info:
        back = back.convert("RGBA")
    else:
        back = back.convert("RGB")
    os.makedirs(os.path.join(here, "truth"), exist_ok=True)
    back.save(os.path.join(here, "truth", name + ".png"), optimize=True)


def pictures():
    rgba = Image.fromarray(scene(37, 23))
    rgb = rgba.convert("RGB")
    grey = rgb.convert("L")
    save("jpeg420", "jpg", rgb, quality=90, subsampling=2)
    save("jpeg422", "jpg", rgb, quality=90, subsampling=1)
    save("jpeg444", "jpg", rgb, quality=90, subsampling=0)
    save("jpegprogressive", "jpg", rgb, quality=90, progressive=True)
    save("jpeggrey", "jpg", grey, quality=90)
    save("jpegcmyk", "jpg", rgb.convert("CMYK"), quality=95)
    save("webplossy", "webp", rgb, quality=90)
    save("webplossyalpha", "webp", rgba, quality=90, exact=True)
    save("webplossless", "webp", rgba, lossless=True, exact=True)
    save("tiffdeflate", "tif", rgba, compression="tiff_adobe_deflate")
    save("tifflzw", "tif", rgb, compression="tiff_lzw")
    save("tiffgrey", "tif", grey)
    wide = (np.asarray(grey).astype(np.uint16) * 257 + rng.integers(0, 200, (23, 37), dtype=np.uint16)).clip(0, 65535)
    save("tiffgrey16", "tif", Image.fromarray(wide.astype(np.uint16)))
    save("pnggrey16", "png", Image.fromarray(wide.astype(np.uint16)), optimize=True)
    palette = rgb.quantize(16)
    save("pngpalette", "png", palette, transparency=3, optimize=True)
    save("pnggreyalpha", "png", rgba.convert("LA"), optimize=True)
    save("bmp24", "bmp", rgb.resize((13, 7)))
    save("bmp8", "bmp", palette.resize((13, 7)))
    frames = [rgb.resize((8, 8)), rgb.rotate(90).resize((8, 8))]
    save("animated", "webp", frames[0], save_all=True, append_images=frames[1:], lossless=True)
    save("animatedpng", "png", frames[0], save_all=True, append_images=frames[1:])
    save("animatedgif", "gif", palette, save_all=True, append_images=[palette.rotate(180)], transparency=3)
    save("still", "gif", palette)


def tiffs():
    rgba = Image.fromarray(scene(37, 23))
    rgb = rgba.convert("RGB")
    bit = rgb.convert("L").point(lambda v: 255 * (v > 120)).convert("1")  # for which Pillow has black as minimum
    save("tiffbit", "tif", bit)
    save("tifffax4", "tif", bit, compression="group4")
    save("tifffax3", "tif", bit, compression="group3")
    white = os.path.join(here, "white.tif")
    bit.save(white, compression="group4", tiffinfo={262: 0})
    copy("tifffax4white", white, "-c", "g4")
    save("tiffcmyk", "tif", rgb.convert("CMYK"), compression="tiff_lzw")
    save("tiffbig", "tif", rgb, big_tiff=True)
    source = os.path.join(here, "source.tif")
    rgba.save(source)
    copy("tiffplanaralpha", source, "-p", "separate", "-c", "zip", "-r", "8")
    rgb.save(source)
    copy("tiffplanar", source, "-p", "separate")
    copy("tifftiled", source, "-t", "-w", "16", "-l", "16", "-c", "lzw")
    small = rgb.resize((12, 8))
    small.save(os.path.join(here, "tiffpages.tif"), save_all=True, append_images=[rgb, small])
    truth("tiffpages", "tif", page=1)
    save("tiffjpeg", "tif", rgb, compression="jpeg", quality=90)
    rgb.save(source)
    copy("tiffjpegrgb", source, "-c", "jpeg:r:90", "-t", "-w", "16", "-l", "16")
    save("tiffpackbits", "tif", rgb.resize((13, 7)), compression="packbits")
    save("tiffpalette", "tif", rgb.resize((13, 7)).quantize(16))
    save("tiffgreyalpha", "tif", rgba.resize((13, 7)).convert("LA"))
    wide = np.asarray(rgb.convert("L").resize((13, 7))).astype(np.uint16) * 250
    Image.fromarray(wide).save(source)
    copy("tiffmotorola", source, "-B", "-c", "zip:2")
    # Refused, by the right reason.
    grey = np.asarray(rgb.convert("L"), dtype=np.float32) / 255
    Image.fromarray(grey).resize((9, 7)).save(os.path.join(here, "refusedfloat.tif"))
    bit.save(source)
    subprocess.run(["tiffcp", "-c", "g3:2d", source, os.path.join(here, "refusedfax.tif")], check=True)
    os.remove(source)
    os.remove(white)


resize()
pictures()
tiffs()
sys.stdout.write("Pillow %s\n" % Image.__version__)
