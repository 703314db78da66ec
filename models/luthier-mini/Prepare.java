import dev.luthier.data.DataFile;
import dev.luthier.data.Dataset;
import dev.luthier.data.TargetKind;
import dev.luthier.data.batch.Ragged;
import dev.luthier.data.batch.Targets;
import dev.luthier.data.batch.TextEncoder;
import dev.luthier.data.length.LengthPolicy;
import dev.luthier.data.read.DatasetReader;
import dev.luthier.model.Head;
import dev.luthier.model.Pooling;
import dev.luthier.model.Pretrained;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.tokenizer.TokenizerPruner;
import dev.luthier.tensor.Linalg;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.train.Inference;
import java.io.BufferedWriter;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/**
 * Makes what luthier-mini is trained on: the corpus, the pruned tokenizer, and the vectors that the
 * teacher gives each sentence, reduced to the student's width along their principal axes.
 *
 * <p>Arguments: the folder of the sources, the folder to work in, the student's width.
 */
public final class Prepare {
  private static final int VOCABULARY = 6000;

  public static void main(String[] arguments) throws Exception {
    Path sources = Path.of(arguments[0]).toAbsolutePath();
    Path work = Files.createDirectories(Path.of(arguments[1]).toAbsolutePath());
    int width = Integer.parseInt(arguments[2]);
    corpus(sources, work);
    Dataset corpus =
        DatasetReader.read(
            DataFile.of("corpus.parquet", "text"), TargetKind.NONE, work);
    Pretrained teacher =
        Pretrained.load(sources.resolve("m-minilm-l6"), new Head.None(), Rng.Key.of(0));
    Path architecture = Files.createDirectories(work.resolve("architecture"));
    TokenizerPruner.prune(
            teacher.tokenizer(), corpus.examples().stream().map(e -> e.text()).toList(), VOCABULARY)
        .tokenizer()
        .save(architecture);
    Files.copy(
        Path.of("config.json"),
        architecture.resolve("config.json"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    vectors(teacher, corpus, width, work.resolve("vectors.jsonl.gz"));
  }

  private static void corpus(Path sources, Path work) throws Exception {
    String sql = Files.readString(Path.of("corpus.sql"));
    try (Connection c = DriverManager.getConnection("jdbc:duckdb:");
        Statement s = c.createStatement()) {
      s.execute("SET VARIABLE data = '" + sources.toString().replace("'", "''") + "'");
      String target = work.resolve("corpus.parquet").toString().replace("'", "''");
      s.execute(sql.replace("'corpus.parquet'", "'" + target + "'"));
    }
  }

  private static void vectors(Pretrained teacher, Dataset corpus, int width, Path file)
      throws Exception {
    var encoded =
        new TextEncoder(teacher.tokenizer(), 128, LengthPolicy.TRUNCATE_RIGHT).encode(corpus);
    Ragged ragged = new Ragged(e -> new Targets.None());
    float[][] all =
        Inference.rows(
            encoded.data(),
            (examples, draws) -> ragged.collate(examples),
            b ->
                Pooling.unit(
                    Pooling.mean(
                        teacher.model().forward(b.tokens(), Pass.EVALUATION).hidden(),
                        b.tokens().segments())));
    float[] reduced = reduce(all, width);
    try (BufferedWriter out =
        new BufferedWriter(
            new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8))) {
      var json = new com.fasterxml.jackson.databind.ObjectMapper();
      for (int i = 0; i < all.length; i++) {
        StringBuilder line = new StringBuilder("{\"text\":");
        line.append(json.writeValueAsString(corpus.examples().get(i).text())).append(",\"vector\":[");
        for (int d = 0; d < width; d++) {
          line.append(d == 0 ? "" : ",")
              .append(String.format(Locale.ROOT, "%.4f", reduced[i * width + d]));
        }
        out.write(line.append("]}\n").toString());
      }
    }
  }

  /** Projects on the eigenvectors of the largest eigenvalues of XᵀX. */
  private static float[] reduce(float[][] rows, int width) {
    int from = rows[0].length;
    float[] flat = new float[rows.length * from];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, flat, i * from, from);
    }
    try (Scope s = Scope.open()) {
      Tensor x = Tensor.of(flat, rows.length, from);
      Tensor axes = Linalg.eigenvectors(x.transpose(0, 1).matmul(x)).narrow(1, 0, width);
      return x.matmul(axes.contiguous()).toFloats();
    }
  }
}
