import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.luthier.tensor.DType;
import dev.luthier.tensor.Engine;
import dev.luthier.tensor.Scope;
import dev.luthier.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * How near to the machine's peak the matrix products of a LoRA step come, by themselves: those with frozen weights,
 * forward and back to the input, and those of the adapters, of all layers one after the other, so that each finds its
 * weights as cold as in a step. One thread.
 */
final class Products {
  static final String ID = "products";
  private static final int RANK = 8;

  /** Passes, of which the fastest counts, as for the peak. */
  private static final int PASSES = 12;

  private Products() {}

  /**
   * A linear layer.
   *
   * @param rows of its input
   * @param adapted whether it has an update of low rank
   */
  private record Layer(int rows, int in, int out, boolean adapted) {
    /** Two products of 2 n i o each, and six with each half of the update. */
    double flops() {
      return 4.0 * rows * in * out + (adapted ? 6.0 * rows * RANK * (in + out) : 0);
    }
  }

  /** The tensors of a layer. */
  private record Made(Tensor x, Tensor w, Tensor dy, Tensor a, Tensor b) {
    static Made of(Layer layer, DType type) {
      return new Made(
          Tensor.full(0.5, type, layer.rows, layer.in),
          Tensor.full(0.5, type, layer.out, layer.in),
          Tensor.full(0.5, type, layer.rows, layer.out),
          Tensor.full(0.5, type, RANK, layer.in),
          Tensor.full(0.5, type, layer.out, RANK));
    }

    void multiply(boolean adapted) {
      var y = x.matmul(w.transpose(0, 1));
      var dx = dy.matmul(w);
      if (adapted) {
        Tensor low = x.matmul(a.transpose(0, 1));
        var more = low.matmul(b.transpose(0, 1));
        Tensor dlow = dy.matmul(b);
        var db = dy.transpose(0, 1).matmul(low);
        var da = dlow.transpose(0, 1).matmul(x);
        var dxMore = dlow.matmul(a);
      }
    }
  }

  static List<ObjectNode> measure(double peak, double peakOfBfloat16) {
    Engine.setThreads(1);
    List<ObjectNode> out = new ArrayList<>();
    for (DType type : List.of(DType.F32, DType.BF16)) {
      if (type == DType.F32 || Engine.multipliesBfloat16()) {
        String in = type == DType.F32 ? ", float32" : ", bfloat16";
        double most = type == DType.F32 ? peak : peakOfBfloat16;
        out.add(node("encoder" + in, encoder(), type, most));
        out.add(node("decoder" + in, decoder(), type, most));
      }
    }
    return out;
  }

  private static ObjectNode node(String program, List<Layer> layers, DType type, double peak) {
    double gflops = gflops(layers, type);
    ObjectNode node =
        new ObjectMapper()
            .createObjectNode()
            .put("case", ID)
            .put("program", program)
            .put("round", 0)
            .put("threads", 1)
            .put("gflops", gflops)
            .put("peak_gflops", peak);
    System.err.println(node);
    return node;
  }

  /** Six layers of MiniLM at the 720 tokens of a mean batch; the last needs keys and values of all tokens alone. */
  private static List<Layer> encoder() {
    List<Layer> out = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 4; j++) {
        out.add(new Layer(720, 384, 384, true));
      }
      out.add(new Layer(720, 384, 1536, true));
      out.add(new Layer(720, 1536, 384, true));
    }
    out.add(new Layer(720, 384, 384, true));
    out.add(new Layer(720, 384, 384, true));
    return out;
  }

  /** Eight layers at 1,400 tokens, and the head, which meets its portions of the 880 that are learnt. */
  private static List<Layer> decoder() {
    List<Layer> out = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      for (int width : new int[] {512, 256, 256, 512, 1408, 1408}) {
        out.add(new Layer(1400, 512, width, true));
      }
      out.add(new Layer(1400, 1408, 512, true));
    }
    for (int at = 0; at < 880; at += 166) {
      out.add(new Layer(Math.min(166, 880 - at), 512, 50257, false));
    }
    return out;
  }

  /** Gigaflops a second. */
  private static double gflops(List<Layer> layers, DType type) {
    double best = 0;
    double work = layers.stream().mapToDouble(Layer::flops).sum() / 1e9;
    try (Scope scope = Scope.open()) {
      List<Made> made = layers.stream().map(layer -> Made.of(layer, type)).toList();
      for (int i = 0; i < PASSES; i++) {
        long begun = System.nanoTime();
        for (int j = 0; j < made.size(); j++) {
          try (Scope inner = Scope.open()) {
            made.get(j).multiply(layers.get(j).adapted());
          }
        }
        best = Math.max(best, work * 1e9 / (System.nanoTime() - begun));
      }
    }
    return best;
  }
}
