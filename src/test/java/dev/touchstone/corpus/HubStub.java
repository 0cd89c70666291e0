package dev.touchstone.corpus;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A hub on this machine that serves given files and misbehaves as told. */
final class HubStub implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> files = new HashMap<>();
  private final Map<String, String> tags = new HashMap<>();
  private final Queue<Mishap> mishaps = new ArrayDeque<>();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private boolean ranges = true;

  /** What happens to one answer. */
  enum Mishap {
    /** The connection breaks after half of it. */
    CUT,
    /** Half of it comes, then nothing. */
    SILENCE,
    /** It ends after half of it, and never said how long it would be. */
    SHORT,
    /** It comes in small pieces, seldom. */
    DRIPS,
    /** The page of a network that wants to know who is there. */
    LOGIN,
    UNAVAILABLE,
    REDIRECT
  }

  private static final String PAGE = "<!DOCTYPE html><title>Please log in</title>";

  HubStub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  HubStub serving(String path, byte[] content) {
    files.put(path, content);
    return this;
  }

  /** Serves a file and says a hash of it. */
  HubStub serving(String path, byte[] content, String tag) {
    tags.put(path, tag);
    return serving(path, content);
  }

  HubStub withoutRanges() {
    ranges = false;
    return this;
  }

  /** The next answers go wrong in this order. */
  HubStub failing(Mishap... next) {
    mishaps.addAll(Arrays.asList(next));
    return this;
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Path and, where one was asked for, range of each request so far. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String range = exchange.getRequestHeaders().getFirst("Range");
      requests.add(range == null ? path : path + " " + range);
      byte[] content = files.get(path);
      if (exchange.getRequestMethod().equals("HEAD") && content != null) {
        say(exchange, path, content);
        return;
      }
      Mishap mishap = mishaps.poll();
      if (content == null) {
        exchange.sendResponseHeaders(404, -1);
      } else if (mishap == Mishap.UNAVAILABLE) {
        exchange.sendResponseHeaders(503, -1);
      } else if (mishap == Mishap.REDIRECT) {
        exchange.getResponseHeaders().set("Location", path);
        exchange.sendResponseHeaders(302, -1);
      } else if (mishap == Mishap.LOGIN) {
        exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
        exchange.sendResponseHeaders(200, PAGE.length());
        exchange.getResponseBody().write(PAGE.getBytes(StandardCharsets.US_ASCII));
      } else if (range != null && ranges && first(range) >= content.length) {
        exchange.sendResponseHeaders(416, -1);
      } else {
        int from = ranges && range != null ? first(range) : 0;
        if (from > 0) {
          exchange
              .getResponseHeaders()
              .set(
                  "Content-Range",
                  "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        int length = content.length - from;
        // To this server 0 means that it is not said, and -1 that there is nothing.
        long said = mishap == Mishap.SHORT ? 0 : length == 0 ? -1 : length;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, said);
        OutputStream body = exchange.getResponseBody();
        boolean whole = mishap == null || mishap == Mishap.DRIPS;
        int until = whole ? content.length : from + length / 2;
        int piece = mishap == Mishap.DRIPS ? length / 8 + 1 : length;
        for (int at = from; at < until; at += piece) {
          Thread.sleep(mishap == Mishap.DRIPS ? 300 : 0);
          body.write(content, at, Math.min(piece, until - at));
          body.flush();
        }
        if (mishap == Mishap.SILENCE) {
          Thread.sleep(60_000);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * What the hub says of a file: of a large one, where it lies and its SHA-256; else git's hash.
   */
  private void say(HttpExchange exchange, String path, byte[] content) throws IOException {
    var headers = exchange.getResponseHeaders();
    String tag = tags.getOrDefault(path, "");
    if (tag.length() == 64) {
      headers.set("X-Linked-Size", Integer.toString(content.length));
      headers.set("X-Linked-ETag", "\"" + tag + "\"");
      headers.set("ETag", "\"of-another-server\"");
      headers.set("Location", "/elsewhere");
    } else {
      headers.set("Content-Length", Integer.toString(content.length));
      headers.set("ETag", "\"" + tag + "\"");
    }
    exchange.sendResponseHeaders(tag.length() == 64 ? 302 : 200, -1);
  }

  private static int first(String range) {
    return Integer.parseInt(range.replaceAll("\\D", ""));
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
