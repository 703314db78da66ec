"""Golden files of the decoder family Llama: model folders, and their values under every head and every way to turn positions.

Writes luthier-model/src/test/resources/golden/llama-*/.
"""

import json
import shutil

import torch
import torch.nn.functional as F
from golden import MODEL, fill, normal, widened, write, write_json
from golden_encoders import CLASSES, ENTITIES, LABEL_SETS, LENGTHS, SCORES, SENTIMENTS
from golden_encoders import classification, gradients, save, summed
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

VOCABULARY = 96
PAD, BOS, EOS = 0, 1, 2
SPECIAL = 3
EAGER = dict(attn_implementation="eager")
SHAPE = dict(
    vocab_size=VOCABULARY,
    hidden_size=16,
    intermediate_size=40,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    max_position_embeddings=40,
    initializer_range=0.2,
    rms_norm_eps=1e-5,
    pad_token_id=PAD,
    bos_token_id=BOS,
    eos_token_id=EOS,
)
# Fewer heads, wider than hidden_size / num_attention_heads, so that there are eight pairs to turn.
ROPE_SHAPE = dict(
    SHAPE,
    vocab_size=32,
    intermediate_size=24,
    num_attention_heads=2,
    num_key_value_heads=1,
    head_dim=16,
    tie_word_embeddings=True,
)
ROPE_LENGTHS = [7, 2, 29, 16]
SHORT = [1.0, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 2.5]
LONG = [1.0, 1.2, 1.5, 2.25, 3.0, 4.5, 6.0, 8.0]
ROPES = {
    "default": dict(rope_type="default", rope_theta=500.0),
    "linear": dict(rope_type="linear", rope_theta=100.0, factor=2.5),
    "dynamic": dict(rope_type="dynamic", rope_theta=100.0, factor=4.0),
    "yarn": dict(rope_type="yarn", rope_theta=100.0, factor=4.0, original_max_position_embeddings=16),
    "yarn-scaled": dict(
        rope_type="yarn",
        rope_theta=100.0,
        factor=4.0,
        original_max_position_embeddings=16,
        beta_fast=3.0,
        beta_slow=0.5,
        mscale=0.7,
        mscale_all_dim=1.3,
        truncate=False,
    ),
    "longrope": dict(
        rope_type="longrope",
        rope_theta=100.0,
        original_max_position_embeddings=16,
        short_factor=SHORT,
        long_factor=LONG,
    ),
    "llama3": dict(
        rope_type="llama3",
        rope_theta=100.0,
        factor=8.0,
        low_freq_factor=0.5,
        high_freq_factor=2.0,
        original_max_position_embeddings=16,
    ),
}
POSITIONS = {"dynamic": 16, "yarn": 64, "yarn-scaled": 64, "longrope": 64, "llama3": 64}


def config(labels=None, **more):
    if labels:
        more["id2label"] = dict(enumerate(labels))
        more["label2id"] = {label: index for index, label in enumerate(labels)}
    return AutoConfig.for_model("llama", **{**SHAPE, **more})


def batch(vocabulary=VOCABULARY, lengths=LENGTHS):
    """Right-padded sequences; the last one ends with the padding id as a real token."""
    width = max(lengths)
    draw = normal([len(lengths), width], 40, "decoder batch").abs().long() % (vocabulary - SPECIAL) + SPECIAL
    mask = torch.arange(width)[None, :] < torch.tensor(lengths)[:, None]
    return {"input_ids": torch.where(mask, draw, PAD), "attention_mask": mask.long()}


def require_near(name, one, other):
    """The reference casts logits to float32 for its loss; the golden one is not rounded."""
    if not torch.allclose(one.double(), other.double(), rtol=1e-6, atol=1e-6):
        raise SystemExit(f"{name}: {one} is not {other}")


