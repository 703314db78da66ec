"""Golden files of the encoder families BERT, RoBERTa and DistilBERT: one model folder and its values per head.

Writes luthier-model/src/test/resources/golden/<family>-<head>/.
"""

import json
import shutil

import torch
import torch.nn.functional as F
from golden import MODEL, fill, names_on_disk, normal, widened, write
from safetensors.torch import save_file
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForPreTraining,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

VOCABULARY = 128
LENGTHS = [7, 2, 13, 7]
MASK_ID = 4
ENTITIES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
SENTIMENTS = ["negative", "neutral", "positive"]

COMMON = dict(vocab_size=VOCABULARY, initializer_range=0.2)
TALL = dict(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=4,
    intermediate_size=40,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)
FAMILIES = {
    "bert": dict(COMMON, **TALL, max_position_embeddings=40),
    "roberta": dict(
        COMMON,
        **TALL,
        max_position_embeddings=40,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        bos_token_id=0,
        eos_token_id=2,
        pad_token_id=1,
    ),
    "distilbert": dict(
        COMMON,
        dim=16,
        n_layers=2,
        n_heads=4,
        hidden_dim=40,
        max_position_embeddings=40,
        dropout=0.0,
        attention_dropout=0.0,
        qa_dropout=0.0,
        seq_classif_dropout=0.0,
    ),
}


def config(family, labels=None, **more):
    if labels:
        more["id2label"] = dict(enumerate(labels))
        more["label2id"] = {label: index for index, label in enumerate(labels)}
    return AutoConfig.for_model(family, **FAMILIES[family], **more)


def batch(settings, pair=False):
    """Four right-padded sequences; no real position holds the padding id."""
    pad, width = settings.pad_token_id, max(LENGTHS)
    draw = normal([len(LENGTHS), width], 40, "batch", pair).abs().long() % (VOCABULARY - 6) + 6
    mask = torch.arange(width)[None, :] < torch.tensor(LENGTHS)[:, None]
    inputs = {"input_ids": torch.where(mask, draw, pad), "attention_mask": mask.long()}
    if settings.model_type != "distilbert":
        types = torch.zeros_like(draw)
        if pair:
            boundary = torch.tensor([[3], [1], [6], [2]])
            types = ((torch.arange(width)[None, :] >= boundary) & mask).long()
        inputs["token_type_ids"] = types
    return inputs


def save(model, folder, **options):
    if folder.exists():
        shutil.rmtree(folder)
    model.save_pretrained(folder, **options)
    return folder


def gradients(model, loss, folder):
    """Gradient of every parameter under its name on disk."""
    loss.backward()
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    unmatched = set(names_on_disk(folder)) ^ set(found)
    if unmatched:
        raise SystemExit(f"{folder.name}: on disk or with a gradient, but not both: {sorted(unmatched)}")
    return {"grad." + name: value for name, value in found.items()}


def summed(loss_sum, weight):
    """A loss as its sum, its weight and their quotient."""
    weight = torch.tensor(float(weight), dtype=torch.float64)
    return {"loss": loss_sum / weight, "loss_sum": loss_sum, "loss_weight": weight}


def require_close(name, one, other):
    if not torch.allclose(one.double(), other.double(), rtol=1e-9, atol=1e-9):
        raise SystemExit(f"{name}: {one} is not {other}")


def encoder(family):
    model = fill(AutoModel.from_config(config(family), attn_implementation="eager"), family)
    folder = save(model, MODEL / f"{family}-encoder")
    model, inputs = widened(model), batch(model.config, pair=family == "bert")
    out = model(**inputs, output_hidden_states=True)
    golden = dict(inputs, last_hidden_state=out.last_hidden_state)
    golden |= {f"hidden.{index}": value for index, value in enumerate(out.hidden_states)}
    mask = inputs["attention_mask"][..., None]
    golden["probe.last_hidden_state"] = normal(out.last_hidden_state.shape, 1, "probe") * mask
    total = (out.last_hidden_state * golden["probe.last_hidden_state"]).sum()
    if "pooler_output" in out:
        golden["pooler_output"] = out.pooler_output
        golden["probe.pooler_output"] = normal(out.pooler_output.shape, 1, "probe pooler")
        total = total + (out.pooler_output * golden["probe.pooler_output"]).sum()
    loss = summed(total, inputs["attention_mask"].sum())
    write(folder / "golden.safetensors", golden | loss | gradients(model, loss["loss"], folder))


