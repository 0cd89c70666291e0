package dev.touchstone.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Spark's standalone master and workers, each a process of this machine. They have Spark's jars and
 * not the library's: as on any cluster, these come with the application.
 */
final class Loopback implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Path folder;
  private final int port;
  private final Process master;
  private final List<Process> workers = new ArrayList<>();

  private Loopback(Path folder) throws IOException {
    this.folder = folder;
    this.port = freePort();
    // What tells a distribution apart: here without jars, which stand in the environment instead.
    Files.createDirectories(folder.resolve("home/jars"));
    Files.writeString(folder.resolve("home/RELEASE"), "Spark from the class path\n");
    this.master =
        start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            HOST,
            "--port",
            String.valueOf(port),
            "--webui-port",
            "0");
  }

  /** A master and so many workers of one core. */
  static Loopback start(Path folder, int workers) throws IOException, InterruptedException {
    Loopback cluster = new Loopback(folder);
    cluster.awaitMaster();
    for (int i = 0; i < workers; i++) {
      cluster.addWorker();
    }
    return cluster;
  }

  /** What {@code -Dtouchstone.spark} is given. */
  String address() {
    return "spark://" + HOST + ":" + port;
  }

  void addWorker() throws IOException {
    String name = "worker-" + workers.size();
    workers.add(
        start(
            name,
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            HOST,
            "--cores",
            "1",
            "--memory",
            "2g",
            "--webui-port",
            "0",
            "--work-dir",
            folder.resolve(name).toString(),
            address()));
  }

  /** SIGKILL to the last worker and to its executors. */
  void killWorker() {
    kill(workers.remove(workers.size() - 1));
  }

  /** SIGKILL to everything. */
  void killAll() {
    workers.forEach(Loopback::kill);
    workers.clear();
    kill(master);
  }

  private static void kill(Process process) {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process.toHandle());
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().orTimeout(20, TimeUnit.SECONDS).join());
  }

  private Process start(String name, String main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(java("256m", sparkClassPath()));
    command.add(main);
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".log").toFile());
    builder.environment().put("SPARK_HOME", folder.resolve("home").toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_DIST_CLASSPATH", sparkClassPath());
    builder.environment().put("SPARK_LOCAL_IP", HOST);
    builder.environment().put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    return builder.start();
  }

  /** A Java that Spark runs in, with a heap of so much. */
  static List<String> java(String heap, String classPath) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.add("-XX:TieredStopAtLevel=1");
    Arrays.stream(System.getProperty("spark.opens").strip().split("\\s+")).forEach(command::add);
    command.add("-cp");
    command.add(classPath);
    return command;
  }

  private static String sparkClassPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(place -> place.endsWith(".jar"))
        .filter(jar -> !jar.contains("touchstone-") && !jar.contains(path("ai", "djl")))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String path(String... names) {
    return File.separator + String.join(File.separator, names) + File.separator;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }

  private void awaitMaster() throws IOException, InterruptedException {
    for (long begun = System.nanoTime(); ; Thread.sleep(100)) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(HOST, port), 1000);
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(60) || !master.isAlive()) {
          throw new IOException(
              "no master: " + Files.readString(folder.resolve("master.log")), notYet);
        }
      }
    }
  }

  @Override
  public void close() {
    killAll();
  }
}
