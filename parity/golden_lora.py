"""Golden LoRA adapters, written by peft for the tiny classifiers of golden_encoders.py (run that first).

Writes luthier-train/src/test/resources/golden/lora/.
"""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from golden import MODEL, TRAIN, normal, widened, write, write_json
from golden_encoders import CLASSES, batch, require_close, summed
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification

OUT = TRAIN / "lora"
ATTENTION = ["query", "value"]
BODY = ["query", "key", "value", "dense"]

VARIANTS = {
    "bert-plain": dict(target_modules=ATTENTION),
    "bert-no-task": dict(target_modules=ATTENTION, task_type=None),
    "bert-rslora": dict(target_modules=ATTENTION, use_rslora=True),
    "bert-bias-lora-only": dict(target_modules=ATTENTION, bias="lora_only"),
    "bert-bias-all": dict(target_modules=ATTENTION, bias="all"),
    "bert-modules-to-save": dict(target_modules=BODY, modules_to_save=["classifier", "pooler"]),
    "bert-rank-and-alpha-pattern": dict(
        target_modules=BODY,
        exclude_modules=["pooler.dense"],
        rank_pattern={"query": 2, r"layer\.1\.attention\.self\.value": 6},
        alpha_pattern={"layer.0.attention.self.query": 3, "output.dense": 16, "dense": 5},
    ),
    "bert-layers-to-transform": dict(target_modules=BODY, layers_to_transform=[1]),
    "bert-all-linear": dict(target_modules="all-linear"),
    "bert-regex": dict(target_modules=r".*\.layer\.\d+\.(attention\.self\.(query|key)|intermediate\.dense)"),
    "bert-exclude-modules": dict(target_modules=BODY, exclude_modules=["pooler.dense", "intermediate.dense"]),
    "bert-exclude-regex": dict(target_modules=BODY, exclude_modules=r".*(pooler|layer\.0\.).*"),
    "roberta-plain": dict(target_modules=ATTENTION),
    "distilbert-plain": dict(target_modules=["q_lin", "v_lin"], modules_to_save=["pre_classifier", "classifier"]),
}


def base(family):
    folder = OUT / f"base-{family}"
    if not folder.exists():
        folder.mkdir(parents=True)
        for file in ["config.json", "model.safetensors"]:
            shutil.copyfile(MODEL / f"{family}-sequence-classification" / file, folder / file)
    return folder


def load(folder):
    """The base classifier."""
    return AutoModelForSequenceClassification.from_pretrained(folder, attn_implementation="eager")


def on_disk(name):
    """The key of the adapter file under which peft saves a trainable parameter."""
    return name.replace(".default", "").replace("modules_to_save.", "")


def stable(settings):
    """The settings of an adapter with its sets in order: peft writes them in any order."""
    for key in ["target_modules", "exclude_modules", "modules_to_save"]:
        if isinstance(settings[key], list):
            settings[key] = sorted(settings[key])
    return json.dumps(settings, indent=2, sort_keys=True)


def save(model, folder, base_name):
    model.peft_config["default"].base_model_name_or_path = base_name
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        folder.mkdir(parents=True)
        shutil.copyfile(Path(temporary, "adapter_model.safetensors"), folder / "adapter_model.safetensors")
        settings = json.loads(Path(temporary, "adapter_config.json").read_text())
        (folder / "adapter_config.json").write_text(stable(settings))


def variant(name, options):
    family = name.split("-")[0]
    source, folder = base(family), OUT / name
    settings = dict(r=4, lora_alpha=8, lora_dropout=0.0, task_type="SEQ_CLS") | options
    model = get_peft_model(load(source), LoraConfig(**settings))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(normal(parameter.shape, 0.3, name, on_disk(key)) + (1 if "Norm.weight" in key else 0))
    save(model, folder, source.name)
    model = widened(PeftModel.from_pretrained(load(source), folder, is_trainable=True))
    inputs = batch(model.config)
    logits = model(**inputs).logits
    loss = summed(F.cross_entropy(logits, CLASSES, reduction="sum"), len(CLASSES))
    loss["loss"].backward()
    gradients = {on_disk(key): p.grad for key, p in model.named_parameters() if p.requires_grad and p.grad is not None}
    saved = load_file(folder / "adapter_model.safetensors")
    redundant = sorted(key for key in saved if ".original_module." in key or ".modules_to_save." in key)
    untrained = sorted(set(saved) - set(redundant) ^ set(gradients))
    if untrained:
        raise SystemExit(f"{name}: saved and trained differ: {untrained}")
    merged = copy.deepcopy(model).merge_and_unload()(**inputs).logits
    require_close(name, merged, logits)
    values = dict(inputs, labels=CLASSES, logits=logits, merged_logits=merged)
    values["base_logits"] = widened(load(source))(**inputs).logits
    values |= {"grad." + key: value for key, value in gradients.items()}
    write(folder / "golden.safetensors", values | loss)
    lora = [key.removesuffix(".lora_A.weight") for key in gradients if key.endswith("lora_A.weight")]
    adapted = sorted(key.removeprefix("base_model.model.") for key in lora)
    count = sum(value.numel() for value in gradients.values())
    expected = dict(
        base=source.name,
        given={key: value for key, value in settings.items() if value is not None},
        adapted=adapted,
        keys=sorted(gradients),
        redundant_keys=redundant,
        trainable_parameters=count,
    )
    write_json(folder / "expected.json", expected)
    print(f"{name:30s} {len(adapted):3d} modules {count:6d} trainable, adapter moves logits by", end=" ")
    print(f"{(values['base_logits'] - logits).abs().max():.2f}")


def main():
    if OUT.exists():
        shutil.rmtree(OUT)
    for name, options in VARIANTS.items():
        variant(name, options)


if __name__ == "__main__":
    main()
