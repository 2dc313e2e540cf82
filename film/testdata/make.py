"""Makes the animations of this folder with Pillow, and beside each a PNG with its frames, one below the other: as
Pillow shows them, and those of over.apng as ffmpeg does, because Pillow takes blending for masking. Run it here:
python3 make.py (Pillow 13.0.0, ffmpeg 5.1.9)."""

import random
import subprocess

from PIL import Image, ImageDraw, ImageSequence

W, H, N = 48, 36, 5


def frames(alpha):
    """Frames with things that move, on clear or on a gradient."""
    out = []
    for k in range(N):
        im = Image.new("RGBA", (W, H), (0, 0, 0, 0) if alpha else (40, 90, 140, 255))
        d = ImageDraw.Draw(im)
        if not alpha:
            for x in range(W):
                d.line([(x, 0), (x, H // 2)], (5 * x, 120, 250 - 5 * x, 255))
        d.ellipse([4 + 6 * k, 5 + 2 * k, 16 + 6 * k, 17 + 2 * k], (250, 40 * k, 30, 255))
        if alpha == 2:
            d.rectangle([20, 12, 40, 30], (30, 200, 40, 60 + 40 * k))
        else:
            d.rectangle([30 - 4 * k, 20, 38 - 4 * k, 30], (30, 200, 40, 255))
        out.append(im)
    return out


def strip(name):
    """Writes the frames that are shown."""
    if name == "over.apng":
        command = ["ffmpeg", "-v", "error", "-f", "apng", "-i", name, "-vsync", "0", "-pix_fmt", "rgba", "-f", "rawvideo", "-"]
        raw = subprocess.run(command, capture_output=True, check=True).stdout
        size = 4 * W * H
        shown = [Image.frombytes("RGBA", (W, H), raw[at : at + size]) for at in range(0, len(raw), size)]
    else:
        shown = [f.convert("RGBA") for f in ImageSequence.Iterator(Image.open(name))]
    out = Image.new("RGBA", (W, H * len(shown)))
    for k, f in enumerate(shown):
        out.paste(f, (0, k * H))
    out.save(name.rsplit(".", 1)[0] + "." + name.rsplit(".", 1)[1] + ".png", optimize=True)
    print(name, len(shown))


def save(name, images, **options):
    images[0].save(name, save_all=True, append_images=images[1:], loop=0, **options)
    strip(name)


random.seed(1)
flat = [f.convert("RGB") for f in frames(0)]
save("plain.gif", flat, duration=40)
save("cleared.gif", frames(1), duration=[100, 100, 300, 100, 100], disposal=2)
save("restored.gif", frames(1), duration=70, disposal=3)
save("kept.gif", [f.convert("P", palette=Image.ADAPTIVE, colors=9 + k) for k, f in enumerate(flat)], duration=30,
     disposal=1)

save("plain.apng", flat, duration=40, format="PNG")
save("over.apng", frames(2), duration=[50, 100, 50, 50, 50], disposal=[0, 1, 2, 0, 1], blend=1, format="PNG")
save("source.apng", frames(2), duration=1001 / 30, disposal=1, blend=0, format="PNG")
few = flat[0].quantize(16)
save("palette.apng", [f.quantize(palette=few, dither=0) for f in flat], duration=100, format="PNG")
save("grey.apng", [f.convert("L") for f in flat], duration=100, format="PNG")
save("default.apng", flat, duration=100, default_image=True, format="PNG")

save("lossless.webp", frames(2), duration=40, lossless=True, quality=100)
save("lossy.webp", flat, duration=[40, 40, 120, 40, 40], quality=90)
busy = frames(2)
for f in busy:
    for _ in range(600):
        f.putpixel((random.randrange(W), random.randrange(H)), tuple(random.randrange(256) for _ in range(4)))
save("soft.webp", busy, duration=40, quality=80)
