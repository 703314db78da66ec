package dev.luthier.recipe.document;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML 1.2 into nodes. Values stay as written. What a recipe has no use for and what can be
 * used to harm is refused: aliases, tags, more than one document, a key written twice, files over a
 * mebibyte, more than {@value #MAX_DEPTH} levels.
 */
public final class YamlReader {
  /** The largest file that is read. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int MAX_DEPTH = 64;

  private final IntFunction<Place> places;
  private final Problems problems;
  private final Iterator<Event> events;

  private YamlReader(String text, IntFunction<Place> places, Problems problems) {
    this.places = places;
    this.problems = problems;
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(MAX_BYTES).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /**
   * Reads a text.
   *
   * @param places gives the place of a line, counted from one
   * @param problems receives what can be reported while reading goes on
   * @return the root node; an empty mapping for an empty text
   * @throws RecipeException if the text is not YAML
   */
  public static Node read(String text, IntFunction<Place> places, Problems problems) {
    String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
    if (body.length() > MAX_BYTES) {
      throw failure(places.apply(1), "a recipe is at most " + MAX_BYTES + " characters long");
    }
    try {
      return new YamlReader(body, places, problems).document();
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      String column = mark.map(m -> " (column " + (m.getColumn() + 1) + ")").orElse("");
      throw failure(places.apply(line(mark)), "not valid YAML: " + e.getProblem() + column);
    } catch (ReaderException e) {
      int at = Math.min(e.getPosition(), body.length());
      int line = 1 + (int) body.codePoints().limit(at).filter(c -> c == '\n').count();
      String code = "U+%04X".formatted(e.getCodePoint());
      throw failure(
          places.apply(line), "not valid YAML: the character " + code + " is not allowed");
    } catch (YamlEngineException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw failure(places.apply(1), "not valid YAML: " + e.getMessage());
    }
  }

  private Node document() {
    Optional<Node> root = Optional.empty();
    while (events.hasNext()) {
      Event event = events.next();
      switch (event.getEventId()) {
        case StreamStart, StreamEnd, DocumentStart, DocumentEnd, Comment -> {}
        default -> {
          if (root.isPresent()) {
            throw failure(place(event), "a recipe is one document; a second one begins here");
          }
          root = Optional.of(node(event, place(event), 0));
        }
      }
    }
    return root.orElseGet(() -> new Node.Mapping(places.apply(1), List.of()));
  }

  /**
   * Reads a node.
   *
   * @param place of the key whose value this is, for a list or a mapping
   */
  private Node node(Event event, Place place, int depth) {
    if (depth > MAX_DEPTH) {
      throw failure(place, "a recipe has at most " + MAX_DEPTH + " levels");
    }
    if (event instanceof ScalarEvent scalar) {
      refuseTag(scalar.getTag(), event);
      return new Node.Scalar(place(event), scalar.getValue(), !scalar.isPlain());
    }
    if (event instanceof AliasEvent alias) {
      problems.add(
          place(event),
          "aliases (`*" + alias.getAlias() + "`) are not read in a recipe; write the value out");
      return new Node.Scalar(place(event), "", false);
    }
    if (event instanceof CollectionStartEvent start) {
      refuseTag(start.getTag(), event);
      return event.getEventId() == Event.ID.SequenceStart
          ? sequence(place, depth)
          : mapping(place, depth);
    }
    throw failure(place(event), "not valid YAML: unexpected " + event.getEventId());
  }

  private Node sequence(Place place, int depth) {
    List<Node> items = new ArrayList<>();
    for (Event next = events.next(); !ends(next, Event.ID.SequenceEnd); next = events.next()) {
      items.add(node(next, place(next), depth + 1));
    }
    return new Node.Sequence(place, items);
  }

  private Node mapping(Place place, int depth) {
    List<Node.Entry> entries = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    for (Event next = events.next(); !ends(next, Event.ID.MappingEnd); next = events.next()) {
      Node key = node(next, place(next), depth + 1);
      Node value = node(events.next(), key.place(), depth + 1);
      if (!(key instanceof Node.Scalar name)) {
        problems.add(key.place(), "a key is a word, found " + key.summary());
      } else if (!keys.add(name.text())) {
        problems.add(key.place(), "the key `" + name.text() + "` is written twice");
      } else {
        entries.add(new Node.Entry(key.place(), name.text(), value));
      }
    }
    return new Node.Mapping(place, entries);
  }

  private static boolean ends(Event event, Event.ID end) {
    return event.getEventId() == end;
  }

  private void refuseTag(Optional<String> tag, Event event) {
    tag.ifPresent(
        t ->
            problems.add(
                place(event), "tags (`" + t + "`) are not read in a recipe; leave it out"));
  }

  private Place place(Event event) {
    return places.apply(line(event.getStartMark()));
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(1);
  }

  private static RecipeException failure(Place place, String message) {
    return new RecipeException(List.of(new Problem(place, message)));
  }
}
