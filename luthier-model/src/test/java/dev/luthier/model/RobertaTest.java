package dev.luthier.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.luthier.model.encoder.EncoderModel;
import dev.luthier.model.nn.Modules;
import dev.luthier.model.nn.Pass;
import dev.luthier.model.nn.Segments;
import dev.luthier.model.tokenizer.Encoding;
import dev.luthier.model.tokenizer.Tokenizer;
import dev.luthier.tensor.Functional;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import dev.luthier.testing.Proves;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@Proves("roberta")
class RobertaTest extends FamilyContract {
  @Override
  protected Path golden() {
    return Resources.golden();
  }

  @Override
  protected String family() {
    return "roberta";
  }

  @Override
  protected List<String> dropoutKeys() {
    return List.of("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout");
  }

  @Override
  protected String lastLayer() {
    return "classifier.out_proj";
  }

  @Test
  void its_byte_level_tokenizer_marks_no_second_segment() {
    Tokenizer tokenizer = Tokenizer.load(golden().resolve("tokenizers/byte-level-bpe"));
    Encoding pair = tokenizer.encode("the movie", "was good");
    assertThat(pair.typeIds()).containsOnly(0);
    assertThat(pair.ids()).startsWith(0).endsWith(2);
  }

  @Test
  void positions_start_after_the_padding_id_and_do_not_count_it_within_a_text() {
    try (Scope scope = Scope.open()) {
      Pretrained model = load("encoder");
      assertThat(model.model().maxTokens()).isEqualTo(38);
      Tensor ids = Tensor.of(new int[] {0, 20, 1, 21, 2, 0, 22, 2});
      Tokens tokens = new Tokens(ids, new Segments(new int[] {5, 3}, new long[] {0, 1}));
      Tensor found =
          ((EncoderModel) model.model()).encoder().states(tokens, Pass.EVALUATION).get(0);
      var p = Modules.parameters(model.model());
      Tensor positions = Tensor.of(new int[] {2, 3, 1, 4, 5, 2, 3, 4});
      Tensor sum =
          Functional.embedding(p.get("embeddings.word_embeddings.weight").value(), ids)
              .add(p.get("embeddings.token_type_embeddings.weight").value())
              .add(
                  Functional.embedding(
                      p.get("embeddings.position_embeddings.weight").value(), positions));
      Tensor expected =
          Functional.layerNorm(
              sum,
              p.get("embeddings.LayerNorm.weight").value(),
              p.get("embeddings.LayerNorm.bias").value(),
              1e-5);
      Golden.requireClose("embeddings", found, expected, FORWARD);
    }
  }
}
