package dev.luthier.train.schedule;

import dev.luthier.train.Schedule;
import java.util.function.LongToDoubleFunction;

/**
 * How far the last step of gradient descent may be from the optimum of a convex function, for any
 * schedule. What the bound says of schedules was found to hold for the training of large models,
 * which is not convex, too: it can rank schedules, and carry a good rate from one to another.
 *
 * <pre>
 *   f(x_T) - f* ≤ A / γ + γ B
 *   A = D² / (2 Σ η_t)
 *   B = ½ Σ η_t² G_t² / Σ η_t
 *       + ½ Σ_{k=1}^{T-1} η_k / Σ_{t&gt;k} η_t · Σ_{t≥k} η_t² G_t² / Σ_{t≥k} η_t
 * </pre>
 *
 * <p>γ is the base rate, η_t the schedule's factor of step t, G_t a bound of the gradient's norm
 * there, and D the distance of the start from an optimum. The best γ is √(A/B), and the bound is
 * then 2 √(A B). Steps of factor zero at the end change nothing, and are left out.
 *
 * @param distance A
 * @param noise B
 * @see <a href="https://arxiv.org/abs/2501.18965">Schaipp et al. 2025, theorem 1</a>
 * @see <a href="https://arxiv.org/abs/2310.07831">Defazio et al. 2023</a>
 */
public record ConvexBound(double distance, double noise) {
  /**
   * The bound of a schedule where gradients have the same norm throughout.
   *
   * @param steps T, of the whole run
   * @param distance D, above 0
   * @param gradient G, above 0
   */
  public static ConvexBound of(Schedule schedule, int steps, double distance, double gradient) {
    return of(schedule, steps, distance, t -> gradient);
  }

  /**
   * The bound of a schedule.
   *
   * @param steps T, of the whole run
   * @param distance D, above 0
   * @param gradients G, by the step from 0
   * @throws IllegalArgumentException if the schedule never moves, or a number is out of its range
   */
  public static ConvexBound of(
      Schedule schedule, int steps, double distance, LongToDoubleFunction gradients) {
    if (!(distance > 0 && Double.isFinite(distance))) {
      throw new IllegalArgumentException("the distance must be above 0, not " + distance);
    }
    int last = steps - 1;
    while (last >= 0 && schedule.factor(last, steps) == 0) {
      last--;
    }
    if (last < 0) {
      throw new IllegalArgumentException("the schedule is zero in all of " + steps + " steps");
    }
    double after = 0;
    double squares = 0;
    double sum = 0;
    for (int t = last; t >= 0; t--) {
      double eta = schedule.factor(t, steps);
      double moved = eta * gradients.applyAsDouble(t);
      squares += moved * moved;
      double whole = after + eta;
      sum += t == last ? 0 : eta / after * squares / whole;
      after = whole;
    }
    return new ConvexBound(distance * distance / (2 * after), (squares / after + sum) / 2);
  }

  /** The bound at a base rate γ, above 0. */
  public double at(double rate) {
    return distance / rate + rate * noise;
  }

  /** The base rate for which the bound is the lowest. */
  public double bestRate() {
    return Math.sqrt(distance / noise);
  }

  /** The bound at the best base rate. */
  public double least() {
    return 2 * Math.sqrt(distance * noise);
  }
}
