package dev.luthier.train.listener;

import com.google.auto.service.AutoService;
import dev.luthier.technique.Area;
import dev.luthier.technique.Technique;
import dev.luthier.train.Finding;
import dev.luthier.train.Listener;
import dev.luthier.train.TrainingException;
import dev.luthier.train.Watched;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Guards validation data against being overfitted by trying recipe after recipe on them: the more
 * are compared, the more the best one's score owes to chance. How often each recipe has looked is
 * kept in a file beside the recipes, by the contents of the validation data; a recipe beyond the
 * budget is refused before it trains. A run that goes on after it was ended counts once. The report
 * says how far the scores on validation and test data are apart.
 *
 * @param recipes how many different recipes may be judged by the same validation data
 * @param ledger the file that they are counted in, beside the recipe
 * @see <a href="https://arxiv.org/abs/1506.02629">Dwork et al. 2015, on adaptive reuse of a
 *     holdout</a>
 */
@Technique(
    id = "val-overfit-guard",
    key = "validation-budget",
    name = "Budget of looks at the validation data",
    area = Area.LISTENER,
    paper = "Dwork et al. 2015, arXiv:1506.02629")
@AutoService(Listener.class)
public record ValidationBudget(int recipes, String ledger) implements Listener {
  private static final String TOPIC = "validation-budget";

  /** Twenty recipes. */
  public ValidationBudget() {
    this(20, "validation-looks.json");
  }

  /** Checks the range. */
  public ValidationBudget {
    if (recipes < 1) {
      throw new IllegalArgumentException("recipes must be at least 1, not " + recipes);
    }
    if (ledger.isBlank()) {
      throw new IllegalArgumentException("ledger must name a file");
    }
  }

  /**
   * The file that looks are counted in.
   *
   * @param folder of the recipe
   */
  public ValidationLedger ledger(Path folder) {
    return new ValidationLedger(folder.resolve(ledger));
  }

  @Override
  public Listener begin(Watched run) {
    String validation = run.origin().validation();
    if (validation == null) {
      throw new TrainingException(
          "watch: validation-budget needs validation data; give data.validation or"
              + " data.split.validation, or leave it out");
    }
    Watch watch = new Watch(this, run, validation);
    watch.requireRoom();
    return watch;
  }

  private static final class Watch implements Listener {
    private final ValidationBudget spec;
    private final Watched run;
    private final String validation;
    private final ValidationLedger ledger;
    private double looks;

    Watch(ValidationBudget spec, Watched run, String validation) {
      this.spec = spec;
      this.run = run;
      this.validation = validation;
      this.ledger = spec.ledger(run.origin().folder());
    }

    private void requireRoom() {
      Map<String, Long> known = ledger.looks(validation);
      if (known.size() >= spec.recipes() && !known.containsKey(run.identity().recipe())) {
        throw new TrainingException(
            "these validation data have judged %d recipes, which is the budget of %s; the best of"
                    .formatted(known.size(), TOPIC)
                + " so many owes much to chance. Take the best there is and measure it on the test"
                + " data, choose by fresh validation data, or raise `recipes`. They are counted in "
                + ledger.file());
      }
    }

    @Override
    public void started(RunInfo info) {
      int number = ledger.note(validation, run.identity().recipe(), 0);
      if (info.start() == 0) {
        String saw =
            "this is recipe %d of %d that the validation data may judge."
                .formatted(number, spec.recipes());
        run.audience().found(new Finding(TOPIC, 0, 0, saw, List.of()));
      }
    }

    @Override
    public Wish evaluated(Evaluation evaluation) {
      looks++;
      var unused = ledger.note(validation, run.identity().recipe(), (long) looks);
      return Wish.NONE;
    }

    @Override
    public Map<String, Double> state() {
      return Map.of("looks", looks);
    }

    @Override
    public void restore(Map<String, Double> saved) {
      looks = saved.getOrDefault("looks", looks);
    }
  }
}
