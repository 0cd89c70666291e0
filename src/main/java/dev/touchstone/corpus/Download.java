package dev.touchstone.corpus;

import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Progress;
import dev.touchstone.runtime.Reason;
import dev.touchstone.runtime.Turn;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Fetches pinned files over HTTP. What has arrived stays beside the target as {@code .part}, so
 * that neither a lost connection nor a killed run begins anew; the target appears only when whole
 * and of the pinned hash. Of several processes one fetches, and the others wait for it.
 */
final class Download {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int NOT_FOUND = 404;
  private static final int RANGE_NOT_SATISFIABLE = 416;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final int MOST_REDIRECTS = 10;
  private static final String LINKED_SIZE = "X-Linked-Size";
  private static final int MILLIS_BETWEEN_TURNS = 200;

  private final Patience patience;
  private final PrintStream display;

  /**
   * How long to bear with a network.
   *
   * @param attempts failures in a row, none of which brought the file further, that end it
   * @param pause before the second attempt; it doubles from one to the next
   * @param silence after which a connection counts as lost
   */
  record Patience(int attempts, Duration pause, Duration silence) {
    static final Patience USUAL = new Patience(5, Duration.ofSeconds(1), Duration.ofSeconds(60));
  }

  /** What trying again will not change. */
  private static final class FinalException extends IOException {
    private static final long serialVersionUID = 1L;

    FinalException(String reason) {
      super(reason);
    }
  }

  /**
   * @param display shows the progress
   */
  Download(Patience patience, PrintStream display) {
    this.patience = patience;
    this.display = display;
  }