def classification(model, folder, labels, inputs=None, file="golden.safetensors"):
    """Writes the values of a classifier of sequences in one of its three kinds."""
    model.zero_grad()
    inputs = inputs or batch(model.config)
    labels = labels.double() if labels.is_floating_point() else labels
    out = model(**inputs, labels=labels)
    if model.config.num_labels == 1:
        loss = summed(((out.logits[:, 0] - labels) ** 2).sum(), len(labels))
    elif labels.is_floating_point():
        loss = summed(F.binary_cross_entropy_with_logits(out.logits, labels, reduction="sum"), labels.numel())
    else:
        loss = summed(F.cross_entropy(out.logits, labels, reduction="sum"), len(labels))
    require_close(folder.name, loss["loss"], out.loss)
    values = dict(inputs, labels=labels, logits=out.logits)
    write(folder / file, values | loss | gradients(model, loss["loss"], folder))


def classifier(family, labels=SENTIMENTS, **more):
    settings = config(family, labels, **more)
    return fill(AutoModelForSequenceClassification.from_config(settings, attn_implementation="eager"), family)


CLASSES = torch.tensor([2, 0, 1, 1])
LABEL_SETS = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 1], [1, 1, 1]], dtype=torch.float32)
SCORES = torch.tensor([0.5, -1.25, 3.0, 2.0])


def sequence_classification(family):
    for kind, labels, names, problem in [
        ("", CLASSES, SENTIMENTS, None),
        ("-multi-label", LABEL_SETS, SENTIMENTS, "multi_label_classification"),
        ("-regression", SCORES, ["score"], "regression"),
    ]:
        model = classifier(family, names, **({"problem_type": problem} if problem else {}))
        folder = save(model, MODEL / f"{family}-sequence-classification{kind}")
        classification(widened(model), folder, labels)


def token_classification(family):
    settings = config(family, ENTITIES)
    model = fill(AutoModelForTokenClassification.from_config(settings, attn_implementation="eager"), family)
    folder = save(model, MODEL / f"{family}-token-classification")
    model, inputs = widened(model), batch(model.config)
    labels = inputs["input_ids"] % len(ENTITIES)
    labels[inputs["attention_mask"] == 0] = -100
    labels[:, 0] = -100
    labels[2, 4] = -100
    out = model(**inputs, labels=labels)
    total = F.cross_entropy(out.logits.flatten(0, 1), labels.flatten(), reduction="sum")
    loss = summed(total, (labels != -100).sum())
    require_close(folder.name, loss["loss"], out.loss)
    values = dict(inputs, labels=labels, logits=out.logits)
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))


def question_answering(family):
    """Losses and gradients are those of each sequence on its own: no padding takes part in the softmax."""
    settings = config(family)
    model = fill(AutoModelForQuestionAnswering.from_config(settings, attn_implementation="eager"), family)
    folder = save(model, MODEL / f"{family}-question-answering")
    model, inputs = widened(model), batch(model.config, pair=family == "bert")
    starts, ends = torch.tensor([3, 0, 8, 4]), torch.tensor([5, 0, 8, 6])
    padded = model(**inputs, start_positions=starts, end_positions=ends)
    total = 0
    for row, length in enumerate(LENGTHS):
        alone = {name: value[row : row + 1, :length] for name, value in inputs.items()}
        at = dict(start_positions=starts[row : row + 1], end_positions=ends[row : row + 1])
        out = model(**alone, **at)
        require_close(folder.name, out.start_logits[0], padded.start_logits[row, :length])
        total = total + out.loss
    loss = summed(total, len(LENGTHS))
    values = dict(
        inputs,
        start_positions=starts,
        end_positions=ends,
        start_logits=padded.start_logits,
        end_logits=padded.end_logits,
        logits=torch.stack([padded.start_logits, padded.end_logits], -1),
    )
    values["loss_with_padding"] = padded.loss
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))


def masked(inputs):
    """Input ids with some positions masked, and the labels that say what stood there."""
    chosen = (inputs["input_ids"] % 3 == 0) & (inputs["attention_mask"] == 1)
    labels = torch.where(chosen, inputs["input_ids"], -100)
    return dict(inputs, input_ids=torch.where(chosen, MASK_ID, inputs["input_ids"])), labels


def masked_lm(family):
    model = fill(AutoModelForMaskedLM.from_config(config(family), attn_implementation="eager"), family)
    folder = save(model, MODEL / f"{family}-masked-lm")
    model = widened(model)
    inputs, labels = masked(batch(model.config))
    out = model(**inputs, labels=labels)
    total = F.cross_entropy(out.logits.flatten(0, 1), labels.flatten(), reduction="sum")
    loss = summed(total, (labels != -100).sum())
    require_close(folder.name, loss["loss"], out.loss)
    values = dict(inputs, labels=labels, logits=out.logits)
    write(folder / "golden.safetensors", values | loss | gradients(model, loss["loss"], folder))