def decoder():
    model = fill(AutoModel.from_config(config(), **EAGER), "llama")
    folder = save(model, MODEL / "llama-decoder")
    model, inputs = widened(model), batch()
    out = model(**inputs, output_hidden_states=True)
    golden = dict(inputs, last_hidden_state=out.last_hidden_state)
    golden |= {f"hidden.{index}": value for index, value in enumerate(out.hidden_states)}
    mask = inputs["attention_mask"][..., None]
    golden["probe.last_hidden_state"] = normal(out.last_hidden_state.shape, 1, "probe") * mask
    total = (out.last_hidden_state * golden["probe.last_hidden_state"]).sum()
    loss = summed(total, inputs["attention_mask"].sum())
    write(folder / "golden.safetensors", golden | loss | gradients(model, loss["loss"], folder))


def sequence_classification():
    for kind, labels, names, problem in [
        ("", CLASSES, SENTIMENTS, None),
        ("-multi-label", LABEL_SETS, SENTIMENTS, "multi_label_classification"),
        ("-regression", SCORES, ["score"], "regression"),
    ]:
        settings = config(names, **({"problem_type": problem} if problem else {}))
        model = fill(AutoModelForSequenceClassification.from_config(settings, **EAGER), "llama")
        folder = save(model, MODEL / f"llama-sequence-classification{kind}")
        inputs = batch()
        inputs["input_ids"][3, LENGTHS[3] - 1] = PAD  # a text that ends with the padding id
        classification(widened(model), folder, labels, inputs)


def token_classification():
    settings = config(ENTITIES, classifier_dropout=0.0)
    model = fill(AutoModelForTokenClassification.from_config(settings, **EAGER), "llama")
    folder = save(model, MODEL / "llama-token-classification")
    model, inputs = widened(model), batch()
    labels = inputs["input_ids"] % len(ENTITIES)
    labels[inputs["attention_mask"] == 0] = -100
    labels[:, 0] = -100
    out = model(**inputs, labels=labels)
    total = F.cross_entropy(out.logits.flatten(0, 1), labels.flatten(), reduction="sum")
    loss = summed(total, (labels != -100).sum())
    require_near(folder.name, loss["loss"], out.loss)
    values = dict(inputs, labels=labels, logits=out.logits)
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))


def supervised(inputs):
    """Labels on the second half of each sequence, as after a prompt."""
    lengths = inputs["attention_mask"].sum(1, keepdim=True)
    at = torch.arange(inputs["input_ids"].shape[1])[None, :]
    return torch.where((at >= lengths // 2) & (at < lengths), inputs["input_ids"], -100)


def next_token_values(model, inputs):
    """Logits, loss and its sum of each sequence on its own, as if it were alone in its batch."""
    labels, rows, total, weight = supervised(inputs), [], 0, 0
    for ids, mask, wanted in zip(inputs["input_ids"], inputs["attention_mask"], labels):
        length = int(mask.sum())
        model.model.rotary_emb = LlamaRotaryEmbedding(model.config)  # it remembers the longest text it has seen
        out = model(input_ids=ids[None, :length], labels=wanted[None, :length])
        own = F.cross_entropy(out.logits[0, :-1], wanted[1:length], reduction="sum")
        count = int((wanted[1:length] != -100).sum())
        require_near("loss", own / count, out.loss)
        total, weight = total + own, weight + count
        rows.append(F.pad(out.logits[0], (0, 0, 0, len(ids) - length)))
    return dict(inputs, labels=labels, logits=torch.stack(rows)), summed(total, weight)


def causal_lm(name, **more):
    model = fill(AutoModelForCausalLM.from_config(config(**more), **EAGER), "llama")
    folder = save(model, MODEL / f"llama-{name}")
    model, inputs = widened(model), batch()
    values, loss = next_token_values(model, inputs)
    padded = model(**inputs, labels=values["labels"])
    require_near(name, padded.loss, loss["loss"])
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))
    return model, folder


