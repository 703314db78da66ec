package dev.luthier.cli;

import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageReader;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;
import javax.imageio.stream.ImageInputStream;

/** Stands before Java's reader of PNG files and counts how often it is asked for. */
final class DecodedImages extends ImageReaderSpi implements AutoCloseable {
  private static final String[] PNG = {"png", "PNG"};

  private final ImageReaderSpi real;
  private final AtomicInteger count = new AtomicInteger();

  private DecodedImages(ImageReaderSpi real) {
    super(
        "test",
        "1",
        PNG,
        null,
        null,
        "none",
        new Class<?>[] {ImageInputStream.class},
        null,
        false,
        null,
        null,
        null,
        null,
        false,
        null,
        null,
        null,
        null);
    this.real = real;
  }

  /** Counts from now on until it is closed. */
  static DecodedImages counted() {
    IIORegistry registry = IIORegistry.getDefaultInstance();
    Iterator<ImageReaderSpi> all =
        registry.getServiceProviders(
            ImageReaderSpi.class,
            of -> ((ImageReaderSpi) of).getFormatNames()[0].equalsIgnoreCase("png"),
            true);
    ImageReaderSpi real = all.next();
    DecodedImages counting = new DecodedImages(real);
    registry.registerServiceProvider(counting, ImageReaderSpi.class);
    registry.setOrdering(ImageReaderSpi.class, counting, real);
    return counting;
  }

  int count() {
    return count.get();
  }

  @Override
  public ImageReader createReaderInstance(Object extension) throws IOException {
    count.incrementAndGet();
    return real.createReaderInstance(extension);
  }

  @Override
  public boolean canDecodeInput(Object source) {
    return false;
  }

  @Override
  public String getDescription(Locale locale) {
    return "counts";
  }

  @Override
  public void close() {
    IIORegistry.getDefaultInstance().deregisterServiceProvider(this, ImageReaderSpi.class);
  }
}
