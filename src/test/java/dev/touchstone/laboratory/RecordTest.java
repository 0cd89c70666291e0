package dev.touchstone.laboratory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.touchstone.Seeds;
import dev.touchstone.corpus.Chunks;
import dev.touchstone.intervention.Intervention;
import dev.touchstone.intervention.Materials;
import dev.touchstone.statistics.LossSum;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What becomes of a laboratory's record when its file, its disk or its folder is at fault. */
class RecordTest {
  private static final Chunks CHUNKS = SmallGpt2.chunks(5);
  private static final List<Intervention> INTERVENTIONS =
      Stream.of("baseline", "zero(L0H0)", "mean(L1H1)").map(Intervention::parse).toList();

  private final Subject subject = SmallGpt2.subject();
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream standardError = System.err;

  @TempDir Path folder;

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void close() {
    System.setErr(standardError);
    subject.close();
  }

  private String said() {
    return said.toString(StandardCharsets.UTF_8);
  }

  private Path record() {
    return folder.resolve("laboratory.sqlite");
  }

  private Map<Intervention, List<LossSum>> measure(Laboratory laboratory) {
    return laboratory.losses(subject, CHUNKS, INTERVENTIONS, Materials.NONE);
  }

  private Map<Intervention, List<LossSum>> measure() {
    try (Laboratory laboratory = Laboratory.at(record())) {
      return measure(laboratory);
    }
  }

  /** What a killed run leaves: a database, and in its log all that was measured. */
  private Map<Intervention, List<LossSum>> measureAndKill() throws IOException {
    Path running = folder.resolve("running");
    Laboratory.at(running).close();
    try (Laboratory laboratory = Laboratory.at(running)) {
      Map<Intervention, List<LossSum>> losses = measure(laboratory);
      Files.copy(running, record());
      Files.copy(folder.resolve("running-wal"), folder.resolve("laboratory.sqlite-wal"));
      return losses;
    }
  }

