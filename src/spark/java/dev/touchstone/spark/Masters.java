package dev.touchstone.spark;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** The addresses that Spark calls masters. */
final class Masters {
  private static final String STANDALONE = "spark://";
  private static final Pattern SOCKET = Pattern.compile("(.+):(\\d{1,5})");
  private static final Pattern FORM =
      Pattern.compile(
          "spark://.+:\\d{1,5}(,.+:\\d{1,5})*|yarn|k8s://.+|local(\\[(\\d+|\\*)(,\\d+)?])?");

  private static final int PATIENCE_MILLIS = 10_000;

  private Masters() {}

  /**
   * Insists on a form that Spark knows.
   *
   * @throws IllegalArgumentException when it is none
   */
  static void checkForm(String master) {
    if (!FORM.matcher(master).matches()) {
      throw new IllegalArgumentException(
          "touchstone.spark is \"%s\"; give Spark's master, as in spark://host:7077, yarn, k8s://https://host:6443 or local[2]"
              .formatted(master));
    }
  }

  /**
   * Insists that somebody listens. Spark itself would try for a minute, and end with a page.
   *
   * @throws IllegalStateException when nobody does
   */
  static void check(String master) {
    if (!master.startsWith(STANDALONE)) {
      return;
    }
    String reason = "";
    for (String address : master.substring(STANDALONE.length()).split(",")) {
      var parts = SOCKET.matcher(address);
      if (!parts.matches()) {
        continue;
      }
      try (Socket socket = new Socket()) {
        socket.connect(
            new InetSocketAddress(parts.group(1), Integer.parseInt(parts.group(2))),
            PATIENCE_MILLIS);
        return;
      } catch (IOException | IllegalArgumentException e) {
        reason = e instanceof UnknownHostException ? "there is no such host" : e.getMessage();
      }
    }
    throw unreachable(master, reason, null);
  }

  /** What a page of Spark's begins with. */
  static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  static IllegalStateException unreachable(String master, String reason, Exception e) {
    return new IllegalStateException(
        "Spark at %s cannot be reached (%s): start it, or name another by -Dtouchstone.spark"
            .formatted(master, reason),
        e);
  }
}
