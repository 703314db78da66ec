import com.fasterxml.jackson.databind.ObjectMapper;
import dev.luthier.data.batch.Encoder;
import dev.luthier.data.plan.DataPlan;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.recipe.Recipes;
import dev.luthier.run.Recipe;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;

/** Reads a file of texts and labels and makes tokens of it, and says what that took. */
final class Rows {
  private Rows() {}

  public static void main(String[] arguments) throws Exception {
    Path model = Path.of(arguments[0]);
    String text =
        """
        model: %s
        task: sequence-classification
        data:
          train: {file: %s, text: "1", label: "2", header: false, quote: none}
        """
            .formatted(model, arguments[1]);
    var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long begun = System.nanoTime();
    Recipe recipe = Recipes.parse(text, "rows", Recipe.class, List.of());
    var splits = DataPlan.load(recipe.data(), recipe.task().targetKind(), Path.of(""), 0);
    Tokenizer tokenizer = Tokenizer.load(model);
    Encoder encoder = recipe.task().encoder(tokenizer, 128, recipe.data().lengthPolicy());
    int rows = encoder.encode(splits.train()).data().size();
    double wall = (System.nanoTime() - begun) / 1e9;
    System.out.println(
        new ObjectMapper()
            .createObjectNode()
            .put("rows", rows)
            .put("wall_seconds", wall)
            .put("cpu_seconds", (system.getProcessCpuTime() - cpu) / 1e9));
  }
}