V4_KEYS = {
    "_name_or_path": "tiny-bert",
    "architectures": ["BertModel"],
    "attention_probs_dropout_prob": 0.0,
    "classifier_dropout": None,
    "gradient_checkpointing": False,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "hidden_size": 16,
    "initializer_range": 0.02,
    "intermediate_size": 40,
    "layer_norm_eps": 1e-12,
    "max_position_embeddings": 40,
    "model_type": "bert",
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "pad_token_id": 0,
    "position_embedding_type": "absolute",
    "torch_dtype": "float32",
    "transformers_version": "4.8.2",
    "type_vocab_size": 2,
    "use_cache": True,
    "vocab_size": VOCABULARY,
}


def write_old(folder, tensors, **keys):
    """A folder in the spelling of 2019 to 2021: gamma and beta, a buffer of positions, version 4 keys."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    old = {}
    for name, value in tensors.items():
        name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
        old[name] = value.detach().clone().contiguous()
    save_file(old, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(V4_KEYS | keys, indent=2, sort_keys=True) + "\n")


def old_spelling():
    model = fill(AutoModel.from_config(config("bert"), attn_implementation="eager"), "bert")
    folder = MODEL / "bert-old-spelling"
    write_old(folder, model.state_dict() | {"embeddings.position_ids": torch.arange(40)[None]})
    inputs = batch(model.config, pair=True)
    out = widened(model)(**inputs)
    again = AutoModel.from_pretrained(folder, attn_implementation="eager").double().eval()(**inputs)
    require_close(folder.name, out.last_hidden_state, again.last_hidden_state)
    values = dict(inputs, last_hidden_state=out.last_hidden_state, pooler_output=out.pooler_output)
    write(folder / "golden.safetensors", values)


def old_pretraining():
    """As the first published BERT: both pre-training heads, the tied decoder written out."""
    model = fill(AutoModelForPreTraining.from_config(config("bert"), attn_implementation="eager"), "bert")
    folder = MODEL / "bert-old-pretraining"
    tensors = model.state_dict() | {"bert.embeddings.position_ids": torch.arange(40)[None]}
    tensors.pop("cls.predictions.decoder.bias")
    write_old(folder, tensors, architectures=["BertForPreTraining"])
    inputs, _ = masked(batch(model.config, pair=True))
    out = widened(model)(**inputs)
    again = AutoModelForMaskedLM.from_pretrained(folder, attn_implementation="eager").double().eval()(**inputs)
    require_close(folder.name, out.prediction_logits, again.logits)
    write(folder / "golden.safetensors", dict(inputs, logits=out.prediction_logits))


def sharded():
    model = classifier("bert")
    folder = save(model, MODEL / "bert-sharded", max_shard_size="20KB")
    shards = sorted(folder.glob("model-*.safetensors"))
    if len(shards) != 2:
        raise SystemExit(f"{folder.name}: {len(shards)} shards")
    inputs = batch(model.config)
    write(folder / "golden.safetensors", dict(inputs, logits=widened(model)(**inputs).logits))


def narrow(name, dtype):
    model = classifier("bert").to(dtype)
    folder = save(model, MODEL / f"bert-{name}")
    inputs = batch(model.config)
    native = model.eval()(**inputs).logits
    wide = widened(model)(**inputs).logits
    write(folder / "golden.safetensors", dict(inputs, logits=wide, logits_in_own_dtype=native.float()))


def activation(name):
    model = classifier("bert", hidden_act=name)
    folder = save(model, MODEL / f"bert-{name.replace('_', '-')}")
    classification(widened(model), folder, CLASSES)


def pair():
    model = widened(classifier("bert"))
    folder = MODEL / "bert-sequence-classification"
    classification(model, folder, CLASSES, batch(model.config, pair=True), "golden-pair.safetensors")


def main():
    for family in FAMILIES:
        for head in [encoder, sequence_classification, token_classification, question_answering, masked_lm]:
            head(family)
    old_spelling()
    old_pretraining()
    sharded()
    narrow("float16", torch.float16)
    narrow("bfloat16", torch.bfloat16)
    activation("gelu_new")
    activation("relu")
    pair()


if __name__ == "__main__":
    main()
