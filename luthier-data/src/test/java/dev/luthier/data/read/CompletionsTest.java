package dev.luthier.data.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.EmptyText;
import dev.luthier.data.Example;
import dev.luthier.data.Target;
import dev.luthier.data.TargetKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompts with completions, and texts to be learnt whole. */
class CompletionsTest {
  @TempDir private Path folder;

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private Dataset read(DataFile file) {
    return DatasetReader.read(file, TargetKind.COMPLETION, folder);
  }

  private static DataFile asked(String file) {
    return DataFile.from(file).prompt("question").completion("answer").build();
  }

  @Test
  void jsonl_csv_and_parquet_give_the_same_prompts_and_completions()
      throws IOException, SQLException {
    write(
        "a.jsonl",
        """
        {"question": "What is 1+1?", "answer": " 2\\n#### 2"}
        {"question": "And 2+2?", "answer": "4"}
        """);
    write("a.csv", "question,answer\nWhat is 1+1?,\" 2\n#### 2\"\nAnd 2+2?,4\n");
    try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
        Statement s = c.createStatement()) {
      s.execute(
          "COPY (SELECT * FROM read_json('%s')) TO '%s' (FORMAT parquet)"
              .formatted(folder.resolve("a.jsonl"), folder.resolve("a.parquet")));
    }

    Dataset lines = read(asked("a.jsonl"));
    assertThat(lines.examples())
        .containsExactly(
            new Example(1, "What is 1+1?", null, new Target.Completion(" 2\n#### 2")),
            new Example(2, "And 2+2?", null, new Target.Completion("4")));
    assertThat(read(asked("a.csv")).examples()).isEqualTo(lines.examples());
    assertThat(read(asked("a.parquet")).examples()).isEqualTo(lines.examples());
    assertThat(read(DataFile.of("a.csv", "answer")).examples().get(1))
        .isEqualTo(new Example(2, "4", null, null));
  }

  @Test
  void formats_put_literal_text_around_prompt_and_completion() throws IOException {
    write("a.csv", "question,answer\n{completion} $1 \\n,4\n");
    DataFile file =
        DataFile.from("a.csv")
            .prompt("question")
            .completion("answer")
            .promptFormat("Q: {prompt}\nA:")
            .completionFormat(" {completion}.")
            .build();
    assertThat(read(file).examples())
        .containsExactly(
            new Example(1, "Q: {completion} $1 \\n\nA:", null, new Target.Completion(" 4.")));
  }

  @Test
  void other_completions_make_another_fingerprint() throws IOException {
    write("a.csv", "question,answer\na,b\n");
    write("b.csv", "question,answer\na,c\n");
    assertThat(read(asked("a.csv")).fingerprint()).isNotEqualTo(read(asked("b.csv")).fingerprint());
  }

  @Test
  void empty_completion_names_its_row_or_is_skipped() throws IOException {
    write("a.csv", "question,answer\na,b\nc,\n");
    assertThatThrownBy(() -> read(asked("a.csv")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 2 of a.csv has no text in the column of completion")
        .hasMessageContaining("empty-text: skip");
    DataFile skipping =
        DataFile.from("a.csv")
            .prompt("question")
            .completion("answer")
            .emptyText(EmptyText.SKIP)
            .build();
    ReadResult result = DatasetReader.readCounted(skipping, TargetKind.COMPLETION, folder);
    assertThat(result.dataset().size()).isEqualTo(1);
    assertThat(result.counts().withoutText()).isEqualTo(1);
  }

  @Test
  void columns_that_do_not_go_together_are_refused_with_what_does() throws IOException {
    assertThatThrownBy(() -> DataFile.from("a.csv").prompt("q").build())
        .hasMessageContaining("completion is missing");
    assertThatThrownBy(() -> DataFile.from("a.csv").completion("q").build())
        .hasMessageContaining("prompt is missing");
    assertThatThrownBy(() -> DataFile.from("a.csv").text("t").completion("q").build())
        .hasMessageContaining("text is named beside prompt or completion");
    assertThatThrownBy(() -> DataFile.from("a.csv").text("t").promptFormat("{prompt}").build())
        .hasMessageContaining("prompt-format is set, but no prompt is named");
    for (String format : new String[] {"Q:", "{prompt}{prompt}"}) {
      assertThatThrownBy(
              () -> DataFile.from("a").prompt("q").completion("a").promptFormat(format).build())
          .hasMessageContaining("prompt-format must hold {prompt} once");
    }
    write("a.csv", "question,answer\na,b\n");
    assertThatThrownBy(() -> DatasetReader.read(asked("a.csv"), TargetKind.ONE_LABEL, folder))
        .hasMessageContaining("label is missing");
    assertThatThrownBy(() -> DatasetReader.read(asked("a.csv"), TargetKind.NONE, folder))
        .hasMessageContaining("completion is set for a.csv");
    assertThatThrownBy(() -> read(DataFile.of("a.csv", "question", "answer")))
        .hasMessageContaining("label is set for a.csv");
    assertThatThrownBy(() -> read(DataFile.from("a.csv").prompt("x").completion("answer").build()))
        .hasMessageContaining("prompt: a.csv has no column 'x'");
  }
}