def written(model, folder):
    """What the model writes on the beginnings of the batch's texts, the likeliest token each time."""
    cases = []
    for row, length in enumerate(LENGTHS):
        prompt = batch()["input_ids"][row : row + 1, :length]
        out = model.generate(prompt, do_sample=False, max_new_tokens=24)
        cases.append({"prompt": prompt[0].tolist(), "written": out[0, length:].tolist()})
    write_json(folder / "written.json", cases)


def ropes():
    folder = MODEL / "llama-rope"
    if folder.exists():
        shutil.rmtree(folder)
    inputs = batch(ROPE_SHAPE["vocab_size"], ROPE_LENGTHS)
    for name, parameters in ROPES.items():
        shape = dict(ROPE_SHAPE, max_position_embeddings=POSITIONS.get(name, 40))
        settings = AutoConfig.for_model("llama", **shape, rope_parameters=dict(parameters))
        model = fill(AutoModelForCausalLM.from_config(settings, **EAGER), "llama rope")
        own = save(model, folder / name)
        weights = (own / "model.safetensors").read_bytes()
        shared = folder / "model.safetensors"
        if shared.exists() and shared.read_bytes() != weights:
            raise SystemExit(f"{name}: other weights than the others'")
        shared.write_bytes(weights)
        values, loss = next_token_values(widened(model), inputs)
        write(own / "golden.safetensors", values | loss | gradients(model, loss["loss"], own))
        (own / "model.safetensors").unlink()
        (own / "generation_config.json").unlink()


V4_KEYS = {
    "architectures": ["LlamaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": BOS,
    "eos_token_id": EOS,
    "hidden_act": "silu",
    "hidden_size": 16,
    "initializer_range": 0.2,
    "intermediate_size": 40,
    "max_position_embeddings": 40,
    "mlp_bias": False,
    "model_type": "llama",
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "pretraining_tp": 1,
    "rms_norm_eps": 1e-05,
    "rope_scaling": {"factor": 2.0, "type": "linear"},
    "rope_theta": 300.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
    "transformers_version": "4.30.0",
    "use_cache": True,
    "vocab_size": VOCABULARY,
}


def old_spelling():
    """As files of 2023: keys of version 4, a buffer of frequencies in every layer, two shards, bfloat16."""
    rope = dict(rope_type="linear", factor=2.0, rope_theta=300.0)
    model = fill(AutoModelForCausalLM.from_config(config(rope_parameters=rope), **EAGER), "llama").bfloat16()
    folder = MODEL / "llama-old-spelling"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    tensors = {name: value.detach().clone() for name, value in model.state_dict().items()}
    for layer in range(2):
        name = f"model.layers.{layer}.self_attn.rotary_emb.inv_freq"
        tensors[name] = model.model.rotary_emb.inv_freq.float().clone()
    names, files = sorted(tensors), {}
    for index, part in enumerate([names[: len(names) // 2], names[len(names) // 2 :]]):
        file = f"model-0000{index + 1}-of-00002.safetensors"
        save_file({name: tensors[name] for name in part}, folder / file, metadata={"format": "pt"})
        files |= {name: file for name in part}
    size = sum(value.numel() * value.element_size() for value in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
    (folder / "config.json").write_text(json.dumps(V4_KEYS, indent=2, sort_keys=True) + "\n")
    read = AutoModelForCausalLM.from_pretrained(folder, **EAGER, dtype=torch.float32)
    inputs = batch()
    write(folder / "golden.safetensors", dict(inputs, logits=widened(read)(**inputs).logits))


def main():
    decoder()
    sequence_classification()
    token_classification()
    written(*causal_lm("causal-lm"))
    written(*causal_lm("causal-lm-tied", tie_word_embeddings=True, num_key_value_heads=4, head_dim=6))
    causal_lm("causal-lm-biased", attention_bias=True, mlp_bias=True, num_key_value_heads=1, hidden_act="gelu")
    ropes()
    old_spelling()


if __name__ == "__main__":
    main()
