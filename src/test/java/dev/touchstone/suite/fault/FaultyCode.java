package dev.touchstone.suite.fault;

import dev.touchstone.Javac;
import dev.touchstone.model.Gpt2;
import dev.touchstone.suite.golden.Fault;
import dev.touchstone.suite.observation.Observatory;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Touchstone's operators and experiments a second time, with a mistake in one source. Only what
 * measures is loaded again; claims, observations and the engine are shared with the suite, whose
 * judge can therefore judge by what the faulty code observes.
 */
public final class FaultyCode extends URLClassLoader {
  private static final Path SOURCES = Path.of("src/main/java/dev/touchstone");
  private static final List<String> MEASURING =
      List.of(
          "dev.touchstone.tensor.",
          "dev.touchstone.model.",
          "dev.touchstone.intervention.",
          "dev.touchstone.decomposition.",
          "dev.touchstone.measurement.",
          "dev.touchstone.laboratory.",
          "dev.touchstone.suite.subject.",
          "dev.touchstone.suite.experiment.",
          Specimen.class.getName());

  private FaultyCode(URL... places) {
    super(places, FaultyCode.class.getClassLoader());
  }

  /**
   * Compiles a fault and loads what measures with it.
   *
   * @param work an empty folder
   * @throws dev.touchstone.suite.golden.GoldenException when the source is no longer what the fault
   *     edits
   */
  public static FaultyCode with(Fault fault, Path work) throws IOException {
    Path source = work.resolve("src").resolve(fault.file());
    Files.createDirectories(source.getParent());
    Files.writeString(source, fault.in(Files.readString(SOURCES.resolve(fault.file()))));
    Path classes = Files.createDirectory(work.resolve("classes"));
    Javac.compile(List.of(source), classes);
    return new FaultyCode(classes.toUri().toURL(), code(Gpt2.class), code(FaultyCode.class));
  }

  private static URL code(Class<?> of) {
    return of.getProtectionDomain().getCodeSource().getLocation();
  }

  /**
   * What the faulty code observes.
   *
   * @param golden the repository's {@code golden} folder, or one with less text
   * @param record where it keeps what it measures
   */
  public Observatory observatory(Path golden, Path record) throws ReflectiveOperationException {
    return (Observatory)
        loadClass(Specimen.class.getName())
            .getConstructor(Path.class, Path.class)
            .newInstance(golden, record);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (MEASURING.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }
}