  /**
   * Fetches a file, or the rest of it, unless another process does by then.
   *
   * @throws Unavailable when the server or the network does not give it
   * @throws BrokenAssetException when it gives something else
   */
  void fetch(URI address, Pinned pinned, Path target) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.getParent());
      try (Turn turn = Turn.at(target)) {
        await(turn, pinned, part, target);
        if (!Files.exists(target)) {
          arrive(address, pinned, part);
          check(address, pinned, part);
          AtomicFile.move(part, target);
        }
        turn.done();
      }
    } catch (IOException e) {
      throw Unavailable.untilDownloaded(
          "%s could not be downloaded from %s to %s (%s)."
              .formatted(pinned.path(), address, target, Reason.of(e, target)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Unavailable.untilDownloaded(
          "The download of %s from %s was interrupted.".formatted(pinned.path(), address));
    }
  }

  /**
   * What a server says of a file before it is fetched: its size, and of its hashes the hub's own
   * SHA-256 or else git's.
   *
   * @param path what people call it
   * @return empty when there is no such file
   * @throws Unavailable when the server does not say
   */
  Optional<Pinned> ask(URI address, String path) {
    try {
      // The hub says it of what it then sends from elsewhere, which would know nothing of hashes.
      HttpClient client = client(HttpClient.Redirect.NEVER);
      URI at = address;
      for (int redirected = 0; redirected < MOST_REDIRECTS; redirected++) {
        HttpResponse<Void> answer =
            client.send(
                HttpRequest.newBuilder(at)
                    .method("HEAD", BodyPublishers.noBody())
                    .timeout(patience.silence())
                    .build(),
                BodyHandlers.discarding());
        if (answer.statusCode() == NOT_FOUND) {
          return Optional.empty();
        }
        Optional<URI> next = answer.headers().firstValue("Location").map(at::resolve);
        boolean isFile =
            answer.statusCode() == OK || answer.headers().firstValue(LINKED_SIZE).isPresent();
        if (isFile) {
          return Optional.of(said(answer.headers(), path));
        }
        if (answer.statusCode() / 100 != 3 || next.isEmpty()) {
          throw refusal(answer.statusCode());
        }
        at = next.get();
      }
      throw new IOException("it was sent from one address to another too often");
    } catch (IOException e) {
      throw Unavailable.untilDownloaded(
          "%s could not be asked for at %s (%s).".formatted(path, address, e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Unavailable.untilDownloaded("Asking for %s was interrupted.".formatted(path));
    }
  }

  private static Pinned said(HttpHeaders headers, String path) throws IOException {
    long bytes =
        Stream.of(LINKED_SIZE, "Content-Length")
            .flatMap(name -> headers.firstValue(name).stream())
            .filter(length -> length.matches("\\d{1,18}"))
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElseThrow(() -> new IOException("the answer does not say how long the file is"));
    String hash =
        Stream.of("X-Linked-ETag", "ETag")
            .flatMap(name -> headers.firstValue(name).stream())
            .map(tag -> tag.replaceAll("^W/|\"", ""))
            .filter(tag -> tag.matches("[0-9a-f]{40}|[0-9a-f]{64}"))
            .findFirst()
            .orElse("");
    return new Pinned(path, bytes, hash);
  }

  private HttpClient client(HttpClient.Redirect redirects) {
    return HttpClient.newBuilder()
        .followRedirects(redirects)
        .connectTimeout(patience.silence())
        .build();
  }

  private void await(Turn turn, Pinned pinned, Path part, Path target)
      throws IOException, InterruptedException {
    if (turn.take()) {
      return;
    }
    display.printf(
        "%s is being fetched to %s by another process: waiting for it%n", pinned.path(), target);
    try (Progress progress = Progress.ofBytes(pinned.path(), pinned.bytes(), size(part), display)) {
      while (!turn.take()) {
        Thread.sleep(MILLIS_BETWEEN_TURNS);
        progress.at(size(part));
      }
    }
  }

  private static void check(URI address, Pinned pinned, Path part) throws IOException {
    String found = pinned.hashOf(part);
    if (!found.equals(pinned.hash())) {
      Files.delete(part);
      throw new BrokenAssetException(
          "%s gave a file with the hash %s instead of %s, which was deleted: try again."
              .formatted(address, found, pinned.hash()));
    }
    // A power cut must not leave the name without what was hashed.
    try (FileChannel whole = FileChannel.open(part, StandardOpenOption.WRITE)) {
      whole.force(true);
    }
  }

  private void arrive(URI address, Pinned pinned, Path part)
      throws IOException, InterruptedException {
    // The hub sends large files from elsewhere.
    HttpClient client = client(HttpClient.Redirect.NORMAL);
    int failures = 0;
    long most = size(part);
    boolean arrived = most == pinned.bytes();
    while (!arrived) {
      try (Progress progress =
          Progress.ofBytes(pinned.path(), pinned.bytes(), size(part), display)) {
        transfer(client, address, pinned, part, progress);
        arrived = true;
      } catch (FinalException e) {
        throw e;
      } catch (IOException e) {
        failures = size(part) > most ? 1 : failures + 1;
        most = Math.max(most, size(part));
        if (failures == patience.attempts()) {
          throw e;
        }
        Thread.sleep(patience.pause().toMillis() << (failures - 1));
      }
    }
  }

  /** One request, to the end of its answer: everything, or the rest if the server agrees. */
  private void transfer(HttpClient client, URI address, Pinned pinned, Path part, Progress progress)
      throws IOException, InterruptedException {
    long present = size(part);
    HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience.silence());
    if (present > 0 && present < pinned.bytes()) {
      request.header("Range", "bytes=" + present + "-");
    }
    HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      boolean rest =
          response.statusCode() == PARTIAL_CONTENT
              && response
                  .headers()
                  .firstValue("Content-Range")
                  .filter(range -> range.startsWith("bytes " + present + "-"))
                  .isPresent();
      if (response.statusCode() == RANGE_NOT_SATISFIABLE) {
        Files.deleteIfExists(part);
        throw another(address, pinned, "has no more than %d bytes".formatted(present));
      }
      if (!rest && response.statusCode() != OK) {
        throw refusal(response.statusCode());
      }
      // Before what has arrived is given up for it.
      refuseAnother(address, pinned, rest ? present : 0, response);
      StandardOpenOption start =
          rest ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
      try (OutputStream out =
          Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, start)) {
        copy(body, out, rest ? present : 0, pinned.bytes(), progress);
      }
    }
  }

  private static void refuseAnother(
      URI address, Pinned pinned, long from, HttpResponse<InputStream> response) {
    String type = response.headers().firstValue("Content-Type").orElse("");
    if (type.startsWith("text/html")) {
      throw another(address, pinned, "is a web page, as of a network that asks for a login first");
    }
    long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
    if (length >= 0 && from + length != pinned.bytes()) {
      throw another(address, pinned, "has %d bytes".formatted(from + length));
    }
  }

  private static BrokenAssetException another(URI address, Pinned pinned, String is) {
    return new BrokenAssetException(
        ("%s gave another file than %s, which has %d bytes: it %s. Nothing of it was kept; open the "
                + "address in a browser, see what it is, and try again.")
            .formatted(address, pinned.path(), pinned.bytes(), is));
  }

  private static IOException refusal(int status) {
    return status == TOO_MANY_REQUESTS || status >= SERVER_ERROR
        ? new IOException("the server answered " + status)
        : new FinalException("the server answered " + status);
  }

  /** Copies until the end or until there is more than there may be, which the hash will show. */
  private void copy(InputStream body, OutputStream out, long present, long total, Progress progress)
      throws IOException, InterruptedException {
    // A read from the network has no time limit of its own, so it happens on a thread that can be
    // given up.
    ExecutorService reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "download");
              thread.setDaemon(true);
              return thread;
            });
    try {
      byte[] block = new byte[1 << 16];
      long bytes = present;
      while (bytes <= total) {
        int count = within(patience.silence(), reader.submit(() -> body.read(block)));
        if (count < 0 && bytes < total) {
          throw new IOException("the answer ended after %d of %d bytes".formatted(bytes, total));
        }
        if (count < 0) {
          return;
        }
        write(block, count, out);
        bytes += count;
        progress.at(bytes);
      }
    } finally {
      reader.shutdownNow();
    }
  }

  /** A disk that is full does not get room by asking the server again. */
  private static void write(byte[] block, int count, OutputStream out) throws FinalException {
    try {
      out.write(block, 0, count);
    } catch (IOException e) {
      throw new FinalException(e.getMessage());
    }
  }

  private static int within(Duration limit, Future<Integer> read)
      throws IOException, InterruptedException {
    try {
      return read.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IOException("nothing arrived for " + limit.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    }
  }

  private static long size(Path part) throws IOException {
    try {
      return Files.size(part);
    } catch (NoSuchFileException e) {
      return 0;
    }
  }
}
