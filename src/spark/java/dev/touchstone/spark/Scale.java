package dev.touchstone.spark;

import dev.touchstone.ChildJvm;
import dev.touchstone.corpus.Chunk;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Share;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.laboratory.Task;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Head;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.tensor.Compute;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What the cluster costs: heads zeroed by two workers of one thread each, and the same by two
 * processes of one thread each, half of the heads in each, one after the other so that each has the
 * machine. {@code docs/scale.md} has its figures.
 */
final class Scale {
  private static final long SEED = 1;

  private Scale() {}

  /** Arguments: a folder for its files, a checkpoint, how many chunks, every how many heads. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    if (args.length > 4) {
      half(args, Integer.parseInt(args[4]));
      return;
    }
    Compute compute = Compute.fromProperties();
    Files.deleteIfExists(folder.resolve("both.sqlite"));
    try (Subject subject = subject(args, compute);
        Loopback cluster = Loopback.start(Files.createTempDirectory(folder, "cluster"), 2)) {
      Chunks chunks = chunks(subject, Integer.parseInt(args[2]));
      List<Intervention> warm = List.of(Intervention.BASELINE, Intervention.parse("relu(L11H2)"));
      List<Intervention> heads = heads(Integer.parseInt(args[3]));
      Settings settings = Settings.fromProperties();
      Engine engine =
          new SparkEngine(
              cluster.address(),
              new Settings(
                  1, "cpu", settings.taskTime(), Duration.ofMinutes(2), false, settings.library()));
      try (Laboratory laboratory = Laboratory.at(folder.resolve("both.sqlite"), engine)) {
        double start = seconds(() -> laboratory.losses(subject, chunks, warm, Materials.NONE));
        // The one that began has opened the model, and perhaps the other has not.
        List<Intervention> others =
            Stream.of("relu(L10H0)", "relu(L10H1)", "relu(L11H0)", "relu(L11H1)")
                .map(Intervention::parse)
                .toList();
        laboratory.losses(subject, chunks, others, Materials.NONE);
        double both = seconds(() -> laboratory.losses(subject, chunks, heads, Materials.NONE));
        double halves = halves(args);
        double gflop = new Task.Losses(chunks.all(), heads).gflop(subject.config());
        System.out.printf(
            Locale.ROOT,
            "%d heads on %d chunks, %.0f GFLOP: first answer after %.1f s; two workers %.2f s, two processes %.2f s, efficiency %.3f; a share is %d bytes%n",
            heads.size(),
            chunks.all().size(),
            gflop,
            start,
            both,
            halves,
            halves / both,
            bytes(chunks, heads.subList(0, 4)));
      }
    }
  }

  /**
   * Every second of the heads, in a process of its own; says when it has the model, and the end.
   */
  private static void half(String[] args, int which) throws Exception {
    Path record = Path.of(args[0], "half-" + which + ".sqlite");
    Files.deleteIfExists(record);
    try (Subject subject = subject(args, Compute.fromProperties());
        Laboratory laboratory = Laboratory.at(record)) {
      Chunks chunks = chunks(subject, Integer.parseInt(args[2]));
      List<Intervention> heads = heads(Integer.parseInt(args[3]));
      laboratory.losses(subject, chunks, Intervention.BASELINE);
      System.out.println("ready");
      System.in.read();
      laboratory.losses(
          subject,
          chunks,
          IntStream.range(0, heads.size())
              .filter(i -> i % 2 == which)
              .mapToObj(heads::get)
              .toList(),
          Materials.NONE);
      System.out.println("done");
    }
  }

  /** Until both have done their half, from when both have the model. */
  private static double halves(String[] args) throws Exception {
    List<ChildJvm> processes = new ArrayList<>();
    for (int which = 0; which < 2; which++) {
      List<String> arguments = new ArrayList<>(List.of(args));
      arguments.add(String.valueOf(which));
      processes.add(
          ChildJvm.start(
              Path.of(args[0]).toAbsolutePath(),
              List.of(),
              Scale.class,
              arguments.toArray(String[]::new)));
    }
    for (ChildJvm each : processes) {
      each.until("ready");
    }
    return seconds(
        () -> {
          for (ChildJvm each : processes) {
            each.tell("go");
          }
          for (ChildJvm each : processes) {
            each.until("done");
          }
        });
  }

  private interface Measured {
    void run() throws Exception;
  }

  private static double seconds(Measured measured) throws Exception {
    long begun = System.nanoTime();
    measured.run();
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) / 1e3;
  }

  private static Subject subject(String[] args, Compute compute) {
    Checkpoint checkpoint = Checkpoint.open(Path.of(args[1]));
    return new Subject(
        "measured", checkpoint.sha256(), checkpoint, WeightProcessing.TRANSFORMER_LENS, compute);
  }

  private static Chunks chunks(Subject subject, int count) {
    Random random = new Random(SEED);
    int length = subject.config().context();
    return new Chunks(
        "random",
        length,
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    new Chunk(
                        i * length,
                        random.ints(length, 0, subject.config().vocabulary()).toArray()))
            .toList());
  }

  private static List<Intervention> heads(int every) {
    List<Head> all = Head.all(12, 12);
    return IntStream.range(0, all.size())
        .filter(i -> i % every == 0)
        .mapToObj(i -> Intervention.parse("zero(" + all.get(i) + ")"))
        .toList();
  }

  private static int bytes(Chunks chunks, List<Intervention> some) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new Share(0, 0, new Task.Losses(chunks.all(), some)));
    }
    return bytes.size();
  }
}
