package dev.luthier.data.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.data.DataException;
import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.EmptyText;
import dev.luthier.data.TargetKind;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.data.split.SplitSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Public data sets as their makers publish them; skipped where they are not at hand. */
class RealDataTest {
  private Path data;

  @BeforeEach
  void folder() {
    String folder = System.getProperty("luthier.data", "");
    Assumptions.assumeTrue(!folder.isBlank(), "no -Dluthier.data");
    data = Path.of(folder);
  }

  @Test
  void banking77_has_its_rows_and_intents() {
    Splits splits = load(banking77(new SplitSpec(0.1, 0, "label", 0)));

    assertThat(splits.train().size() + splits.validation().size()).isEqualTo(10_003);
    assertThat(splits.validation().size()).isEqualTo(1_000);
    assertThat(splits.test().size()).isEqualTo(3_080);
    assertThat(splits.labels().size()).isEqualTo(77);
    assertThat(load(banking77(null)).report().warnings())
        .anyMatch(line -> line.startsWith("7 texts of test are also in train"));
  }

  private static DataSpec banking77(SplitSpec split) {
    return new DataSpec(
        DataFile.of("d-banking77/train.csv", "text", "category"),
        null,
        DataFile.of("d-banking77/test.csv", "text", "category"),
        split,
        null,
        null,
        null,
        null);
  }

  @Test
  void sst2_is_read_whole_without_a_header_and_whatever_its_quotes() {
    int[] rows = {6920, 872, 1821};
    String[] parts = {"train", "dev", "test"};
    for (int i = 0; i < 3; i++) {
      DataFile file =
          DataFile.from("u-sst2/" + parts[i] + ".tsv").text("1").label("2").quote("none").build();
      assertThat(DatasetReader.read(file, TargetKind.ONE_LABEL, data).size()).isEqualTo(rows[i]);
    }
  }

  @Test
  void clinc150_is_read_from_inside_its_document() {
    int[] rows = {15_000, 3_000, 4_500, 100};
    String[] parts = {"/train", "/val", "/test", "/oos_val"};
    for (int i = 0; i < rows.length; i++) {
      DataFile file =
          DataFile.from("d-clinc150/data_full.json").at(parts[i]).text("1").label("2").build();
      assertThat(DatasetReader.read(file, TargetKind.ONE_LABEL, data).size()).isEqualTo(rows[i]);
    }
  }

  @Test
  void sts_b_pairs_have_scores() {
    DataFile file =
        DataFile.from("d-stsb-ccbysa/sts-dev.filtered.tsv")
            .text("6")
            .pair("7")
            .label("5")
            .quote("none")
            .build();
    Dataset pairs = DatasetReader.read(file, TargetKind.SCORE, data);

    assertThat(pairs.size()).isEqualTo(750);
    assertThat(pairs.examples()).allMatch(e -> e.pair() != null);
  }

  @Test
  void every_parquet_file_is_read_or_refused() throws IOException {
    List<Path> files;
    try (var all = Files.list(data.resolve("f-parquet"))) {
      files = all.filter(f -> f.toString().endsWith(".parquet")).sorted().toList();
    }
    List<String> refused = new ArrayList<>();
    for (Path file : files) {
      try {
        Dataset rows =
            DatasetReader.read(
                DataFile.from(file.toString()).text("1").emptyText(EmptyText.SKIP).build(),
                TargetKind.NONE,
                data);
        assertThat(rows.examples()).allMatch(e -> !e.text().isBlank());
      } catch (DataException e) {
        refused.add(file.getFileName() + ": " + e.getMessage().replace(data.toString(), ""));
      }
    }
    assertThat(files.size() - refused.size()).as("%s", refused).isGreaterThanOrEqualTo(40);
  }

  private Splits load(DataSpec spec) {
    return DataPlan.load(spec, TargetKind.ONE_LABEL, data, 0);
  }
}
