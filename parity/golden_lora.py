"""Golden LoRA adapters, written by peft for the tiny classifiers of golden_encoders.py and the tiny causal language model of
golden_decoders.py (run those first).

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
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

OUT = TRAIN / "lora"
ATTENTION = ["query", "value"]
DECODER = dict(task_type="CAUSAL_LM")
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
    "llama-all-linear": dict(target_modules="all-linear") | DECODER,
    "llama-attention": dict(target_modules=["q_proj", "v_proj"], use_rslora=True) | DECODER,
    "distilbert-plain": dict(target_modules=["q_lin", "v_lin"], modules_to_save=["pre_classifier", "classifier"]),
}


# Of causal language models; the others are classifiers.
SOURCES = {"llama": "llama-causal-lm"}


def base(family):
    folder = OUT / f"base-{family}"
    if not folder.exists():
        folder.mkdir(parents=True)
        for file in ["config.json", "model.safetensors"]:
            shutil.copyfile(MODEL / SOURCES.get(family, f"{family}-sequence-classification") / file, folder / file)
    return folder


def load(folder):
    """The base model."""
    causal = folder.name.removeprefix("base-") in SOURCES
    kind = AutoModelForCausalLM if causal else AutoModelForSequenceClassification
    return kind.from_pretrained(folder, attn_implementation="eager")


def asked(family, model):
    """Inputs and labels; of a causal language model each token's label is its successor."""
    if family not in SOURCES:
        return batch(model.config), CLASSES
    found = load_file(MODEL / SOURCES[family] / "golden.safetensors")
    inputs = {name: found[name] for name in ["input_ids", "attention_mask"]}
    following = torch.full_like(found["labels"], -100)
    following[:, :-1] = found["labels"][:, 1:]
    return inputs, following[inputs["attention_mask"].bool()]


def answered(model, inputs):
    """Logits of sequences, or those of all real tokens, end to end."""
    logits = model(**inputs).logits
    return logits[inputs["attention_mask"].bool()] if logits.dim() == 3 else logits


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
    inputs, labels = asked(family, model)
    logits = answered(model, inputs)
    loss = summed(F.cross_entropy(logits, labels, reduction="sum"), len(labels))
    loss["loss"].backward()
    gradients = {on_disk(key): p.grad for key, p in model.named_parameters() if p.requires_grad and p.grad is not None}
    saved = load_file(folder / "adapter_model.safetensors")
    redundant = sorted(key for key in saved if ".original_module." in key or ".modules_to_save." in key)
    untrained = sorted(set(saved) - set(redundant) ^ set(gradients))
    if untrained:
        raise SystemExit(f"{name}: saved and trained differ: {untrained}")
    merged = answered(copy.deepcopy(model).merge_and_unload(), inputs)
    require_close(name, merged, logits)
    values = dict(inputs, labels=labels, logits=logits, merged_logits=merged)
    values["base_logits"] = answered(widened(load(source)), inputs)
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
