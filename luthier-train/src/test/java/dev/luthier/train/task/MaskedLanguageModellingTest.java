package dev.luthier.train.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.luthier.data.batch.Batch;
import dev.luthier.data.batch.Collator;
import dev.luthier.data.batch.EncodedExample;
import dev.luthier.data.batch.Targets;
import dev.luthier.model.tokenizer.SpecialToken;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Rng;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskedLanguageModellingTest {
  private static final int LENGTH = 50;
  private static final Rng.Key EPOCH = Rng.Key.of(1).with(0);

  private static final Tokenizer TOKENIZER = tokenizer();
  private static final int MASK = TOKENIZER.id(SpecialToken.MASK);

  private static Tokenizer tokenizer() {
    try (var in =
        Tokenizer.class.getResourceAsStream("/golden/tokenizers/wordpiece/tokenizer.json")) {
      return Tokenizer.of(in.readAllBytes(), null);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<EncodedExample> examples(int n) {
    List<EncodedExample> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int[] ids = new int[LENGTH];
      boolean[] special = new boolean[LENGTH];
      for (int j = 0; j < LENGTH; j++) {
        ids[j] = 10 + Rng.Key.of(i).below(j, 100);
      }
      special[0] = true;
      special[LENGTH - 1] = true;
      out.add(new EncodedExample(i, i + 1, ids, null, special, null));
    }
    return out;
  }

  private static Collator collator() {
    return new MaskedLanguageModelling(0.15).collator(List.of(), TOKENIZER);
  }

  @Test
  @Proves("obj-mlm")
  void hides_fifteen_in_a_hundred_tokens_and_of_these_eighty_ten_and_ten() {
    try (Scope s = Scope.open()) {
      List<EncodedExample> examples = examples(400);
      Batch batch = collator().collate(examples, EPOCH);
      long[] seen = batch.tokens().ids().toLongs();
      long[] wanted = batch.tokens().wanted().toLongs();
      long[] answers = ((Targets.Classes) batch.targets()).ids().toLongs();
      int masked = 0;
      int kept = 0;
      for (int i = 0; i < wanted.length; i++) {
        int at = (int) wanted[i];
        assertThat(at % LENGTH).isBetween(1, LENGTH - 2);
        assertThat(answers[i]).isEqualTo(examples.get(at / LENGTH).ids()[at % LENGTH]);
        masked += seen[at] == MASK ? 1 : 0;
        kept += seen[at] == answers[i] ? 1 : 0;
      }
      double n = wanted.length;
      assertThat(n / (400 * (LENGTH - 2))).isCloseTo(0.15, within(0.01));
      assertThat(masked / n).isCloseTo(0.8, within(0.03));
      assertThat(kept / n).isCloseTo(0.1, within(0.03));
    }
  }

  @Test
  @Proves("obj-mlm")
  void a_text_of_one_word_alone_in_its_batch_has_something_to_learn() {
    try (Scope s = Scope.open()) {
      boolean[] special = {true, false, true};
      for (int i = 0; i < 50; i++) {
        EncodedExample one =
            new EncodedExample(i, i + 1, new int[] {2, 10, 3}, null, special, null);
        Batch batch = collator().collate(List.of(one), EPOCH);
        assertThat(batch.tokens().wanted().toLongs()).containsExactly(1);
        assertThat(((Targets.Classes) batch.targets()).ids().toLongs()).containsExactly(10);
      }
      EncodedExample none =
          new EncodedExample(0, 1, new int[] {2, 3}, null, new boolean[] {true, true}, null);
      assertThat(collator().collate(List.of(none), EPOCH).tokens().wanted().count()).isZero();
    }
  }

  @Test
  @Proves("obj-mlm")
  void same_epoch_gives_the_same_masks_however_the_batch_is_split_and_another_epoch_others() {
    try (Scope s = Scope.open()) {
      List<EncodedExample> examples = examples(4);
      Tensor whole = collator().collate(examples, EPOCH).tokens().ids();
      Tensor first = collator().collate(examples.subList(0, 2), EPOCH).tokens().ids();
      Tensor second = collator().collate(examples.subList(2, 4), EPOCH).tokens().ids();
      assertThat(Tensor.cat(0, first, second).sameAs(whole)).isTrue();
      Tensor later = collator().collate(examples, Rng.Key.of(1).with(1)).tokens().ids();
      assertThat(later.sameAs(whole)).isFalse();
    }
  }
}
