package dev.luthier.train.peft;

import dev.luthier.technique.TechniqueNames;
import dev.luthier.train.Adaptation;
import dev.luthier.train.Adaptation.Role;
import java.util.List;

/** Refuses lists of adaptations that contradict each other, or in which one has no effect. */
public final class AdaptationOrder {
  private AdaptationOrder() {}

  /**
   * Checks every two of a list, which work in its order.
   *
   * @param key where in a recipe the list stands
   * @throws IllegalArgumentException naming two that cannot stand so, and what to do
   */
  public static void require(String key, List<Adaptation> list) {
    for (int i = 0; i < list.size(); i++) {
      for (int j = i + 1; j < list.size(); j++) {
        require(key, list.get(i), list.get(j));
      }
    }
  }

  private static void require(String key, Adaptation first, Adaptation second) {
    Role before = first.role();
    Role after = second.role();
    if (chooses(before) && chooses(after)) {
      throw refused(
          "%s names %s and %s, and each says for itself what is trained; leave one of them out",
          key, first, second);
    }
    if (before == Role.NARROWS && chooses(after)) {
      throw refused(
          "%s names %s before %s, which says anew what is trained, so it would have no effect; put"
              + " it behind",
          key, first, second);
    }
    if (before == Role.ADDS && after == Role.CHANGES) {
      throw refused(
          "%s names %s before %s, which changes what the other has added its parts to; put it in"
              + " front",
          key, first, second);
    }
  }

  private static boolean chooses(Role role) {
    return role == Role.CHOOSES || role == Role.ADDS;
  }

  private static IllegalArgumentException refused(
      String message, String key, Adaptation first, Adaptation second) {
    return new IllegalArgumentException(
        message.formatted(
            key, TechniqueNames.of(first.getClass()), TechniqueNames.of(second.getClass())));
  }
}
