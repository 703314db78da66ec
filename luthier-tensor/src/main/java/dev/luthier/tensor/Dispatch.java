package dev.luthier.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.FloatType;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.IntType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.SingletonTypePtr;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.jspecify.annotations.Nullable;

/**
 * Every operation of the engine by the name of its schema, for those without a method. Recorded for
 * the gradient like any other. A call costs about four times that of a method.
 *
 * <p>All arguments of the schema are given, in its order: {@link Tensor}, {@code List<Tensor>},
 * {@code Long}, {@code Integer}, {@code Double}, {@code Boolean}, {@code String}, {@link DType},
 * {@code long[]}, {@code double[]}, {@code boolean[]}, or null for what is optional.
 */
public final class Dispatch {
  private static final Map<String, Operator> OPERATORS = new ConcurrentHashMap<>();

  private Dispatch() {}

  private record Operator(OperatorHandle handle, long arguments) {}

  /**
   * Calls an operation whose first result is a tensor.
   *
   * @param schema for instance {@code "aten::_int_mm"} or, with its overload, {@code
   *     "aten::add.Tensor"}
   * @throws TensorException if there is no such operation, or it fails
   */
  public static Tensor call(String schema, @Nullable Object... arguments) {
    return Scope.call(() -> tensor(schema, invoke(schema, arguments), 0));
  }

  /** Calls an operation for what it does to its arguments. */
  public static void run(String schema, @Nullable Object... arguments) {
    try (Scope s = Scope.open()) {
      invoke(schema, arguments);
    }
  }

  /** Calls an operation whose results are all tensors. */
  public static List<Tensor> callAll(String schema, @Nullable Object... arguments) {
    try (Scope s = Scope.open()) {
      IValueVector results = invoke(schema, arguments);
      Tensor[] tensors = new Tensor[Math.toIntExact(results.size())];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = s.release(tensor(schema, results, i));
      }
      return List.of(tensors);
    }
  }

  /** The caller's scope owns everything made on the way. */
  private static IValueVector invoke(String schema, @Nullable Object... arguments) {
    Engine.start();
    try {
      Operator op = OPERATORS.computeIfAbsent(schema, Dispatch::find);
      if (op.arguments != arguments.length) {
        throw new TensorException(
            schema + " takes " + op.arguments + " arguments, not " + arguments.length);
      }
      IValueVector stack = new IValueVector();
      stack.resize(arguments.length);
      for (int i = 0; i < arguments.length; i++) {
        stack.put(i, value(arguments[i]));
      }
      op.handle.callBoxed(stack);
      return stack;
    } catch (TensorException | IllegalStateException | IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException e) {
      throw TensorException.of(schema, e, tensors(arguments));
    }
  }

  private static Operator find(String schema) {
    int dot = schema.indexOf('.');
    String name = dot < 0 ? schema : schema.substring(0, dot);
    String overload = dot < 0 ? "" : schema.substring(dot + 1);
    OperatorHandle handle =
        new OperatorHandle(Dispatcher.singleton().findSchemaOrThrow(name, overload));
    handle.retainReference();
    return new Operator(handle, handle.schema().arguments().limit());
  }

  private static Tensor tensor(String schema, IValueVector results, int i) {
    if (i >= results.size() || !results.get(i).isTensor()) {
      throw new TensorException(schema + ": result " + i + " is not a tensor");
    }
    return new Tensor(new org.bytedeco.pytorch.Tensor(results.get(i).toTensor()));
  }

  private static IValue value(@Nullable Object a) {
    if (a == null) {
      return new IValue();
    } else if (a instanceof Tensor t) {
      return new IValue(t.handle());
    } else if (a instanceof Integer i) {
      return new IValue(i.longValue());
    } else if (a instanceof Long i) {
      return new IValue(i.longValue());
    } else if (a instanceof Double d) {
      return new IValue(d.doubleValue());
    } else if (a instanceof Boolean b) {
      return new IValue(b.booleanValue());
    } else if (a instanceof String s) {
      return new IValue(s);
    } else if (a instanceof DType d) {
      return new IValue((long) d.scalarType().value);
    }
    return new IValue(list(a));
  }

  private static GenericList list(Object a) {
    if (a instanceof List<?> tensors) {
      GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
      tensors.forEach(t -> list.push_back(new IValue(((Tensor) t).handle())));
      return list;
    } else if (a instanceof long[] numbers) {
      GenericList list = listOf(IntType.getIntTypePtr().get());
      Arrays.stream(numbers).forEach(n -> list.push_back(new IValue(n)));
      return list;
    } else if (a instanceof double[] numbers) {
      GenericList list = listOf(FloatType.getFloatTypePtr().get());
      Arrays.stream(numbers).forEach(n -> list.push_back(new IValue(n)));
      return list;
    } else if (a instanceof boolean[] flags) {
      GenericList list = listOf(BoolType.get().get());
      for (boolean f : flags) {
        list.push_back(new IValue(f));
      }
      return list;
    }
    throw new IllegalArgumentException("an operation cannot take a " + a.getClass().getName());
  }

  private static GenericList listOf(Type element) {
    return new GenericList(new Type.TypePtr(new SingletonTypePtr(element)));
  }

  private static Tensor[] tensors(@Nullable Object... arguments) {
    return Arrays.stream(arguments)
        .filter(Tensor.class::isInstance)
        .map(Tensor.class::cast)
        .toArray(Tensor[]::new);
  }
}
