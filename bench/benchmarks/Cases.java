import java.util.ArrayList;
import java.util.List;

/** What is compared. */
final class Cases {
  /**
   * Weights of the matrices that every token must meet, of the encoder, whose last layer needs keys and
   * values only, and of the decoder, whose head needs the 63 % of the tokens that are learnt.
   */
  private static final double ENCODER_WEIGHTS = 5 * (4 * 384 * 384 + 2 * 384 * 1536) + 2 * 384 * 384;

  private static final double DECODER_WEIGHTS =
      8 * (2 * 512 * 512 + 2 * 512 * 256 + 3 * 512 * 1408) + 0.63 * 512 * 50257;

  private static final String SFT_DEFAULTS = "SFTTrainer, defaults";

  /** How often the file whose reading is measured holds the same rows. */
  static final int TIMES = 10;

  private Cases() {}

  /**
   * One comparison.
   *
   * @param about what is done, for the page
   * @param unit of the work: examples, tokens or rows
   * @param flops of the matrix products that a token cannot do without; 0 where that says nothing
   * @param steps of a run, warm-up included
   */
  record Case(
      String id,
      String title,
      String about,
      String unit,
      double flops,
      int steps,
      int warmup,
      List<Program> programs) {}

  /** Whose program it is. */
  enum Whose {
    /** A trainer that people use. */
    PEER,
    /** PyTorch by hand. */
    LIMIT,
    /** Luthier. */
    LUTHIER
  }

  /**
   * One of the programs of a case.
   *
   * @param arguments of the script, or settings of Luthier's recipe
   * @param once whether it runs in the first round alone, because it takes minutes to begin
   */
  record Program(String name, Whose whose, List<String> arguments, boolean once) {
    /** Whether it multiplies in bfloat16: the SFTTrainer does unless told otherwise. */
    boolean isBfloat16() {
      return name.contains("bfloat16") || name.equals(SFT_DEFAULTS);
    }
  }

  static List<Case> all() {
    List<Case> out = new ArrayList<>();
    for (String data : List.of("sst2", "banking77")) {
      for (String method : List.of("full", "lora")) {
        out.add(encoder(data, method));
      }
    }
    out.add(frozen("probe", "Linear probe of an encoder", "the head alone is trained"));
    out.add(frozen("last2", "The last two layers of an encoder", "with pooler and head"));
    out.add(decoder("lora"));
    out.add(decoder("full"));
    out.add(rows());
    return out;
  }

  private static Case encoder(String data, String method) {
    String name = data.equals("sst2") ? "SST-2" : "BANKING77";
    boolean compiled = data.equals("sst2") && method.equals("full"); // A minute or two each to begin.
    List<Program> programs = new ArrayList<>();
    programs.add(peer("Trainer, defaults", "--method", method));
    programs.add(peer("Trainer, grouped", "--method", method, "--grouped"));
    programs.add(
        peer("Trainer, grouped, bfloat16", "--method", method, "--grouped", "--precision", "bfloat16"));
    if (compiled) {
      programs.add(
          new Program(
              "Trainer, grouped, compiled", Whose.PEER, List.of("--method", method, "--grouped", "--compile"), true));
    }
    programs.add(limit("PyTorch by hand", "--method", method));
    programs.add(limit("PyTorch by hand, bfloat16", "--method", method, "--precision", "bfloat16"));
    if (compiled) {
      programs.add(
          new Program("PyTorch by hand, compiled", Whose.LIMIT, List.of("--method", method, "--compile"), true));
    }
    programs.add(luthier("Luthier"));
    programs.add(luthier("Luthier, random order", "train.order=random"));
    programs.add(luthier("Luthier, bfloat16", "train.precision=bfloat16"));
    return new Case(
        "encoder-" + data + "-" + method,
        "Encoder, " + name + ", " + (method.equals("full") ? "all weights" : "LoRA"),
        "Batches of 32, at most 128 tokens.",
        "tokens", // Some batches of similar length are not a sample of the same examples.
        (method.equals("full") ? 6 : 4) * ENCODER_WEIGHTS,
        24,
        8,
        programs);
  }

  private static Case frozen(String method, String title, String about) {
    return new Case(
        "encoder-sst2-" + method,
        title,
        "SST-2, the first 960 sentences, three epochs of 30 steps; " + about + ". Measured from the second epoch on.",
        "examples",
        0,
        90,
        30,
        List.of(
            peer("Trainer, defaults", "--method", method, "--rows", "960"),
            peer("Trainer, grouped", "--method", method, "--rows", "960", "--grouped"),
            luthier("Luthier"),
            luthier("Luthier, frozen layers run each time", "train.memory.cache-frozen=false")));
  }

  private static Case decoder(String method) {
    return new Case(
        "decoder-" + method,
        "Decoder, GSM8K, " + (method.equals("full") ? "all weights" : "LoRA"),
        "A Llama of 8 layers, 512 wide, 8 heads of which 4 have keys and values, 50,257 words, random weights; batches of 8"
            + " questions and answers, of which the answers are learnt, at most 512 tokens.",
        "tokens",
        (method.equals("full") ? 6 : 4) * DECODER_WEIGHTS,
        9,
        3,
        List.of(
            peer(SFT_DEFAULTS, "--method", method),
            peer(
                "SFTTrainer, grouped, float32, nothing recomputed",
                "--method",
                method,
                "--grouped",
                "--precision",
                "float32",
                "--keep"),
            peer(
                "SFTTrainer, grouped, bfloat16, nothing recomputed",
                "--method",
                method,
                "--grouped",
                "--precision",
                "bfloat16",
                "--keep"),
            limit("PyTorch by hand", "--method", method),
            limit("PyTorch by hand, bfloat16", "--method", method, "--precision", "bfloat16"),
            luthier("Luthier"),
            luthier("Luthier, layers run again", "train.memory.checkpoint-activations=true"),
            luthier("Luthier, bfloat16", "train.precision=bfloat16"),
            luthier(
                "Luthier, bfloat16, layers run again",
                "train.precision=bfloat16",
                "train.memory.checkpoint-activations=true")));
  }

  private static Case rows() {
    return new Case(
        "rows",
        "Reading and tokenizing",
        "The 6,920 sentences of SST-2, ten times over, from a file to tokens, with the tokenizer of MiniLM, from a cold start.",
        "rows",
        0,
        1,
        0,
        List.of(peer("tokenizers, as the Trainer's users call it"), luthier("Luthier")));
  }

  private static Program peer(String name, String... arguments) {
    return new Program(name, Whose.PEER, List.of(arguments), false);
  }

  private static Program limit(String name, String... arguments) {
    return new Program(name, Whose.LIMIT, List.of(arguments), false);
  }

  private static Program luthier(String name, String... settings) {
    return new Program(name, Whose.LUTHIER, List.of(settings), false);
  }
}
