import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Counts the test cases in the reports of all modules. The last line it prints is {@code N passed, N
 * failed, N skipped}; before it stand the names of those that failed. It ends with 1 if any failed or
 * there are none at all.
 *
 * <p>Argument: the root folder of the build.
 */
final class Totals {
  private int passed;
  private int failed;
  private int skipped;

  private Totals() {}

  public static void main(String[] arguments) throws IOException, XMLStreamException {
    Totals totals = new Totals();
    for (Path report : reports(Path.of(arguments[0]))) {
      totals.add(report);
    }
    System.out.printf(
        "%d passed, %d failed, %d skipped%n", totals.passed, totals.failed, totals.skipped);
    System.exit(totals.failed > 0 || totals.passed == 0 ? 1 : 0);
  }

  private static List<Path> reports(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .map(module -> module.resolve("target/surefire-reports"))
          .filter(Files::isDirectory)
          .sorted()
          .flatMap(folder -> Stream.of(folder.toFile().listFiles()).map(f -> f.toPath()).sorted())
          .filter(f -> f.getFileName().toString().matches("TEST-.*\\.xml"))
          .toList();
    }
  }

  private void add(Path report) throws IOException, XMLStreamException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    try (var in = Files.newInputStream(report)) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      String name = "";
      String result = "";
      while (xml.hasNext()) {
        int event = xml.next();
        if (event == XMLStreamReader.START_ELEMENT) {
          switch (xml.getLocalName()) {
            case "testcase" -> {
              name = xml.getAttributeValue(null, "classname") + "." + xml.getAttributeValue(null, "name");
              result = "passed";
            }
            case "failure", "error" -> result = "failed";
            case "skipped" -> result = "skipped";
            default -> {}
          }
        } else if (event == XMLStreamReader.END_ELEMENT && xml.getLocalName().equals("testcase")) {
          count(name, result);
        }
      }
    }
  }

  private void count(String name, String result) {
    switch (result) {
      case "failed" -> {
        failed++;
        System.out.println("FAILED " + name);
      }
      case "skipped" -> skipped++;
      default -> passed++;
    }
  }
}
