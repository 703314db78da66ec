"""Golden files of the encoder-decoder family T5: model folders, their values, what they write, and a LoRA adapter.

Writes luthier-model/src/test/resources/golden/t5-*/ and luthier-train/src/test/resources/golden/t5-lora/.
"""

import json
import shutil
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F
from golden import MODEL, TRAIN, fill, normal, widened, write, write_json
from golden_encoders import gradients, require_close, summed
from golden_lora import on_disk, stable
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import AutoConfig, T5ForConditionalGeneration, T5Model
from transformers.models.t5.modeling_t5 import T5Attention

VOCABULARY = 96
PAD, EOS = 0, 1
SPECIAL = 3
SOURCES = [7, 2, 13, 7]
TARGETS = [4, 9, 1, 4]
EAGER = dict(attn_implementation="eager")
KEYS = {
    "architectures": ["T5ForConditionalGeneration"],
    "d_ff": 40,
    "d_kv": 6,
    "d_model": 16,
    "decoder_start_token_id": PAD,
    "dropout_rate": 0.0,
    "eos_token_id": EOS,
    "feed_forward_proj": "relu",
    "initializer_factor": 1.0,
    "is_encoder_decoder": True,
    "layer_norm_epsilon": 1e-06,
    "model_type": "t5",
    "num_decoder_layers": 3,
    "num_heads": 4,
    "num_layers": 2,
    "pad_token_id": PAD,
    "relative_attention_max_distance": 20,
    "relative_attention_num_buckets": 8,
    "tie_word_embeddings": True,
    "use_cache": True,
    "vocab_size": VOCABULARY,
}


def tokens(lengths, *key):
    """Right-padded sequences that end with the closing token, and their mask."""
    width = max(lengths)
    draw = normal([len(lengths), width], 40, "t5", *key).abs().long() % (VOCABULARY - SPECIAL) + SPECIAL
    at, length = torch.arange(width)[None, :], torch.tensor(lengths)[:, None]
    mask = at < length
    return torch.where(mask, torch.where(at == length - 1, EOS, draw), PAD), mask.long()


def folder_of(name, **keys):
    """A model folder in the spelling of version 4: an own head is on disk where the file says that it is not tied."""
    folder, settings = MODEL / f"t5-{name}", KEYS | keys
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    model = T5ForConditionalGeneration(AutoConfig.from_pretrained(folder))
    if not settings["tie_word_embeddings"]:
        model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    fill(model, "t5")
    weights = {key: value.detach().contiguous() for key, value in model.named_parameters()}
    save_file(dict(sorted(weights.items())), folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def read(folder):
    """The model as transformers reads the folder; a head of its own must stay its own."""
    model = T5ForConditionalGeneration.from_pretrained(folder, **EAGER)
    own = not json.loads((folder / "config.json").read_text())["tie_word_embeddings"]
    if own != (model.lm_head.weight.data_ptr() != model.shared.weight.data_ptr()):
        raise SystemExit(f"{folder.name}: the head is tied or not, against what the file says")
    return model


def values(model, folder):
    ids, mask = tokens(SOURCES, "source")
    labels, label_mask = tokens(TARGETS, "target")
    labels = torch.where(label_mask.bool(), labels, -100)
    out = model(input_ids=ids, attention_mask=mask, labels=labels)
    total = F.cross_entropy(out.logits.flatten(0, 1), labels.flatten(), ignore_index=-100, reduction="sum")
    loss = summed(total, (labels != -100).sum())
    require_close(folder.name, loss["loss"], out.loss)
    source = dict(input_ids=ids, attention_mask=mask, encoder_last_hidden_state=out.encoder_last_hidden_state)
    inner = T5Model.from_pretrained(folder, **EAGER).double().eval()
    shifted = model.prepare_decoder_input_ids_from_labels(labels)
    hidden = inner(input_ids=ids, attention_mask=mask, decoder_input_ids=shifted).last_hidden_state
    target = dict(attention_mask=label_mask, labels=labels, logits=out.logits, last_hidden_state=hidden)
    write(folder / "target.safetensors", target)
    write(folder / "golden.safetensors", source | loss | gradients(model, loss["loss"], folder))


def written(model, folder):
    """What the model writes for each source, greedily, without the token that a decoder begins with.

    Without a cache: that of transformers 5.18 has as many layers as the encoder, and fails where the decoder has more.
    """
    cases = []
    for row, length in enumerate(SOURCES):
        source = tokens(SOURCES, "source")[0][row : row + 1, :length]
        out = model.generate(source, do_sample=False, max_new_tokens=12, use_cache=False)
        cases.append({"prompt": source[0].tolist(), "written": out[0, 1:].tolist()})
    write_json(folder / "written.json", cases)


def buckets():
    """Buckets of distances from -150 to 150, of the asked token's position minus the asking one's."""
    distances = torch.arange(-150, 151)
    out = []
    for count, farthest in [(32, 128), (8, 20), (4, 3), (6, 100), (31, 77)]:
        case = {"buckets": count, "max_distance": farthest}
        for name, both in [("encoder", True), ("decoder", False)]:
            found = T5Attention._relative_position_bucket(distances, both, count, farthest)
            case[name] = found.tolist()
        out.append(case)
    (MODEL / "t5-buckets.json").write_text(json.dumps(out, sort_keys=True) + "\n")


def lora(base):
    """An adapter of peft on every linear layer but the head, and its values."""
    folder = TRAIN / "t5-lora"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    names = ["q", "k", "v", "o", "wi_0", "wi_1", "wo"]
    settings = dict(r=4, lora_alpha=8, lora_dropout=0.0, task_type="SEQ_2_SEQ_LM", target_modules=names)
    model = get_peft_model(read(base), LoraConfig(**settings))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(normal(parameter.shape, 0.2, "t5-lora", on_disk(key)))
    model.peft_config["default"].base_model_name_or_path = base.name
    with tempfile.TemporaryDirectory() as temporary:
        model.save_pretrained(temporary)
        shutil.copyfile(Path(temporary, "adapter_model.safetensors"), folder / "adapter_model.safetensors")
        keys = json.loads(Path(temporary, "adapter_config.json").read_text())
        (folder / "adapter_config.json").write_text(stable(keys))
    model = widened(PeftModel.from_pretrained(read(base), folder, is_trainable=True))
    ids, mask = tokens(SOURCES, "source")
    labels, label_mask = tokens(TARGETS, "target")
    labels = torch.where(label_mask.bool(), labels, -100)
    out = model(input_ids=ids, attention_mask=mask, labels=labels)
    out.loss.backward()
    found = {"grad." + on_disk(key): p.grad for key, p in model.named_parameters() if p.requires_grad}
    write(folder / "target.safetensors", dict(attention_mask=label_mask, labels=labels, logits=out.logits))
    write(folder / "golden.safetensors", dict(input_ids=ids, attention_mask=mask, loss=out.loss) | found)


def main():
    buckets()
    for name, keys in [
        ("relu-tied", {}),
        ("gated", dict(feed_forward_proj="gated-gelu", tie_word_embeddings=False, d_kv=5, num_decoder_layers=2)),
    ]:
        folder = folder_of(name, **keys)
        model = widened(read(folder))
        values(model, folder)
        written(model, folder)
    lora(MODEL / "t5-gated")


if __name__ == "__main__":
    main()
