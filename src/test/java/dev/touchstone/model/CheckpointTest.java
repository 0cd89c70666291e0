package dev.touchstone.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.touchstone.runtime.Sha256;
import dev.touchstone.suite.training.SafetensorsWriter;
import dev.touchstone.suite.training.SafetensorsWriter.Precision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  @TempDir private Path folder;

  @Test
  void whatWasWrittenIsRead() throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (NDManager manager = NDManager.newBaseManager()) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put(
          "wte.weight", manager.create(new float[] {1, -2, 3.5f, 0, -0f, 1e-30f}, new Shape(2, 3)));
      arrays.put("ln_f.bias", manager.create(new float[] {0.25f}));
      SafetensorsWriter.write(file, arrays, Precision.F32);

      Checkpoint checkpoint = Checkpoint.open(file);

      assertThat(checkpoint.names()).containsExactly("wte.weight", "ln_f.bias");
      assertThat(checkpoint.shape("wte.weight")).isEqualTo(new Shape(2, 3));
      assertThat(checkpoint.floats("wte.weight")).containsExactly(1, -2, 3.5f, 0, -0f, 1e-30f);
      assertThat(checkpoint.load(manager, "wte.weight")).isEqualTo(arrays.get("wte.weight"));
      assertThat(checkpoint.load(manager, "ln_f.bias")).isEqualTo(arrays.get("ln_f.bias"));
    }
  }

  @Test
  void halfPrecisionSurvivesItsRoundTrip() throws IOException {
    float[] values = {0, 1, -1, 65504, -65504, 0x1p-14f, 0x1p-24f, -0x1.ff8p-15f, 1 / 3f};
    Path file = folder.resolve("model.safetensors");
    try (NDManager manager = NDManager.newBaseManager()) {
      SafetensorsWriter.write(file, Map.of("x", manager.create(values)), Precision.F16);
    }
    values[8] = 0x1.554p-2f;

    assertThat(Checkpoint.open(file).floats("x")).containsExactly(values);
  }

  @Test
  void everyHalfPrecisionNumberHasTheValueTheStandardGivesIt() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      data.putShort((short) bits);
    }
    float[] read =
        Checkpoint.open(file(tensor("F16", "[65536]", 0, 2 << 16), data.array())).floats("x");

    float[] expected = new float[1 << 16];
    for (int bits = 0; bits < 1 << 16; bits++) {
      expected[bits] = half(bits);
    }
    assertThat(read).containsExactly(expected);
  }

  /** Sign, exponent and fraction as IEEE 754 defines them. */
  private static float half(int bits) {
    double sign = bits >>> 15 == 0 ? 1 : -1;
    int exponent = bits >>> 10 & 31;
    double fraction = (bits & 1023) / 1024.0;
    if (exponent == 31) {
      return fraction == 0 ? (float) (sign / 0.0) : Float.NaN;
    }
    return (float)
        (exponent == 0
            ? sign * Math.pow(2, -14) * fraction
            : sign * Math.pow(2, exponent - 15) * (1 + fraction));
  }

  @Test
  void brainFloatsAreWidened() throws IOException {
    short[] stored = {0x3f80, (short) 0xc040, 0x7f80, 0x7fc0, 0x0001, (short) 0x8000};
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    for (short bits : stored) {
      data.putShort(bits);
    }

    assertThat(Checkpoint.open(file(tensor("BF16", "[6]", 0, 12), data.array())).floats("x"))
        .containsExactly(1, -3, Float.POSITIVE_INFINITY, Float.NaN, 0x1p-133f, -0f);
  }

  @Test
  void anArrayStaysWholeAfterItsBufferIsCollected() throws IOException {
    Path file = file(tensor("F32", "[262144]", 0, 1 << 20), new byte[1 << 20]);
    try (NDManager manager = NDManager.newBaseManager()) {
      NDArray view;
      try (NDArray loaded = Checkpoint.open(file).load(manager, "x")) {
        view = loaded.reshape(512, 512);
      }
      System.gc();
      for (int i = 0; i < 64; i++) {
        ByteBuffer.allocateDirect(1 << 20).put(0, (byte) 1);
      }

      assertThat(view.abs().sum().getFloat()).isZero();
    }
  }

  @Test
  void scalarsAndEmptyTensorsAreRead() throws IOException {
    Path file =
        file(
            "{\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[4,4]}}",
            new byte[] {0, 0, (byte) 0x80, 0x3f});
    Checkpoint checkpoint = Checkpoint.open(file);
    try (NDManager manager = NDManager.newBaseManager()) {
      assertThat(checkpoint.load(manager, "s").getFloat()).isEqualTo(1);
      assertThat(checkpoint.load(manager, "e").getShape()).isEqualTo(new Shape(0, 7));
    }
    assertThat(checkpoint.floats("e")).isEmpty();
  }

  @Test
  void theTransformerPrefixIsDroppedAndTheMasksAreLeftOut() throws IOException {
    Path file =
        file(
            "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"transformer.h.0.attn.bias\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
                + "\"transformer.h.0.attn.masked_bias\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]},"
                + "\"transformer.h.0.attn.c_attn.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                + "\"wpe.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]}}",
            new byte[16]);

    assertThat(Checkpoint.open(file).names()).containsExactly("h.0.attn.c_attn.bias", "wpe.weight");
  }

  @Test
  void aTensorBeyondTwoGigabytesIntoTheFileIsRead() throws IOException {
    long begin = 2_500_000_000L;
    Path file =
        file(
            "{\"before\":{\"dtype\":\"U8\",\"shape\":[%1$d],\"data_offsets\":[0,%1$d]},"
                    .formatted(begin)
                + tensor("F32", "[1]", begin, begin + 4).substring(1),
            new byte[0]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // What lies before stays a hole, which takes no space.
      channel.write(ByteBuffer.wrap(new byte[] {0, 0, (byte) 0x80, 0x3f}), channel.size() + begin);
    }

    assertThat(Checkpoint.open(file).floats("x")).containsExactly(1);
  }

  @Test
  void theHashIsTheFiles() throws IOException {
    Path file = Files.write(folder.resolve("abc"), "abc".getBytes(StandardCharsets.US_ASCII));

    assertThat(Sha256.of(file))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    Path tensors = file("{}", new byte[0]);
    assertThat(Checkpoint.open(tensors).sha256()).isEqualTo(Sha256.of(Files.readAllBytes(tensors)));
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    assertThatOpening(Files.createFile(folder.resolve("empty"))).hasMessageContaining("is empty");
  }

  @Test
  void aFileTooSmallForALengthIsRefused() throws IOException {
    assertThatOpening(Files.write(folder.resolve("small"), new byte[7]))
        .hasMessageContaining("has only 7 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 3", // more than the two bytes that follow
    "9223372036854775807, 9223372036854775807",
    "-1, 18446744073709551615"
  })
  void aHeaderLengthTheFileCannotHoldIsRefused(long length, String printed) throws IOException {
    assertThatOpening(raw(length, "{}".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("announces a header of " + printed + " bytes")
        .hasMessageContaining("holds 2 more");
  }

  @Test
  void aHeaderOfMoreThanAHundredMegabytesIsRefused() throws IOException {
    Path file = raw(100_000_001, new byte[0]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), 200_000_000);
    }
    assertThatOpening(file).hasMessageContaining("may have 100000000 at most");
  }

  @Test
  void aTruncatedFileIsRefused() throws IOException {
    assertThatOpening(file(tensor("F32", "[4]", 0, 16), new byte[15]))
        .hasMessageContaining("'x' at bytes 0 to 16 of 15 bytes of data")
        .hasMessageContaining("cut off");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "{\"x\":", "{} {}", "{\"x\":{\"dtype\":F32}}"})
  void aHeaderThatIsNotJsonIsRefused(String header) throws IOException {
    assertThatOpening(file(header, new byte[0])).hasMessageContaining("has a header that is not");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "null", "7"})
  void aHeaderThatIsNotAnObjectIsRefused(String header) throws IOException {
    assertThatOpening(file(header, new byte[0])).hasMessageContaining("not a JSON object");
  }

  @Test
  void aNameGivenTwiceIsRefused() throws IOException {
    String x = "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
    assertThatOpening(file("{" + x + "," + x + "}", new byte[4])).hasMessageContaining("'x'");
  }

  @Test
  void aNameGivenWithAndWithoutPrefixIsRefused() throws IOException {
    assertThatOpening(
            file(
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                    + "\"transformer.x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                new byte[8]))
        .hasMessageContaining("names tensor 'x' twice");
  }

  @Test
  void overlappingOffsetsAreRefused() throws IOException {
    assertThatOpening(
            file(
                "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]},"
                    + "\"y\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                new byte[12]))
        .hasMessageContaining("'y' and 'x' overlap");
  }

  @ParameterizedTest
  @CsvSource({"8, 16", "8, 4", "9223372036854775803, 9223372036854775807"})
  void offsetsOutsideTheDataAreRefused(long begin, long end) throws IOException {
    assertThatOpening(file(tensor("F32", "[1]", begin, end), new byte[12]))
        .hasMessageContaining("'x' at bytes " + begin + " to " + end + " of 12 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,2,4]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4.0]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-4,0]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[-0,4]}}",
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":{\"0\":4}}}",
        "{\"x\":7}"
      })
  void offsetsThatAreNotTwoWholeNumbersAreRefused(String header) throws IOException {
    assertThatOpening(file(header, new byte[4]))
        .hasMessageContaining("data_offsets")
        .hasMessageContaining("'x'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"f32\"", "\"F32 \"", "32", "null", "{"})
  void aDtypeThatTheFormatHasNotIsRefused(String dtype) throws IOException {
    String value = dtype.equals("{") ? "{\"F32\":null}" : dtype;
    assertThatOpening(
            file(
                "{\"x\":{\"dtype\":" + value + ",\"shape\":[1],\"data_offsets\":[0,4]}}",
                new byte[4]))
        .hasMessageContaining("gives tensor 'x' the dtype " + dtype + ", which the format has not");
  }

  @Test
  void aDtypeThatIsNotReadIsRefusedWhenItIsAskedFor() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(file(tensor("I32", "[1]", 0, 4), new byte[4]));

    assertThat(checkpoint.shape("x")).isEqualTo(new Shape(1));
    for (ThrowingCallable asking :
        List.<ThrowingCallable>of(
            () -> checkpoint.floats("x"), () -> checkpoint.expect("x", new Shape(1)))) {
      assertThatThrownBy(asking)
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("'x' as dtype I32")
          .hasMessageContaining("convert it to one of F32, F16, BF16");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dtype", "shape", "data_offsets"})
  void aDescriptionThatLacksAFieldIsRefused(String field) throws IOException {
    String renamed = tensor("F32", "[1]", 0, 4).replace(field, "other");
    assertThatOpening(file(renamed, new byte[4]))
        .hasMessageContaining("gives tensor 'x' no " + field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[4611686018427387904,4]", "[4294967296,4294967296,0]"})
  void anImpossibleShapeIsRefused(String shape) throws IOException {
    assertThatOpening(file(tensor("F32", shape, 0, 0), new byte[0]))
        .hasMessageContaining("'x' the impossible shape");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\"[1]\"", "[1.5]", "[-1]", "[1e0]", "[9223372036854775808]", "[[1]]", "null"})
  void aShapeThatIsNotWholeNumbersIsRefused(String shape) throws IOException {
    assertThatOpening(file(tensor("F32", shape, 0, 4), new byte[4]))
        .hasMessageContaining("no list of whole numbers from 0 on as the shape of tensor 'x'");
  }

  @Test
  void aShapeThatContradictsTheOffsetsIsRefused() throws IOException {
    assertThatOpening(file(tensor("F16", "[3]", 0, 4), new byte[4]))
        .hasMessageContaining("'x' 4 bytes, but F16 [3] takes 6");
  }

  @ParameterizedTest
  @CsvSource({
    "4, 8, 8, 'has 4 bytes before tensor ''x'' that belong to no tensor'",
    "0, 4, 7, has 3 bytes at its end that belong to no tensor"
  })
  void bytesThatBelongToNoTensorAreRefused(long begin, long end, int size, String complaint)
      throws IOException {
    assertThatOpening(file(tensor("F32", "[1]", begin, end), new byte[size]))
        .hasMessageContaining(complaint);
  }

  @Test
  void aPartOfAByteIsRefused() throws IOException {
    assertThatOpening(file(tensor("F4", "[3]", 0, 1), new byte[1]))
        .hasMessageContaining("'x' 1 bytes, but F4 [3] takes 1 and a part of one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1}", "{\"a\":{}}", "[]", "7", "\"a\""})
  void metadataThatIsNoObjectOfTextsIsRefused(String metadata) throws IOException {
    assertThatOpening(file("{\"__metadata__\":" + metadata + "}", new byte[0]))
        .hasMessageContaining("__metadata__");
  }

  @Test
  void aLongNameIsCutAndWhatATerminalObeysIsNotShown() throws IOException {
    String name = "\\u001b[2J" + "x".repeat(1_000_000);
    assertThatOpening(file("{\"" + name + "\":7}", new byte[0]))
        .hasMessageContaining("describes tensor '?[2Jxxx")
        .hasMessageContaining("xxx' by no JSON object of dtype, shape and data_offsets: fetch")
        .message()
        .hasSizeLessThan(1000);
  }

  @Test
  void aMissingTensorIsNamed() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(file(tensor("F32", "[1]", 0, 4), new byte[4]));

    assertThat(checkpoint.has("wte.weight")).isFalse();
    assertThatThrownBy(() -> checkpoint.floats("wte.weight"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has no tensor 'wte.weight'");
  }

  @Test
  void anotherShapeThanExpectedIsRefused() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(file(tensor("F32", "[2,3]", 0, 24), new byte[24]));

    checkpoint.expect("x", new Shape(2, 3));
    assertThatThrownBy(() -> checkpoint.expect("x", new Shape(3, 2)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'x' with shape (2, 3) instead of (3, 2)");
  }

  @Test
  void aTensorOfMoreThanTwoGigabytesIsRefusedWhenLoaded() throws IOException {
    long bytes = 2_400_000_000L;
    Path file = file(tensor("F32", "[600000000]", 0, bytes), new byte[0]);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(1), channel.size() + bytes - 1);
    }
    Checkpoint checkpoint = Checkpoint.open(file);

    assertThatThrownBy(() -> checkpoint.floats("x"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'x' of 600000000 numbers");
  }

  @Test
  void aFileThatShrinksAfterItWasOpenedIsRefused() throws IOException {
    Path file = file(tensor("F32", "[2]", 0, 8), new byte[8]);
    Checkpoint checkpoint = Checkpoint.open(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }

    assertThatThrownBy(() -> checkpoint.floats("x"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has changed since it was opened");
  }

  @Test
  void aFileThatIsReplacedAfterItWasOpenedIsRefused() throws IOException {
    Path file = file(tensor("F32", "[2]", 0, 8), new byte[8]);
    Checkpoint checkpoint = Checkpoint.open(file);
    file(tensor("F32", "[2]", 0, 8), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    Files.setLastModifiedTime(file, FileTime.fromMillis(0));

    assertThatThrownBy(() -> checkpoint.floats("x"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has changed since it was opened");
    assertThatThrownBy(checkpoint::sha256)
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("has changed since it was opened");
  }

  @Test
  void whatIsNoFileIsRefused() {
    Path device = Path.of("/dev/zero");
    assumeTrue(Files.exists(device), "this system has no such device");

    assertThatOpening(device).hasMessageContaining("is no file");
  }

  @Test
  void aFolderIsRefused() {
    assertThatOpening(folder).hasMessageContaining("is a folder");
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    assertThatOpening(folder.resolve("nothing")).hasMessageContaining("does not exist");
  }

  @Test
  void aPathThroughAFileIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatOpening(file.resolve("model.safetensors")).hasMessageContaining("model.safetensors");
  }

  @Test
  void aFileThatMayNotBeReadIsRefused() throws IOException {
    Path file = file("{}", new byte[0]);
    assumeFalse(
        Files.getFileAttributeView(file, PosixFileAttributeView.class) == null,
        "this file system has no permissions to take away");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assumeFalse(Files.isReadable(file), "this user may read everything");

    assertThatOpening(file).hasMessageContaining("cannot be read");
  }

  private AbstractThrowableAssert<?, ?> assertThatOpening(Path file) {
    return assertThatThrownBy(() -> Checkpoint.open(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file.toString());
  }

  private static String tensor(String dtype, String shape, long begin, long end) {
    return "{\"x\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}}"
        .formatted(dtype, shape, begin, end);
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    byte[] rest = ByteBuffer.allocate(text.length + data.length).put(text).put(data).array();
    return raw(text.length, rest);
  }

  private Path raw(long length, byte[] rest) throws IOException {
    ByteBuffer file = ByteBuffer.allocate(8 + rest.length).order(ByteOrder.LITTLE_ENDIAN);
    return Files.write(folder.resolve("model.safetensors"), file.putLong(length).put(rest).array());
  }
}
