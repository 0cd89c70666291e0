package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.touchstone.ChildJvm;
import dev.touchstone.Seeds;
import dev.touchstone.laboratory.MeasuringRun.Work;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of a record when the process that measures is killed, has company, or runs out of
 * disk: {@code docs/reliability.md} has the figures.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledAndStarvedIT {
  /** How often the measuring process is killed. */
  private static final int KILLS = Integer.getInteger("reliability.kills", 20);

  /** How often each page is damaged in each way. */
  private static final int DAMAGES = Integer.getInteger("reliability.damages", 1);

  /** A kill comes within this part of the time that everything takes, so that many are needed. */
  private static final int PARTS = 6;

  private static final int PAGE = 4096;
  private static final int DATABASE_HEADER = 100;
  private static final int TABLES = 500;
  private static final int LOG_HEADER = 32;
  private static final int FRAME = 24 + PAGE;

  private final long seed = Seeds.seed("KilledAndStarvedIT");

  @TempDir private static Path shared;

  /** What runs that nobody disturbed have left. */
  private final Map<Work, Map<String, String>> undisturbed = new EnumMap<>(Work.class);

  private final PrintStream standardError = System.err;
  private long nanos;

  @BeforeAll
  void measureUndisturbed() throws Exception {
    for (Work work : Work.values()) {
      Path record = shared.resolve(work + ".sqlite");
      try (ChildJvm run = start(shared, work).until(MeasuringRun.READY)) {
        long begun = System.nanoTime();
        assertThat(finished(run, record)).startsWith("computed ").endsWith(" reused 0");
        nanos = work == Work.NANO144 ? System.nanoTime() - begun : nanos;
      }
      undisturbed.put(work, rows(record));
    }
  }

  @AfterEach
  void listenAgain() {
    System.setErr(standardError);
  }

  @Test
  void keepsEveryLossWheneverItIsKilled(@TempDir Path folder) throws Exception {
    Random random = new Random(seed);
    Deque<ChildJvm> waiting = new ArrayDeque<>();
    Map<String, String> kept = Map.of();
    Path record = folder.resolve("0.sqlite");
    int killed = 0;
    int whole = 0;
    int grown = 0;
    long confirmed = 0;
    try {
      while (killed < KILLS) {
        // Starting takes longest, so that one starts while another measures.
        while (waiting.size() < 2) {
          waiting.add(start(folder, Work.NANO144));
        }
        long moment = (long) (random.nextDouble() * nanos / PARTS);
        try (ChildJvm run = waiting.remove().until(MeasuringRun.READY)) {
          run.tell(record.toString());
          TimeUnit.NANOSECONDS.sleep(moment);
          run.kill();
          // A kill may cut the last line.
          List<String> said = run.rest().filter(line -> line.endsWith(" .")).toList();
          boolean dead = run.end() == ChildJvm.KILLED;
          String when =
              "kill %d after %.3f s; %s".formatted(killed + 1, moment / 1e9, Seeds.say(seed));
          Map<String, String> now = rows(copy(record, folder.resolve("seen/record.sqlite")));
          assertThat(run.complaints()).as(when).isEmpty();
          assertThat(now.entrySet()).as(when).containsAll(kept.entrySet());
          assertThat(undisturbed.get(Work.NANO144).entrySet()).as(when).containsAll(now.entrySet());
          assertThat(answers(now)).as(when).containsAll(said);
          grown += now.size() > kept.size() ? 1 : 0;
          kept = now;
          confirmed += said.size();
          killed += dead ? 1 : 0;
          if (!dead) {
            assertThat(now).as(when).isEqualTo(undisturbed.get(Work.NANO144));
            whole++;
            kept = Map.of();
            record = folder.resolve(whole + ".sqlite");
          }
        }
      }
      try (ChildJvm run = waiting.remove().until(MeasuringRun.READY)) {
        String last = finished(run, record);
        assertThat(rows(record)).as(Seeds.say(seed)).isEqualTo(undisturbed.get(Work.NANO144));
        assertThat(grown).as("kills that found more kept than the one before").isPositive();
        System.out.printf(
            "%d kills, each within %.2f s of a start: %d found more kept than the one before, %d"
                + " records became whole; %d answers given before a kill were kept; the last run"
                + " %s; %s%n",
            killed, nanos / 1e9 / PARTS, grown, whole + 1, confirmed, last, Seeds.say(seed));
      }
    } finally {
      waiting.forEach(ChildJvm::close);
    }
  }

  @Test
  void givesNoWrongNumberWhicheverPageIsDamaged(@TempDir Path folder) throws Exception {
    Path killed = folder.resolve("killed/laboratory.sqlite");
    Files.createDirectories(killed.getParent());
    killAfter(12, killed, folder);
    Store.open(killed).close();
    killAfter(13, killed, folder);
    Path closed = copy(killed, folder.resolve("closed/laboratory.sqlite"));
    Map<String, String> kept = rows(closed);
    assertThat(undisturbed.get(Work.SMALL).entrySet()).containsAll(kept.entrySet());

    Random random = new Random(seed);
    System.setErr(new PrintStream(OutputStream.nullOutputStream()));
    Path damaged = folder.resolve("damaged/laboratory.sqlite");
    Damages ofKilled = new Damages(killed, damaged, numbers(kept));
    Damages ofClosed = new Damages(closed, damaged, numbers(kept));
    for (int times = 0; times < DAMAGES; times++) {
      ofKilled.everyPage("", 0, PAGE, random);
      ofKilled.everyPage("-wal", LOG_HEADER, FRAME, random);
      ofClosed.everyPage("", 0, PAGE, random);
      // All that SQLite knows of the file itself, and some of what it knows of its tables.
      for (int place = 0; place < DATABASE_HEADER; place++) {
        ofClosed.flip("", place, random);
        ofClosed.flip("", PAGE - 1 - random.nextInt(TABLES), random);
      }
    }
    System.out.printf("killed: %s%nclosed: %s%n%s%n", ofKilled, ofClosed, Seeds.say(seed));
  }

  private static void killAfter(int steps, Path record, Path folder) throws Exception {
    try (ChildJvm run = start(folder, Work.SMALL, Integer.toString(steps))) {
      run.until(MeasuringRun.READY).tell(record.toString()).until(MeasuringRun.HOLDING).kill();
      assertThat(run.end()).isEqualTo(ChildJvm.KILLED);
    }
  }

  /** Damages copies of a record, one at a time, and counts what becomes of them. */
  private final class Damages {
    private final Path intact;
    private final Path damaged;
    private final Map<String, Map<Long, double[]>> numbers;
    private final Map<String, Integer> outcomes = new TreeMap<>();

    Damages(Path intact, Path damaged, Map<String, Map<Long, double[]>> numbers) {
      this.intact = intact;
      this.damaged = damaged;
      this.numbers = numbers;
    }

    void everyPage(String suffix, int header, int page, Random random) throws Exception {
      long size = Files.size(beside(intact, suffix));
      assertThat(size).as("of the record" + suffix).isGreaterThan(10L * page);
      for (int place = 0; place < header; place++) {
        flip(suffix, place, random);
      }
      for (long from = header; from < size; from += page) {
        flip(suffix, from + random.nextInt(page), random);
        truncate(suffix, from);
        truncate(suffix, from + random.nextInt(page));
      }
    }

    void flip(String suffix, long place, Random random) throws Exception {
      byte bit = (byte) (1 << random.nextInt(Byte.SIZE));
      look(
          suffix,
          content -> {
            if (place < content.length) {
              content[(int) place] ^= bit;
            }
            return content;
          },
          "bit %d flipped at %d of the record%s".formatted(bit, place, suffix));
    }

    void truncate(String suffix, long size) throws Exception {
      look(
          suffix,
          content -> Arrays.copyOf(content, (int) Math.min(size, content.length)),
          "the record%s cut at %d".formatted(suffix, size));
    }

    /** Opens it, compares whatever it gives, records what it lacks, and opens it again. */
    private void look(String suffix, UnaryOperator<byte[]> damage, String what) throws Exception {
      copy(intact, damaged);
      Path file = beside(damaged, suffix);
      Files.write(file, damage.apply(Files.readAllBytes(file)));
      String as = what + "; " + Seeds.say(seed);
      String outcome = "given whole";
      try (Store store = Store.open(damaged)) {
        outcome = lacking(store, as) ? "measured again in part" : outcome;
      } catch (IllegalStateException e) {
        assertThat(e).as(as).hasMessageStartingWith("the laboratory's record " + damaged);
        outcome = "refused once with a sentence";
        System.out.println(as + ": " + e.getMessage());
        try (Store store = Store.open(damaged)) {
          lacking(store, as);
        }
      }
      if (!outcome.equals("given whole")) {
        try (Store store = Store.open(damaged)) {
          assertThat(lacking(store, as)).as(as).isFalse();
        }
      }
      try (Stream<Path> files = Files.list(damaged.getParent())) {
        if (files.anyMatch(each -> each.getFileName().toString().contains(".damaged-"))) {
          outcome = "set aside";
        }
      }
      outcomes.merge("record" + suffix + " " + outcome, 1, Integer::sum);
    }

    private boolean lacking(Store store, String as) {
      boolean lacking = false;
      for (var run : numbers.entrySet()) {
        Map<Long, double[]> given = store.numbers(run.getKey());
        given.forEach(
            (part, number) -> {
              // AssertJ would take most of the test's time.
              if (!Arrays.equals(number, run.getValue().get(part))) {
                fail("%s: a wrong number of part %d of %s", as, part, run.getKey());
              }
            });
        if (given.size() < run.getValue().size()) {
          lacking = true;
          store.record(run.getKey(), run.getValue());
        }
      }
      return lacking;
    }

    @Override
    public String toString() {
      return outcomes.toString();
    }
  }

  @ParameterizedTest
  @EnumSource(Work.class)
  void isSharedByTwoSuitesAtOnce(Work work, @TempDir Path folder) throws Exception {
    Path record = folder.resolve("cache/laboratory.sqlite");
    boolean damaged = work == Work.SMALL;
    if (damaged) {
      Files.createDirectory(record.getParent());
      Files.writeString(record, "no database, though it lies where one should".repeat(100));
    }
    try (ChildJvm one = start(folder, work);
        ChildJvm other = start(folder, work)) {
      one.until(MeasuringRun.READY);
      other.until(MeasuringRun.READY).tell(record.toString());
      String first = finished(one, record);
      String last = other.rest().reduce("", (earlier, line) -> line);
      assertThat(other.end()).as(other.complaints()).isZero();
      assertThat(rows(record)).isEqualTo(undisturbed.get(work));
      assertThat(one.complaints() + other.complaints())
          .matches(damaged ? "[^\n]* is damaged [^\n]* measured again\n" : "");
      System.out.printf("two at once: one %s, the other %s%n", first, last);
    }
    try (Stream<Path> files = Files.list(record.getParent())) {
      assertThat(files).hasSize(damaged ? 2 : 1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "READ_ONLY")
  void saysThatTheDiskIsFullAndGoesOnWhereThereIsRoom(Starved starved, @TempDir Path folder)
      throws Exception {
    Path record = folder.resolve("cache/laboratory.sqlite");
    List<String> said;
    try (ChildJvm run = starved.start(record, folder)) {
      said = run.until(MeasuringRun.READY).tell(record.toString()).rest().toList();
      assertThat(run.end()).as(run.complaints()).isEqualTo(MeasuringRun.REFUSED);
      assertThat(run.complaints())
          .matches(
              ("the laboratory's record %s cannot be used \\([^\n]*\\), and was left as it is: "
                      + "see that its disk works and has room, then run again\n")
                  .formatted(record));
    }
    Path left = starved.left(record);
    Map<String, String> kept = rows(copy(left, folder.resolve("seen/record.sqlite")));
    assertThat(answers(kept)).hasSizeGreaterThan(100).containsAll(said);
    try (ChildJvm run = start(folder, Work.SMALL).until(MeasuringRun.READY)) {
      String next = finished(run, left);
      assertThat(next).doesNotEndWith(" reused 0");
      System.out.printf("%s: %d rows were kept, and the next run %s%n", starved, kept.size(), next);
    }
    assertThat(rows(left)).isEqualTo(undisturbed.get(Work.SMALL));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void measuresWithoutKeepingWhereNothingCanBeWritten(boolean before, @TempDir Path folder)
      throws Exception {
    Path record = folder.resolve("cache/laboratory.sqlite");
    String complaint = " cannot be made: what is measured is not kept for the next run\n";
    if (before) {
      copy(shared.resolve(Work.SMALL + ".sqlite"), record);
      execute(record, "DELETE FROM measured WHERE part % 2 = 0");
      complaint = " cannot be written: what it holds is used, and nothing new is kept\n";
    }
    try (ChildJvm run = Starved.READ_ONLY.start(record, folder)) {
      List<String> said = run.until(MeasuringRun.READY).tell(record.toString()).rest().toList();
      assertThat(run.end()).as(run.complaints()).isZero();
      assertThat(run.complaints()).isEqualTo(record + complaint);
      assertThat(said.get(said.size() - 1)).doesNotContain("computed 0");
      assertThat(said.subList(0, said.size() - 1))
          .containsExactlyInAnyOrderElementsOf(answers(undisturbed.get(Work.SMALL)));
    }
    try (Stream<Path> files = Files.list(record.getParent())) {
      assertThat(files).hasSize(before ? 1 : 0);
    }
  }

  /** What a process may lack on its disk. */
  private enum Starved {
    /** A file system of its own, too small for all that is measured. */
    SMALL_DISK(
        """
        mount -t tmpfs -o size=1m tmpfs "$0" || exit
        "$@"
        code=$?
        cp -r "$0/." "$0-left"
        exit $code
        """),

    /** No file of more kilobytes, of which SQLite's library takes most. */
    QUOTA("ulimit -f 2048 && exec \"$@\""),

    READ_ONLY(
        """
        mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"
        """);

    private final String script;

    Starved(String script) {
      this.script = script;
    }

    private List<String> command(Path cache) {
      List<String> shell = List.of("bash", "-c", script, cache.toString());
      return this == QUOTA
          ? shell
          : Stream.concat(
                  Stream.of("unshare", "--user", "--map-root-user", "--mount"), shell.stream())
              .toList();
    }

    ChildJvm start(Path record, Path folder) throws Exception {
      Path cache = Files.createDirectories(record.getParent());
      Path trial = Files.createDirectory(folder.resolve("trial"));
      List<String> nothing = new ArrayList<>(command(trial));
      nothing.add("true");
      assumeTrue(succeeds(nothing), this + " cannot be had here: " + nothing);
      return KilledAndStarvedIT.start(folder, command(cache), Work.SMALL);
    }

    private static boolean succeeds(List<String> command) throws InterruptedException {
      try {
        return new ProcessBuilder(command).start().waitFor() == 0;
      } catch (IOException noSuchProgram) {
        return false;
      }
    }

    /** Where the record lies afterwards. */
    Path left(Path record) {
      return this == SMALL_DISK
          ? beside(record.getParent(), "-left").resolve(record.getFileName())
          : record;
    }
  }

  private static ChildJvm start(Path folder, Work work, String... more) throws IOException {
    return start(folder, List.of(), work, more);
  }

  private static ChildJvm start(Path folder, List<String> wrapper, Work work, String... more)
      throws IOException {
    Stream<String> arguments =
        Stream.of(work.name(), folder.resolve("ready-" + UUID.randomUUID()).toString());
    return ChildJvm.start(
        folder,
        wrapper,
        MeasuringRun.class,
        Stream.concat(arguments, Arrays.stream(more)).toArray(String[]::new));
  }

  /** Lets a run that is ready measure to its end, and gives its last line. */
  private static String finished(ChildJvm run, Path record) throws Exception {
    String last = run.tell(record.toString()).rest().reduce("", (earlier, line) -> line);
    assertThat(run.end()).as(run.complaints()).isZero();
    return last;
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  /** Copies what there is of a record to where nothing else lies. */
  private static Path copy(Path record, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    try (Stream<Path> earlier = Files.list(to.getParent())) {
      for (Path file : earlier.toList()) {
        Files.delete(file);
      }
    }
    for (String suffix : List.of("", "-wal", "-shm")) {
      if (Files.exists(beside(record, suffix))) {
        Files.copy(beside(record, suffix), beside(to, suffix));
      }
    }
    return to;
  }

  private static Connection connection(Path record) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + record);
  }

  private static void execute(Path record, String sql) throws SQLException {
    try (Connection connection = connection(record);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** All that a record holds: by run and part the numbers' bytes and their checksum. */
  private static Map<String, String> rows(Path record) throws SQLException {
    Store.open(record).close();
    Map<String, String> rows = new TreeMap<>();
    try (Connection connection = connection(record);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT description, part, hex(numbers), checksum"
                    + " FROM measured JOIN run ON id = run")) {
      while (row.next()) {
        rows.put(row.getString(1) + "\t" + row.getLong(2), row.getString(3) + " " + row.getLong(4));
      }
    }
    return rows;
  }

  /** The losses among them as {@link MeasuringRun} says them. */
  private static List<String> answers(Map<String, String> rows) {
    return rows.entrySet().stream()
        .filter(row -> row.getKey().matches("([^|]*\\| ){3}\\w+\\(L\\d+H\\d+\\) \\|.*"))
        .map(
            row -> {
              String[] run = row.getKey().split(" \\| |\t");
              return String.join(
                  " ",
                  MeasuringRun.KEPT,
                  run[3],
                  run[run.length - 1],
                  row.getValue().split(" ")[0],
                  ".");
            })
        .toList();
  }

  private static Map<String, Map<Long, double[]>> numbers(Map<String, String> rows) {
    Map<String, Map<Long, double[]>> numbers = new TreeMap<>();
    rows.forEach(
        (row, value) -> {
          String[] run = row.split("\t");
          ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(value.split(" ")[0]));
          double[] number = new double[bytes.capacity() / Double.BYTES];
          bytes.asDoubleBuffer().get(number);
          numbers
              .computeIfAbsent(run[0], any -> new TreeMap<>())
              .put(Long.parseLong(run[1]), number);
        });
    return numbers;
  }
}
