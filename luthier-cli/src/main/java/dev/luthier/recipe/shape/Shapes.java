package dev.luthier.recipe.shape;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the shape of a Java type. */
public final class Shapes {
  private static final ClassValue<RecordShape> RECORDS =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          return new RecordShape(type);
        }
      };
  private static final ClassValue<SocketShape> SOCKETS =
      new ClassValue<>() {
        @Override
        protected SocketShape computeValue(Class<?> type) {
          return new SocketShape(type);
        }
      };

  private Shapes() {}

  /** The shape of a record. */
  public static RecordShape ofRecord(Class<?> type) {
    if (!type.isRecord()) {
      throw new IllegalArgumentException(type.getName() + " is not a record");
    }
    return RECORDS.get(type);
  }

  /** The shape of an interface that techniques implement. */
  public static SocketShape ofSocket(Class<?> socket) {
    return SOCKETS.get(socket);
  }

  /**
   * The shape of a component.
   *
   * @throws IllegalArgumentException if no recipe can hold the type
   */
  static Shape of(AnnotatedType type) {
    boolean nullable = type.isAnnotationPresent(Nullable.class);
    Shape shape =
        type.getType() instanceof ParameterizedType generic
            ? ofGeneric(generic, (AnnotatedParameterizedType) type)
            : ofClass(type.getType());
    return nullable ? new AbsentShape(shape, false) : shape;
  }

  private static Shape ofGeneric(ParameterizedType generic, AnnotatedParameterizedType annotated) {
    AnnotatedType[] arguments = annotated.getAnnotatedActualTypeArguments();
    if (generic.getRawType() == List.class) {
      return new ListShape(of(arguments[0]));
    }
    if (generic.getRawType() == Optional.class) {
      return new AbsentShape(of(arguments[0]), true);
    }
    if (generic.getRawType() == Map.class && arguments[0].getType() == String.class) {
      return new MapShape(of(arguments[1]));
    }
    throw unknown(generic);
  }

  private static Shape ofClass(Type type) {
    if (type == String.class) {
      return new TextShape();
    }
    if (type == int.class || type == Integer.class) {
      return new WholeShape(false);
    }
    if (type == long.class || type == Long.class) {
      return new WholeShape(true);
    }
    if (type == double.class || type == Double.class) {
      return new NumberShape();
    }
    if (type == boolean.class || type == Boolean.class) {
      return new FlagShape();
    }
    if (type == Path.class) {
      return new PathShape();
    }
    if (type instanceof Class<?> c && c.isEnum()) {
      return new ChoiceShape(c);
    }
    if (type instanceof Class<?> c && c.isRecord()) {
      return ofRecord(c);
    }
    if (type instanceof Class<?> c && c.isInterface()) {
      return ofSocket(c);
    }
    throw unknown(type);
  }

  private static IllegalArgumentException unknown(Type type) {
    return new IllegalArgumentException("no recipe can hold a " + type.getTypeName());
  }
}
