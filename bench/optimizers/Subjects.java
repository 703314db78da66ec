import dev.luthier.train.optim.OptimizerKeys;
import dev.luthier.recipe.shape.Shapes;
import dev.luthier.recipe.shape.TechniqueType;
import dev.luthier.technique.Area;
import dev.luthier.train.GradientTransform;
import dev.luthier.train.Objective;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** What there is to measure: whatever the registries of techniques hold, and a few variants by name. */
final class Subjects {
  /** The averages of these are of steps at one rate. */
  private static final Set<String> CONSTANT = Set.of("schedule-free", "swa");

  /** Composed of others, which are measured. */
  private static final String CHAIN = "chain";

  private Subjects() {}

  /** AdamW, then every other optimizer, then the links around AdamW. */
  static List<Subject> optimizers() {
    List<Subject> out = new ArrayList<>();
    for (TechniqueType type : Shapes.ofSocket(GradientTransform.class).techniques()) {
      if (!type.name().equals(CHAIN)) {
        Subject s = of(type);
        out.add(CONSTANT.contains(s.name()) ? s.atConstantRate() : s);
      }
    }
    out.add(Subject.optimizer("mars, Lion form", "{mars: {form: lion}}"));
    out.add(Subject.optimizer("sgd, no momentum", "{sgd: {momentum: 0}}"));
    out.add(Subject.beside("ema 0.9", "adamw, {ema: {decay: 0.9}}"));
    out.add(Subject.beside("sam, adaptive", "{sam: {rho: 0.5, adaptive: true}}, adamw"));
    out.sort(
        Comparator.comparing((Subject s) -> !s.isAdamW())
            .thenComparing(Subject::around)
            .thenComparing(Subject::name));
    return out;
  }

  private static Subject of(TechniqueType type) {
    String name = type.name();
    if (hasRate(type.type())) {
      return Subject.optimizer(name, name);
    }
    return Subject.beside(name, averages(type.type()) ? "adamw, " + name : name + ", adamw");
  }

  /** Whether a technique updates weights, itself or by default through another: such have rates. */
  private static boolean hasRate(Class<?> type) {
    try {
      return !OptimizerKeys.rates((GradientTransform) type.getConstructor().newInstance()).isEmpty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " has no defaults", e);
    }
  }

  /** Whether a link shows other weights than those that are trained: it stands after the update. */
  private static boolean averages(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods()).anyMatch(m -> m.getName().equals("evaluated"));
  }

  /** Every regularizer around the task's objective at its defaults, and some of other strength. */
  static List<Subject> regularizers() {
    List<Subject> out = new ArrayList<>();
    for (TechniqueType type : Shapes.ofSocket(Objective.class).techniques()) {
      if (type.technique().area() == Area.REGULARIZER && wraps(type.type())) {
        out.add(regularizer(type.name()));
      }
    }
    out.addAll(variants());
    return out;
  }

  private static boolean wraps(Class<?> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getName)
        .anyMatch("of"::equals);
  }

  private static Subject regularizer(String name) {
    return switch (name) {
      case "r-drop" -> Subject.objective("r-drop, dropout 0.1", name).withDropout(0.1);
      case "distillation" -> Subject.objective(name, "{distillation: {teacher: " + Teacher.PLACE + "}}");
      default -> Subject.objective(name, name);
    };
  }

  private static List<Subject> variants() {
    return List.of(
        Subject.objective("dropout 0.1", "").withDropout(0.1),
        Subject.objective("r-drop, alpha 5, dropout 0.1", "{r-drop: {alpha: 5}}").withDropout(0.1),
        Subject.objective("label smoothing 0.1", "{cross-entropy: {smoothing: 0.1}}"),
        Subject.objective("label smoothing 0.3", "{cross-entropy: {smoothing: 0.3}}"),
        Subject.objective("focal, gamma 2", "focal"),
        Subject.objective("noisy-tune", "").adapted("[noisy-tune, full]"),
        Subject.objective("neftune, alpha 20", "{neftune: {alpha: 20}}"),
        Subject.objective("r3f, sigma 0.1", "{r3f: {sigma: 0.1}}"),
        Subject.objective("r4f (r3f, spectral 0.1)", "{r3f: {spectral: 0.1}}"),
        Subject.objective("smart, lambda 5", "{smart: {lambda: 5}}"),
        Subject.objective("mixout, p 0.5", "{mixout: {p: 0.5}}"),
        Subject.objective("l2-sp, alpha 0.1", "{l2-sp: {alpha: 0.1}}"),
        Subject.objective("mixup, alpha 1", "{mixup: {alpha: 1}}"),
        Subject.objective("z-loss, strength 0.01", "{z-loss: {strength: 0.01}}"),
        Subject.objective(
            "distillation, T 4, alpha 0.9",
            "{distillation: {teacher: " + Teacher.PLACE + ", temperature: 4, alpha: 0.9}}"),
        Subject.objective(
            "supervised-contrastive beside it",
            "{joint: {parts: [{of: cross-entropy}, {of: supervised-contrastive, strength: 0.5}]}}"));
  }
}
