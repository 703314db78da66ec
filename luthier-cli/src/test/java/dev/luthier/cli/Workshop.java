package dev.luthier.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Help.Ansi;

/** A folder with a tiny model, data and a recipe, and the program to run on them. */
final class Workshop {
  static final List<String> LABELS = List.of("bad", "good", "place");
  private static final List<String> TEXTS =
      List.of("the movie was bad %d", "the movie was good %d", "hello new york %d");

  private final Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private InputStream in = InputStream.nullInputStream();

  Workshop(Path folder) {
    this.folder = folder;
  }

  /** With everything a run needs. */
  static Workshop furnished(Path folder) throws IOException {
    Workshop shop = new Workshop(folder);
    shop.model("bert-sequence-classification", "model");
    shop.write("train.csv", table(60));
    shop.recipe("[{lora: {r: 4, alpha: 8}}]", 3);
    return shop;
  }

  /** Rows of texts and labels that a few steps can learn. */
  static String table(int rows) {
    StringBuilder csv = new StringBuilder("body,intent\n");
    for (int i = 0; i < rows; i++) {
      csv.append(TEXTS.get(i % 3).formatted(i)).append(',').append(LABELS.get(i % 3)).append('\n');
    }
    return csv.toString();
  }

  void recipe(String adapt, int epochs) throws IOException {
    write(
        "recipe.yaml",
        """
        model: model
        task: sequence-classification
        data:
          train: {file: train.csv, text: body, label: intent}
          split: {validation: 0.2, test: 0.2}
        adapt: %s
        optimizer: {adamw: {lr: 1e-2}}
        train: {epochs: %d, batch: 8, seed: 7}
        output: %s
        """
            .formatted(adapt, epochs, path("run")));
  }

  /** Copies one of the golden models, with the tokenizer or image processor that fits it. */
  Path model(String golden, String to) throws IOException {
    Path target = Files.createDirectories(path(to));
    copy("/golden/" + golden + "/config.json", target.resolve("config.json"));
    copy("/golden/" + golden + "/model.safetensors", target.resolve("model.safetensors"));
    if (golden.startsWith("vit")) {
      String processor = "preprocessor_config.json";
      copy("/golden/" + golden + "/" + processor, target.resolve(processor));
      return target;
    }
    String tokenizer = "/golden/tokenizers/wordpiece/";
    copy(tokenizer + "tokenizer.json", target.resolve("tokenizer.json"));
    copy(tokenizer + "tokenizer_config.json", target.resolve("tokenizer_config.json"));
    return target;
  }

  static void copy(String resource, Path to) throws IOException {
    try (InputStream from = Workshop.class.getResourceAsStream(resource)) {
      Files.write(to, Objects.requireNonNull(from, resource).readAllBytes());
    }
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  Path write(String name, String text) throws IOException {
    return Files.writeString(path(name), text);
  }

  Workshop input(String text) {
    return input(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  Workshop input(InputStream stream) {
    in = stream;
    return this;
  }

  /** Runs the program; what it prints replaces what it printed before. */
  int run(Object... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    Terminal terminal =
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Ansi.OFF);
    List<Object> commands = new ArrayList<>(Luthier.commands(terminal));
    commands.removeIf(c -> c instanceof PredictCommand);
    commands.add(new PredictCommand(terminal, in));
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    return Luthier.run(terminal, commands, words);
  }

  /** Runs the program on the recipe. */
  int train(Object... more) {
    List<Object> words = new ArrayList<>(List.of("train", path("recipe.yaml")));
    words.addAll(List.of(more));
    return run(words.toArray());
  }

  String out() {
    return out.toString();
  }

  String err() {
    return err.toString();
  }
}
