package dev.luthier.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.Example;
import dev.luthier.data.batch.Encoder;
import dev.luthier.eval.metric.ClassificationPredictions;
import dev.luthier.eval.metric.Predictions;
import dev.luthier.eval.metric.RegressionPredictions;
import dev.luthier.eval.metric.TokenPredictions;
import dev.luthier.train.Task;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes what a model said of each test example, one JSON object a line. */
final class PredictionsLog {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PredictionsLog() {}

  static void write(Path file, Prepared run, Encoder.Encoded test, Predictions predictions)
      throws IOException {
    List<Example> examples = test.kept().examples();
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < predictions.size(); i++) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("row", examples.get(i).row());
        line.put(
            run.recipe().task() instanceof Task.OfImages ? "image" : "text", predictions.text(i));
        if (predictions instanceof ClassificationPredictions c) {
          line.put("truth", run.labels().get(c.truth(i)));
          line.put("label", run.labels().get(c.predicted(i)));
          line.put("score", c.confidence(i));
        } else if (predictions instanceof RegressionPredictions r) {
          line.put("truth", r.truth(i));
          line.put("value", r.predicted(i));
        } else if (predictions instanceof TokenPredictions t) {
          line.put("tokens", t.tokens(i));
          line.put("loss", t.loss(i));
          line.put("right", t.right(i));
        }
        out.write(JSON.writeValueAsString(line));
        out.newLine();
      }
    }
  }
}
