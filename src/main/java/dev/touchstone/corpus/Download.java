package dev.touchstone.corpus;

import dev.touchstone.runtime.AtomicFile;
import dev.touchstone.runtime.Progress;
import dev.touchstone.runtime.Reason;
import dev.touchstone.runtime.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Fetches pinned files over HTTP. What has arrived stays beside the target as {@code .part}, so
 * that neither a lost connection nor a killed run begins anew; the target appears only when whole
 * and of the pinned hash.
 */
final class Download {
  private static final int OK = 200;
  private static final int PARTIAL_CONTENT = 206;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;

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

  /** An answer that asking again will not change. */
  private static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    RefusedException(int status) {
      super("the server answered " + status);
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
   * Fetches a file, or the rest of it.
   *
   * @throws Unavailable when the server or the network does not give it
   * @throws BrokenAssetException when it gives something else
   */
  void fetch(URI address, Pinned pinned, Path target) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.getParent());
      arrive(address, pinned, part);
      String found = Sha256.of(part);
      if (!found.equals(pinned.sha256())) {
        Files.delete(part);
        throw new BrokenAssetException(
            "%s gave a file with SHA-256 %s instead of %s, which was deleted: try again."
                .formatted(address, found, pinned.sha256()));
      }
      AtomicFile.move(part, target);
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

  private void arrive(URI address, Pinned pinned, Path part)
      throws IOException, InterruptedException {
    HttpClient client =
        HttpClient.newBuilder()
            // The hub sends large files from elsewhere.
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(patience.silence())
            .build();
    int failures = 0;
    long most = size(part);
    boolean arrived = most == pinned.bytes();
    while (!arrived) {
      try (Progress progress =
          Progress.ofBytes(pinned.path(), pinned.bytes(), size(part), display)) {
        transfer(client, address, pinned, part, progress);
        arrived = true;
      } catch (RefusedException e) {
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
      if (!rest && response.statusCode() != OK) {
        throw refusal(response.statusCode());
      }
      StandardOpenOption start =
          rest ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
      try (OutputStream out =
          Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, start)) {
        copy(body, out, rest ? present : 0, pinned.bytes(), progress);
      }
    }
  }

  private static IOException refusal(int status) {
    return status == TOO_MANY_REQUESTS || status >= SERVER_ERROR
        ? new IOException("the server answered " + status)
        : new RefusedException(status);
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
        if (count < 0) {
          return;
        }
        out.write(block, 0, count);
        bytes += count;
        progress.at(bytes);
      }
    } finally {
      reader.shutdownNow();
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
    return Files.exists(part) ? Files.size(part) : 0;
  }
}
