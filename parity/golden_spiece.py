"""Golden files of a tiny SentencePiece model of the kind that T5's folders hold (unigram, spiece.model), on strings that are hard.

Writes luthier-model/src/test/resources/golden/tokenizers/spiece/.
"""

import json
import shutil
import tempfile
from pathlib import Path

import sentencepiece
from golden import MODEL
from golden_tokenizers import TEXTS
from transformers import T5Tokenizer

OUT = MODEL / "tokenizers" / "spiece"
EXTRA = 6

# What NFKC does to a few characters: its whole table has a quarter of a megabyte.
RULES = {"①": "1", "ﬁ": "fi", "Ｔ": "T", "ｈ": "h", "ｅ": "e", "e\u0301": "\u00e9", "\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " "}

MORE = {
    "a sentinel": "the <extra_id_0> was <extra_id_1>good<extra_id_5>.",
    "a sentinel that is none": "the <extra_id_6> was",
    "the end inside": "the movie</s> was <pad>good <unk>",
    "many spaces": "  the   movie  was ",
    "the mark of spaces": "the▁movie ▁ was",
    "decomposed": "Cafe\u0301 cafe",
    "a prefix": "translate English to German: The movie was good.",
}


def corpus():
    words = "the movie was good bad not hello world new york cafe translate English to German it is a place".split()
    for i in range(200):
        yield " ".join(words[(i * step + i // 7) % len(words)] for step in (1, 3, 5, 8)) + " ."
    yield from ["The movie was good.", "2026-11-21: 3,14 (a/b) 'it's' [#1] @x & \"y\"...", "Café naïve straße"] * 3


def trained(folder):
    rules = folder / "rules.tsv"
    code = lambda text: " ".join(f"{ord(c):X}" for c in text)
    rules.write_text("".join(f"{code(a)}\t{code(b)}\n" for a, b in RULES.items()))
    text = folder / "corpus.txt"
    text.write_text("\n".join(corpus()) + "\n")
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "spiece"), vocab_size=90, model_type="unigram", num_threads=1,
        normalization_rule_tsv=str(rules), pad_id=0, eos_id=1, unk_id=2, bos_id=-1, hard_vocab_limit=False,
        minloglevel=2,
    )
    return folder / "spiece.model"


def main():
    with tempfile.TemporaryDirectory() as scratch:
        model = trained(Path(scratch))
        if OUT.exists():
            shutil.rmtree(OUT)
        OUT.mkdir(parents=True)
        shutil.copy(model, OUT / "spiece.model")
    settings = dict(tokenizer_class="T5Tokenizer", eos_token="</s>", unk_token="<unk>", pad_token="<pad>", extra_ids=EXTRA)
    settings["model_max_length"] = 512
    (OUT / "tokenizer_config.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    tokenizer = T5Tokenizer.from_pretrained(OUT)
    cases = []
    for name, text in {**TEXTS, **MORE}.items():
        ids = tokenizer(text)["input_ids"]
        cases.append(dict(name=name, text=text, ids=ids, tokens=tokenizer.convert_ids_to_tokens(ids),
                          decoded=tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)))
    (OUT / "cases.json").write_text(json.dumps(cases, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