  private Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        files.put(
            file.getFileName().toString(), Arrays.hashCode(Files.readAllBytes(file)) + " as bytes");
      }
    }
    return files;
  }

  /** An index of the log that cannot be made is what a full disk leads to. */
  @Test
  void leavesTheLogOfAKilledRunAloneWhenItCannotBeOpened() throws IOException {
    Map<Intervention, List<LossSum>> losses = measureAndKill();
    Path index = folder.resolve("laboratory.sqlite-shm");
    Files.createSymbolicLink(index, folder.resolve("nowhere"));
    Map<String, String> before = files();

    assertThatThrownBy(() -> Laboratory.at(record()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the laboratory's record " + record() + " cannot be used")
        .hasMessageContaining("was left as it is")
        .hasMessageContaining("run again");

    assertThat(files()).isEqualTo(before);
    Files.delete(index);
    try (Laboratory laboratory = Laboratory.at(record())) {
      assertThat(measure(laboratory)).isEqualTo(losses);
      assertThat(laboratory.computed()).isZero();
    }
  }

  @Test
  void setsADamagedDatabaseAsideWithItsLog() throws IOException {
    Map<Intervention, List<LossSum>> losses = measureAndKill();
    byte[] content = Files.readAllBytes(record());
    Arrays.fill(content, 0, 100, (byte) 'x');
    Files.write(record(), content);
    Map<String, String> before = files();

    assertThat(measure()).isEqualTo(losses);

    Map<String, String> after = files();
    String aside =
        after.keySet().stream()
            .filter(name -> name.matches("laboratory.sqlite.damaged-\\d+"))
            .findFirst()
            .orElseThrow();
    assertThat(after.get(aside)).isEqualTo(before.get("laboratory.sqlite"));
    assertThat(after.get(aside + "-wal")).isEqualTo(before.get("laboratory.sqlite-wal"));
    assertThat(said()).contains("is damaged").contains(aside);
  }

  @Test
  void leavesAFolderInItsPlaceAlone() throws IOException {
    Path inside = Files.createDirectory(record()).resolve("mine.txt");
    Files.writeString(inside, "mine");

    assertThatThrownBy(() -> Laboratory.at(record()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(record() + " cannot be used");

    assertThat(inside).hasContent("mine");
  }

  /** SQLite ends the transaction itself, and then complains of whoever would take it back. */
  @Test
  void saysThatADiskIsFullAndKeepsWhatItHas() throws SQLException {
    Map<Long, double[]> small = Map.of(1L, new double[] {2});
    SQLiteConfig full = new SQLiteConfig();
    full.setMaxPageCount(8);
    try (Store store = Store.connect(record(), full, InstantSource.system())) {
      store.record("before", small);
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> store.record("large", Map.of(1L, new double[10_000])))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("the laboratory's record " + record() + " cannot be used")
            .hasMessageContaining("database or disk is full")
            .hasMessageEndingWith("see that its disk works and has room, then run again");
        assertThat(store.numbers("large")).isEmpty();
      }
      store.record("after", small);
    }

    try (Store store = Store.open(record())) {
      assertThat(store.numbers("before")).containsOnlyKeys(1L);
      assertThat(store.numbers("after")).containsOnlyKeys(1L);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "#",
        "%",
        "%41",
        "?",
        "?mode=memory",
        "&",
        "a b",
        "ü€😀",
        "'",
        ":memory:",
        "file:x",
        "a#b%c?d&e=f"
      })
  void isKeptUnderAnyName(String name) throws IOException {
    for (Path record : List.of(folder.resolve(name + ".sqlite"), folder.resolve(name + "/x"))) {
      try (Store store = Store.open(record)) {
        store.record("a run", Map.of(1L, new double[] {2}));
      }

      assertThat(record).isRegularFile().isNotEmptyFile();
      try (Store store = Store.open(record)) {
        assertThat(store.numbers("a run")).containsOnlyKeys(1L);
      }
    }
  }

  @Test
  void saysWhereNoFolderCanBeMade() throws IOException {
    Path file = Files.createFile(folder.resolve("cache"));

    assertThatThrownBy(() -> Laboratory.at(file.resolve("laboratory.sqlite")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("laboratory.sqlite cannot be made or read (" + file + ": ")
        .hasMessageEndingWith("name a file in a folder that this user may write");
  }

  /** As in a folder of another user, or on a disk that can only be read. */
  @ParameterizedTest
  @ValueSource(strings = {"laboratory.sqlite", "no/such/folder/laboratory.sqlite"})
  void measuresWithoutKeepingWhereNoneCanBeBegun(String name) {
    Path record = folder.resolve(name);
    try (Store store = Store.open(record, path -> false, InstantSource.system())) {
      assertThat(said()).isEmpty();
      for (long part = 1; part <= 2; part++) {
        store.record("new", Map.of(part, new double[] {2}));
      }
      assertThat(store.numbers("new")).containsOnlyKeys(1L, 2L);
    }

    assertThat(folder).isEmptyDirectory();
    assertThat(said())
        .isEqualTo(
            record
                + " cannot be made: what is measured is not kept for the next run"
                + System.lineSeparator());
  }

  /** What is set aside keeps its name, whatever the time is said to be. */
  @Test
  void setsAsideMoreThanOneInAMomentThatComesTwice() throws IOException {
    InstantSource stopped = InstantSource.fixed(Instant.parse("2026-11-26T00:00:00Z"));
    for (int i = 0; i < 3; i++) {
      Files.writeString(record(), ("no database, " + i).repeat(100));
      Store.open(record(), path -> true, stopped).close();
    }

    assertThat(files().keySet())
        .filteredOn(name -> name.contains("damaged"))
        .hasSize(3)
        .allMatch(name -> name.matches("laboratory.sqlite.damaged-17956\\d+"));
  }

  /** When a run was begun is kept for people; nothing is decided by it. */
  @Test
  void keepsWhatIsMeasuredBeforeTheClockIsSetBack() throws IOException {
    Instant now = Instant.parse("2026-11-26T00:00:00Z");
    for (int i = 0; i < 2; i++) {
      Instant moment = now.minus(Duration.ofDays(400L * i));
      try (Store store = Store.open(record(), path -> true, InstantSource.fixed(moment))) {
        store.record("run " + i, Map.of(1L, new double[] {i}));
      }
    }

    try (Store store = Store.open(record())) {
      assertThat(store.numbers("run 0")).containsOnlyKeys(1L);
      assertThat(store.numbers("run 1")).containsOnlyKeys(1L);
    }
  }

  @ParameterizedTest
  @EnumSource(SQLiteErrorCode.class)
  void takesOnlyBrokenContentForDamage(SQLiteErrorCode code) {
    assertThat(Store.damage(new SQLiteException("", code)))
        .isEqualTo(code.name().matches("SQLITE_(CORRUPT|NOTADB).*"));
  }

  @Test
  void usesWhatIsKeptWhereNothingCanBeWritten() throws IOException {
    Map<Intervention, List<LossSum>> losses = measureAndKill();
    Map<String, String> before = files();

    try (Store store = Store.open(record(), path -> false, InstantSource.system())) {
      store.record("new", Map.of(1L, new double[] {2}));
      assertThat(store.numbers("new")).containsOnlyKeys(1L);
    }

    assertThat(files()).isEqualTo(before);
    assertThat(said())
        .containsOnlyOnce(
            record() + " cannot be written: what it holds is used, and nothing new is kept");
    try (Store store =
            Store.open(
                record(), path -> !path.equals(folder.toAbsolutePath()), InstantSource.system());
        Laboratory laboratory = Laboratory.at(record())) {
      assertThat(store.numbers("new")).isEmpty();
      assertThat(measure(laboratory)).isEqualTo(losses);
      assertThat(laboratory.computed()).isZero();
    }
  }

  @Test
  void usesWhatIsKeptInAFolderOfAnotherUser() throws IOException {
    Map<Intervention, List<LossSum>> losses = measure();
    Files.setPosixFilePermissions(record(), PosixFilePermissions.fromString("r--r--r--"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      assumeFalse(Files.isWritable(record()), "this user may write everything");
      try (Laboratory laboratory = Laboratory.at(record())) {
        assertThat(measure(laboratory)).isEqualTo(losses);
        assertThat(laboratory.computed()).isZero();
        laboratory.losses(subject, CHUNKS, Intervention.parse("zero(L1H2)"));
        assertThat(laboratory.computed()).isEqualTo(5);
      }
    } finally {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void measuresADamagedRowAgainAndReplacesIt() throws IOException {
    Map<Intervention, List<LossSum>> losses = measure();
    byte[] content = Files.readAllBytes(record());
    for (Intervention intervention : INTERVENTIONS.subList(0, 2)) {
      content[find(content, losses.get(intervention).get(3).sum()) + 1] ^= 1;
    }
    Files.write(record(), content);

    try (Laboratory laboratory = Laboratory.at(record())) {
      assertThat(measure(laboratory)).isEqualTo(losses);
      assertThat(laboratory.computed()).isEqualTo(10);
    }

    assertThat(said()).contains(record() + ": 1 of 5 rows of ").contains(" | zero(L0H0) | ");
    try (Laboratory laboratory = Laboratory.at(record())) {
      assertThat(measure(laboratory)).isEqualTo(losses);
      assertThat(laboratory.computed()).isZero();
    }
  }

  /** Every byte around the numbers, where keys and checksums lie, and some of all others. */
  @Test
  void givesNoWrongNumberWhicheverBitIsFlipped() throws IOException {
    Random random = new Random(Seeds.seed("RecordTest"));
    Map<String, Map<Long, double[]>> kept = new TreeMap<>();
    for (String run : List.of("one run", "another run")) {
      Map<Long, double[]> numbers = new TreeMap<>();
      random
          .longs(8)
          .forEach(p -> numbers.put(p, random.doubles(1 + numbers.size() % 3).toArray()));
      kept.put(run, numbers);
    }
    try (Store store = Store.open(record())) {
      kept.forEach(store::record);
    }
    byte[] intact = Files.readAllBytes(record());
    Set<Integer> places = new TreeSet<>();
    for (double[] numbers : kept.values().stream().flatMap(run -> run.values().stream()).toList()) {
      int found = find(intact, numbers[0]);
      IntStream.range(found - 20, Math.min(found + 8 * numbers.length + 8, intact.length))
          .forEach(places::add);
    }
    random.ints(300, 0, intact.length).forEach(places::add);

    for (int place : places) {
      byte[] flipped = intact.clone();
      flipped[place] ^= (byte) (1 << random.nextInt(8));
      clear();
      Files.write(record(), flipped);
      try (Store store = Store.open(record())) {
        for (var run : kept.entrySet()) {
          store
              .numbers(run.getKey())
              .forEach(
                  (part, numbers) ->
                      assertThat(numbers)
                          .as("after a flip at %d", place)
                          .isEqualTo(run.getValue().get(part)));
        }
      } catch (IllegalStateException refused) {
        assertThat(refused).hasMessageContaining("the laboratory's record " + record());
      }
    }

    assertThat(said()).containsPattern("1 of 8 rows of \"(one|another) run\" are damaged");
  }

  private static int find(byte[] bytes, double number) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    for (int i = 0; i <= bytes.length - Double.BYTES; i++) {
      if (buffer.getDouble(i) == number) {
        return i;
      }
    }
    throw new AssertionError(number + " is not in the file as it is");
  }

  private void clear() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(
          file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** Its numbers have no checksum, so they are neither believed nor taken from it. */
  @Test
  void leavesWhatAnEarlierVersionMeasured() throws SQLException {
    try (Connection earlier = DriverManager.getConnection("jdbc:sqlite:" + record());
        Statement statement = earlier.createStatement()) {
      statement.execute(
          "CREATE TABLE run (id INTEGER PRIMARY KEY, description TEXT NOT NULL UNIQUE,"
              + " begun TEXT NOT NULL)");
      statement.execute("INSERT INTO run VALUES (1, 'a run', 'then')");
      statement.execute(
          "CREATE TABLE loss (run INTEGER NOT NULL REFERENCES run, start INTEGER NOT NULL,"
              + " sum REAL NOT NULL, count INTEGER NOT NULL,"
              + " PRIMARY KEY (run, start)) WITHOUT ROWID");
      statement.execute("INSERT INTO loss VALUES (1, 0, 2.5, 15)");
    }

    try (Store store = Store.open(record())) {
      assertThat(store.numbers("a run")).isEmpty();
    }
    measure();

    try (Connection earlier = DriverManager.getConnection("jdbc:sqlite:" + record());
        Statement statement = earlier.createStatement();
        ResultSet kept = statement.executeQuery("SELECT sum FROM loss")) {
      assertThat(kept.getDouble(1)).isEqualTo(2.5);
    }
  }
}
