"""Golden files of the Vision Transformer: a model folder, its values at three sizes, and pixels of its image processor.

Writes luthier-model/src/test/resources/golden/vit-encoder/ and vit-image-classification/, and
luthier-data/src/test/resources/golden/images/.
"""

import shutil

import numpy as np
import torch
import torch.nn.functional as F
from golden import MODEL, ROOT, draws, fill, names_on_disk, normal, widened, write, write_json
from PIL import Image
from transformers import ViTConfig, ViTForImageClassification, ViTModel
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

IMAGES = ROOT / "luthier-data/src/test/resources/golden/images"
LABELS = ["circle", "square", "cross"]
SHAPE = dict(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=40,
    image_size=16,
    patch_size=4,
    initializer_range=0.2,
)


def config(**more):
    names = dict(enumerate(LABELS))
    return ViTConfig(**SHAPE, **more, id2label=names, label2id={name: index for index, name in names.items()})


def save(model, folder):
    if folder.exists():
        shutil.rmtree(folder)
    model.save_pretrained(folder)
    return folder


def on_disk(name):
    """What a parameter is called in the files, which keep the names of version 4."""
    for new, old in [
        ("layers.", "encoder.layer."),
        ("attention.q_proj", "attention.attention.query"),
        ("attention.k_proj", "attention.attention.key"),
        ("attention.v_proj", "attention.attention.value"),
        ("attention.o_proj", "attention.output.dense"),
        ("mlp.fc1", "intermediate.dense"),
        ("mlp.fc2", "output.dense"),
    ]:
        name = name.replace(new, old)
    return name


def gradients(model, loss, folder):
    model.zero_grad()
    loss.backward()
    found = {on_disk(name): p.grad for name, p in model.named_parameters() if p.grad is not None}
    unmatched = set(names_on_disk(folder)) ^ set(found)
    if unmatched:
        raise SystemExit(f"{folder.name}: on disk or with a gradient, but not both: {sorted(unmatched)}")
    return {"grad." + name: value for name, value in found.items()}


def watched(body):
    """Collects what the embeddings and each layer give."""
    states = []
    for part in [body.embeddings, *body.layers]:
        part.register_forward_hook(lambda module, inputs, output: states.append(output))
    return states


def summed(loss_sum, weight):
    weight = torch.tensor(float(weight), dtype=torch.float64)
    return {"loss": loss_sum / weight, "loss_sum": loss_sum, "loss_weight": weight}


def pixels(height, width):
    return normal([3, 3, height, width], 1, "vit pixels", height, width).double()


def classification():
    folder = save(fill(ViTForImageClassification(config()), "vit"), MODEL / "vit-image-classification")
    ViTImageProcessorPil(size={"height": 16, "width": 16}).save_pretrained(folder)
    model = widened(ViTForImageClassification.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32))
    states = watched(model.vit)
    labels = torch.tensor([2, 0, 1])
    for height, width in [(16, 16), (24, 24), (8, 8), (12, 20)]:
        states.clear()
        given = pixels(height, width)
        out = model(given, labels=labels, interpolate_pos_encoding=(height, width) != (16, 16))
        loss = summed(F.cross_entropy(out.logits, labels, reduction="sum"), len(labels))
        assert torch.allclose(loss["loss"], out.loss)
        values = {"pixel_values": given, "labels": labels, "logits": out.logits}
        values |= {f"hidden.{index}": value for index, value in enumerate(states)}
        write(folder / f"golden-{height}x{width}.safetensors", values | loss | gradients(model, loss["loss"], folder))


def encoder():
    settings = config(qkv_bias=False, hidden_act="gelu_pytorch_tanh")
    folder = save(fill(ViTModel(settings), "vit"), MODEL / "vit-encoder")
    model = widened(ViTModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32))
    given = pixels(16, 16)
    write(folder / "golden.safetensors", {"pixel_values": given, "last_hidden_state": model(given).last_hidden_state})


def picture(width, height, bands):
    """Waves and a little noise, so that resampling has something to get wrong."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(x / (2 + c) + c) * np.cos(y / (3 - c / 2)) for c in range(bands)]
    noise = draws("picture", width, height, bands).standard_normal((height, width, bands)) * 12
    return np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)


def pictures():
    """Files of several kinds, and the pixels that Pillow reads from them."""
    if IMAGES.exists():
        shutil.rmtree(IMAGES)
    IMAGES.mkdir(parents=True)
    rgb = Image.fromarray(picture(13, 9, 3))
    rgb.save(IMAGES / "small.png")
    Image.fromarray(picture(45, 38, 3)).save(IMAGES / "large.png")
    Image.fromarray(picture(11, 12, 1)[..., 0], "L").save(IMAGES / "gray.png")
    Image.fromarray(picture(10, 7, 2), "LA").save(IMAGES / "gray-alpha.png")
    Image.fromarray(picture(9, 8, 4), "RGBA").save(IMAGES / "alpha.png")
    rgb.quantize(16).save(IMAGES / "palette.png")
    rgb.quantize(16).save(IMAGES / "palette.gif")
    rgb.save(IMAGES / "small.bmp")
    Image.fromarray(picture(11, 12, 1)[..., 0] > 128).save(IMAGES / "bits.png")
    Image.fromarray(picture(45, 38, 3)).save(IMAGES / "photo.jpg", quality=90)
    Image.fromarray(picture(11, 12, 1)[..., 0], "L").save(IMAGES / "gray.jpg", quality=95)
    read = {}
    for file in sorted(IMAGES.iterdir()):
        read[file.name] = torch.from_numpy(np.array(Image.open(file).convert("RGB")))
    write(IMAGES / "pixels.safetensors", read)


def processors():
    """What the image processor makes of two pictures under several settings."""
    settings = {
        "defaults": {"size": {"height": 16, "width": 16}},
        "bicubic": {"size": {"height": 24, "width": 24}, "resample": 3},
        "lanczos": {"size": {"height": 12, "width": 12}, "resample": 1},
        "nearest": {"size": {"height": 20, "width": 20}, "resample": 0},
        "imagenet": {
            "size": {"height": 32, "width": 32},
            "image_mean": [0.485, 0.456, 0.406],
            "image_std": [0.229, 0.224, 0.225],
        },
        "raw": {"size": {"height": 8, "width": 8}, "do_normalize": False, "do_rescale": False},
    }
    values = {}
    for name, keys in settings.items():
        processor = ViTImageProcessorPil(**keys)
        for file in ["small.png", "large.png"]:
            out = processor(Image.open(IMAGES / file).convert("RGB"), return_tensors="np").pixel_values[0]
            values[f"{name}.{file}"] = torch.from_numpy(np.asarray(out, dtype=np.float32))
    write(IMAGES / "processed.safetensors", values)
    write_json(IMAGES / "processors.json", settings)


if __name__ == "__main__":
    classification()
    encoder()
    pictures()
    processors()
