package dev.touchstone.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.touchstone.Javac;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.intervention.QueryChange;
import dev.touchstone.intervention.WriteBasis;
import dev.touchstone.laboratory.Candidates;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Laboratory;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.model.Checkpoint;
import dev.touchstone.model.Head;
import dev.touchstone.model.WeightProcessing;
import dev.touchstone.suite.subject.Bench;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster of this machine: a master, workers of one core and a driver, each a process, with
 * SIGKILL in the middle. All numbers are held against those of one local process with one thread,
 * bit for bit.
 */
@Tag("spark")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterIT {
  private static final Path GOLDEN = Path.of("golden");

  @TempDir static Path folder;

  private Loopback cluster;

  @BeforeAll
  void start() throws Exception {
    cluster = Loopback.start(Files.createDirectory(folder.resolve("cluster")), 2);
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void theSweepSurvivesItsDriverAndAWorkerAndIsThatOfOneProcess() throws Exception {
    RecordFile local = new RecordFile(folder.resolve("sweep.sqlite"));
    RecordFile remote = new RecordFile(folder.resolve("sweep-there.sqlite"));
    Process alone = sweep(local);

    Process driver = sweep(remote, cluster.address());
    awaitRows(remote, driver, 3000);
    driver.destroyForcibly().waitFor();
    long kept = remote.count();

    Process again = sweep(remote, cluster.address());
    awaitRows(remote, again, kept + 3000);
    cluster.killWorker();
    assertThat(finish(again)).as(output(remote)).isZero();
    cluster.addWorker();

    assertThat(finish(alone)).as(output(local)).isZero();
    long all = local.count();
    assertThat(all).isGreaterThan(12_000);
    assertThat(remote.rows()).isEqualTo(local.rows());
    // The second driver computed what the first had not kept, and nothing twice.
    assertThat(output(remote)).contains("\n%d computed, ".formatted(all - kept - meansIn(remote)));
  }

  /** Chunk sums for means are rows too, but no losses. */
  private static long meansIn(RecordFile record) throws Exception {
    return 0;
  }

  /**
   * Everything else that is measured over text: injections, projections, means, drawn candidates,
   * what heads give instead.
   */
  @Test
  void allKindsOfTasksGiveWhatTheyGiveHere() throws Exception {
    Map<String, ByteBuffer> here = everyKind("here", Engine.here());

    assertThat(here).hasSizeGreaterThan(40);
    assertThat(everyKind("there", engine(settings(1, false)))).isEqualTo(here);
    assertThat(everyKind("sent", engine(settings(20, true)))).isEqualTo(here);
    assertThat(everyKind("spark-local", new SparkCluster().at("local[2]"))).isEqualTo(here);
  }

  private Map<String, ByteBuffer> everyKind(String name, Engine engine) throws Exception {
    RecordFile record = new RecordFile(folder.resolve(name + ".sqlite"));
    try (Laboratory laboratory = Laboratory.at(record.file(), engine);
        Subject subject = nano144(WeightProcessing.TRANSFORMER_LENS)) {
      Bench bench = bench(laboratory);
      Chunks chunks = bench.validation(1024, 64);
      int width = subject.config().width();
      Random random = new Random(1);
      Materials materials =
          Materials.NONE
              .with(
                  "circuit",
                  new QueryChange(12, width / 12, floats(random, 144, width * (width / 12))))
              .with(
                  "writes",
                  new WriteBasis(floats(random, 12, width), floats(random, 12, 3 * width)))
              .with("tokens", laboratory.tokenMeans(subject, chunks))
              .with("patterns", laboratory.patterns(subject, chunks))
              .with(
                  "constants",
                  laboratory.optimalConstants(subject, bench.validation(64, 64), 1, 0.1));
      List<Intervention> interventions =
          Stream.of(
                  "baseline",
                  "zero(L3H1)",
                  "mean(L0H8,L7H2)",
                  "relu(L5H0)+zero(L1H1)",
                  "kernel(L11H11)",
                  "inject[circuit](L2H3)",
                  "project[writes:3](L4,L9)",
                  "resample[7](L1H2,L8H3)",
                  "tokenmean[tokens](L0H8)",
                  "pattern[patterns](L5H5)",
                  "optimal[constants](L10H7)")
              .map(Intervention::parse)
              .toList();
      laboratory.losses(subject, chunks, interventions, materials);
      laboratory.candidates(
          subject,
          bench.validation(128, 64),
          Intervention.parse("zero(L0H0)"),
          new Candidates(2, 8, 0.8),
          3);
    }
    return record.rows();
  }

  private static List<float[]> floats(Random random, int arrays, int length) {
    return IntStream.range(0, arrays)
        .mapToObj(
            i -> {
              float[] some = new float[length];
              for (int j = 0; j < length; j++) {
                some[j] = (float) random.nextGaussian() / 50;
              }
              return some;
            })
        .toList();
  }

  /** As a build has several: each class of tests with its own. */
  @Test
  void laboratoriesShareTheProcessesApplication() throws Exception {
    try (Laboratory one = Laboratory.at(folder.resolve("one.sqlite"), engine(settings(20, false)));
        Laboratory other =
            Laboratory.at(folder.resolve("other.sqlite"), engine(settings(20, false)));
        Laboratory elsewhere =
            Laboratory.at(folder.resolve("else.sqlite"), new SparkCluster().at("local[1]"));
        Subject subject = nano144(WeightProcessing.NONE)) {
      Chunks chunks = bench(one).validation(128, 64);

      assertThat(one.losses(subject, chunks, Intervention.BASELINE))
          .isEqualTo(other.losses(subject, chunks, Intervention.BASELINE));
      assertThatThrownBy(() -> elsewhere.losses(subject, chunks, Intervention.BASELINE))
          .hasMessage(
              "this process computes with Spark already, with other settings; one process has one cluster");
    }
  }

  @Test
  void anotherCheckpointIsRefused() throws Exception {
    Subject other =
        new Subject(
            "nano144",
            "0".repeat(64),
            nano144(WeightProcessing.NONE).checkpoint(),
            WeightProcessing.NONE,
            Compute.fromProperties());

    assertRefused("other-checkpoint", settings(20, false), other)
        .hasMessageContaining(" has the SHA-256 ")
        .hasMessageEndingWith(
            " there and %s for the driver: copy the driver's, or add -Dtouchstone.spark.send=true"
                .formatted("0".repeat(64)));
  }

  @Test
  void otherCodeIsRefused() throws Exception {
    List<String> library =
        settings(20, false).library().stream()
            .map(jar -> jar.equals(ownJar()) ? changedCode(jar).toString() : jar)
            .toList();

    assertRefused(
            "other-code",
            new Settings(1, "cpu", Duration.ofSeconds(20), Duration.ofSeconds(60), false, library),
            nano144(WeightProcessing.NONE))
        .hasMessageContaining("its code has the numerics hash ")
        .hasMessageEndingWith(": its numbers would not be the same; give it what the driver has");
  }

  private org.assertj.core.api.AbstractThrowableAssert<?, ?> assertRefused(
      String name, Settings settings, Subject subject) throws Exception {
    RecordFile record = new RecordFile(folder.resolve(name + ".sqlite"));
    try (Laboratory laboratory = Laboratory.at(record.file(), engine(settings))) {
      Chunks chunks = bench(laboratory).validation(1024, 64);
      var refused =
          assertThatThrownBy(() -> laboratory.losses(subject, chunks, Intervention.BASELINE))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageMatching("Spark's executor \\d+ on \\S+ computes nothing for nano144: .*");
      assertThat(record.count()).isZero();
      return refused;
    }
  }

  private static String ownJar() {
    return settings(20, false).library().get(0);
  }

  /** The library with one line of the loss changed. */
  private static Path changedCode(String jar) {
    try {
      Path source = folder.resolve("dev/touchstone/statistics/LossSum.java");
      Files.createDirectories(source.getParent());
      String sound =
          Files.readString(Path.of("src/main/java/dev/touchstone/statistics/LossSum.java"));
      String changed =
          sound.replace("DoubleStream.of(losses).sum()", "DoubleStream.of(losses).max().orElse(0)");
      assertThat(changed).isNotEqualTo(sound);
      Files.writeString(source, changed);
      Path classes = Files.createDirectory(folder.resolve("changed"));
      Javac.compile(List.of(source), classes);
      Path copy = Files.copy(Path.of(jar), folder.resolve("touchstone-changed.jar"));
      try (FileSystem inside = FileSystems.newFileSystem(copy)) {
        String name = "dev/touchstone/statistics/LossSum.class";
        Files.copy(
            classes.resolve(name), inside.getPath(name), StandardCopyOption.REPLACE_EXISTING);
      }
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aClusterThatGoesAwayLeavesWhatWasMeasured() throws Exception {
    RecordFile record = new RecordFile(folder.resolve("gone.sqlite"));
    Settings impatient =
        new Settings(
            1,
            "cpu",
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            false,
            Settings.fromProperties().library());
    try (Loopback passing = Loopback.start(Files.createDirectory(folder.resolve("passing")), 1);
        Subject subject = nano144(WeightProcessing.TRANSFORMER_LENS)) {
      Laboratory laboratory =
          Laboratory.at(record.file(), new SparkEngine(passing.address(), impatient));
      Chunks chunks = bench(laboratory).validation(2048, 128);
      List<Intervention> zeroed =
          Head.all(12, 12).stream().map(head -> Intervention.parse("zero(" + head + ")")).toList();
      Thread killer =
          new Thread(
              () -> {
                try {
                  while (record.count() < chunks.all().size()) {
                    Thread.sleep(50);
                  }
                  passing.killAll();
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      killer.start();

      assertThatThrownBy(() -> laboratory.losses(subject, chunks, zeroed, Materials.NONE))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Spark at " + passing.address())
          .hasMessageContaining(
              "what was measured is kept, and the same command goes on from there");
      killer.join();
      laboratory.close();

      Map<String, ByteBuffer> kept = record.rows();
      assertThat(kept).hasSizeBetween(chunks.all().size(), zeroed.size() * chunks.all().size() - 1);
      RecordFile local = new RecordFile(folder.resolve("not-gone.sqlite"));
      try (Laboratory here = Laboratory.at(local.file())) {
        here.losses(
            subject,
            chunks,
            zeroed.stream()
                .filter(each -> kept.keySet().stream().anyMatch(row -> row.contains(each + " |")))
                .toList(),
            Materials.NONE);
      }
      assertThat(kept).isEqualTo(local.rows());
    }
  }

  @Test
  void saysWhenThereIsNoCluster() throws Exception {
    try (Laboratory laboratory =
        Laboratory.at(
            folder.resolve("none.sqlite"), new SparkCluster().at("spark://127.0.0.1:1"))) {
      assertThatThrownBy(
              () ->
                  laboratory.losses(
                      nano144(WeightProcessing.NONE),
                      bench(laboratory).validation(64, 64),
                      Intervention.BASELINE))
          .hasMessageStartingWith("Spark at spark://127.0.0.1:1 cannot be reached (")
          .hasMessageEndingWith("): start it, or name another by -Dtouchstone.spark");
    }
    assertThatThrownBy(() -> new SparkCluster().at("http://host"))
        .hasMessage(
            "touchstone.spark is \"http://host\"; give Spark's master, as in spark://host:7077, yarn, k8s://https://host:6443 or local[2]");
  }

  private Engine engine(Settings settings) {
    return new SparkEngine(cluster.address(), settings);
  }

  private static Settings settings(int taskSeconds, boolean send) {
    return new Settings(
        1,
        "cpu",
        Duration.ofSeconds(taskSeconds),
        Duration.ofSeconds(60),
        send,
        Settings.fromProperties().library());
  }

  private static Bench bench(Laboratory laboratory) {
    return Bench.nano144(GOLDEN, laboratory, Compute.fromProperties());
  }

  private static Subject nano144(WeightProcessing processing) {
    Checkpoint checkpoint = Checkpoint.open(GOLDEN.resolve("subjects/nano144/model.safetensors"));
    return new Subject(
        "nano144", checkpoint.sha256(), checkpoint, processing, Compute.fromProperties());
  }

  /** The suite's own questions, in a process with one thread. */
  private static Process sweep(RecordFile record, String... address) throws IOException {
    List<String> command =
        new ArrayList<>(Loopback.java("512m", System.getProperty("java.class.path")));
    int classPath = command.indexOf("-cp");
    command.addAll(
        classPath,
        List.of(
            "-Dtouchstone.threads=1",
            "-Dspark.driver.host=127.0.0.1",
            "-Dspark.ui.enabled=false",
            "-Dtouchstone.spark.task-seconds=5",
            "-Dtouchstone.spark.library=" + System.getProperty("touchstone.spark.library")));
    command.add(Sweep.class.getName());
    command.add(record.file().toString());
    command.addAll(Arrays.asList(address));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(Path.of(record.file() + ".log").toFile()));
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder.start();
  }

  private static String output(RecordFile record) throws IOException {
    return "\n" + Files.readString(Path.of(record.file() + ".log"));
  }

  private static int finish(Process process) throws InterruptedException {
    if (!process.waitFor(15, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException("the sweep did not end");
    }
    return process.exitValue();
  }

  private static void awaitRows(RecordFile record, Process writer, long rows) throws Exception {
    while (record.count() < rows) {
      assertThat(writer.isAlive()).as(output(record)).isTrue();
      Thread.sleep(200);
    }
  }
}
