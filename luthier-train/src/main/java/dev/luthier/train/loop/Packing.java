package dev.luthier.train.loop;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Best-fit-decreasing packing: each example, from the longest on, goes where the least room would
 * be left, or opens a new pack. No example is cut.
 *
 * @see <a href="https://arxiv.org/abs/2404.10830">Ding et al. 2024, section 3</a>
 */
final class Packing {
  private Packing() {}

  /**
   * Packs examples.
   *
   * @param lengths tokens of each example
   * @param longestFirst the examples, by falling length
   * @param room tokens of a pack; a longer example gets a pack of its own
   * @return the examples of each pack
   */
  static List<int[]> of(int[] lengths, int[] longestFirst, int room) {
    List<List<Integer>> packs = new ArrayList<>();
    TreeMap<Integer, Deque<Integer>> byRoom = new TreeMap<>();
    for (int example : longestFirst) {
      Map.Entry<Integer, Deque<Integer>> best = byRoom.ceilingEntry(lengths[example]);
      int left = best == null ? room : best.getKey();
      int pack = best == null ? packs.size() : best.getValue().removeFirst();
      if (best == null) {
        packs.add(new ArrayList<>());
      } else if (best.getValue().isEmpty()) {
        byRoom.remove(left);
      }
      packs.get(pack).add(example);
      byRoom.computeIfAbsent(left - lengths[example], r -> new ArrayDeque<>()).addLast(pack);
    }
    return packs.stream().map(p -> p.stream().mapToInt(Integer::intValue).toArray()).toList();
  }
}
