"""Golden files of causal language modelling: two tiny tokenizers, and what TRL's trainer makes of prompts, completions
and texts.

Writes luthier-data/src/test/resources/golden/causal/.
"""

import json
import shutil
import tempfile
import warnings
from pathlib import Path

from datasets import Dataset
from golden import ROOT
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

OUT = ROOT / "luthier-data/src/test/resources/golden/causal"

SENTENCES = [f"Question: What is {a} plus {b}?\nAnswer: {a + b}." for a in range(12) for b in range(12)] + [
    "The answer to the question is a number. One plus one is two.",
    "Once upon a time a cat and a dog sat in the sun. The dog said: what is the question?",
    "It is what it is, and that is all there is to it.",
] * 4


def byte_level():
    """As GPT-2's: bytes, no token before a text, one token that ends it."""
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    t.train_from_iterator(
        SENTENCES,
        trainers.BpeTrainer(
            vocab_size=320, special_tokens=["<|endoftext|>"], initial_alphabet=alphabet, show_progress=False
        ),
    )
    return PreTrainedTokenizerFast(tokenizer_object=t, bos_token="<|endoftext|>", eos_token="<|endoftext|>")


def prefixed():
    """As Llama 2's: blanks are written ▁, also before a text; unknown characters fall back to bytes; <s> goes first."""
    special = ["<unk>", "<s>", "</s>"]
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    learner.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    learner.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    learner.train_from_iterator(
        [line for s in SENTENCES for line in s.split("\n")],
        trainers.BpeTrainer(vocab_size=110, special_tokens=special, show_progress=False),
    )
    learnt = json.loads(learner.to_str())["model"]
    tokens = special + [f"<0x{b:02X}>" for b in range(256)]
    tokens += [t for t, _ in sorted(learnt["vocab"].items(), key=lambda item: item[1]) if t not in special]
    t = Tokenizer(
        models.BPE(
            vocab={token: i for i, token in enumerate(tokens)},
            merges=[tuple(m) for m in learnt["merges"]],
            unk_token="<unk>",
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    t.add_special_tokens(special)
    t.normalizer = learner.normalizer
    t.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    t.post_processor = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
    return PreTrainedTokenizerFast(tokenizer_object=t, unk_token="<unk>", bos_token="<s>", eos_token="</s>")


PROMPTED = {
    "line break between": ("Question: What is 2 plus 3?\nAnswer:", " 5."),
    "completion begins a line": ("What is the question?\n", "One plus one."),
    "blank at the end of the prompt": ("Answer: ", "12."),
    "word cut in two": ("The ques", "tion is a number."),
    "number cut in two": ("What is 1", "1 plus 1?"),
    "blanks on both sides": ("The answer ", " is two."),
    "only a blank": (" ", "the answer"),
    "bytes beyond the vocabulary": ("naïve 😀", "é and 中国"),
    "end of text written out": ("The answer:", " two{eos}"),
}
TEXTS = {
    "sentence": "The answer to the question is a number.",
    "lines": "Question: What is 7 plus 8?\nAnswer: 15.",
    "end of text written out": "It is what it is.{eos}",
    "one letter": "a",
}


def trained_on(tokenizer, rows):
    """The columns of TRL's trainer, for rows of the given columns."""
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = SFTTrainer(
            model=LlamaForCausalLM(config),
            args=SFTConfig(
                output_dir=folder, max_length=None, shuffle_dataset=False, report_to=[], use_cpu=True, bf16=False
            ),
            train_dataset=Dataset.from_list(rows),
            processing_class=tokenizer,
        )
        return list(trainer.train_dataset)


def cases(tokenizer):
    eos = tokenizer.eos_token
    prompted = {k: (p, c.replace("{eos}", eos)) for k, (p, c) in PROMPTED.items()}
    texts = {k: t.replace("{eos}", eos) for k, t in TEXTS.items()}
    out = []
    seen = trained_on(tokenizer, [dict(prompt=p, completion=c) for p, c in prompted.values()])
    for (name, (prompt, completion)), row in zip(prompted.items(), seen):
        alone = tokenizer(prompt)["input_ids"]
        out.append(
            dict(
                name=name,
                prompt=prompt,
                completion=completion,
                prompt_ids=alone,
                ids=row["input_ids"],
                labels=row["labels"],
                # Where this is false, TRL warns and counts the prompt's own tokens on those of the whole text.
                begins_with_prompt=row["input_ids"][: len(alone)] == alone,
            )
        )
    for (name, text), row in zip(texts.items(), trained_on(tokenizer, [dict(text=t) for t in texts.values()])):
        out.append(dict(name=name, text=text, ids=row["input_ids"], labels=row["labels"]))
    return out


def main():
    for name, tokenizer in {"byte-level": byte_level(), "prefixed": prefixed()}.items():
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        tokenizer.save_pretrained(folder)
        found = cases(tokenizer)
        (folder / "cases.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(name, len(tokenizer), sum(not c.get("begins_with_prompt", True) for c in found), "borders crossed")


if __name__ == "__main__":
    main()
