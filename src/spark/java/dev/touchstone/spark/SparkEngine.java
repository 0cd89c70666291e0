package dev.touchstone.spark;

import dev.touchstone.intervention.Deferred;
import dev.touchstone.intervention.Material;
import dev.touchstone.intervention.Materials;
import dev.touchstone.laboratory.Engine;
import dev.touchstone.laboratory.Share;
import dev.touchstone.laboratory.Subject;
import dev.touchstone.laboratory.Task;
import dev.touchstone.tensor.Compute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SimpleFutureAction;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Has shares computed by the executors of a Spark cluster, one at a time in each. What an executor
 * computed goes to the laboratory as soon as it is here, so a killed driver loses what was under
 * way and no more.
 */
final class SparkEngine implements Engine {
  /** Until a task was timed: about what a core of a CPU does. */
  private static final double GFLOP_PER_SECOND_AND_THREAD = 40;

  /** What a pass's time depends on. */
  private static final List<String> ENVIRONMENT =
      List.of("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GOMP_SPINCOUNT");

  private final String master;
  private final Settings settings;
  private final Map<String, Broadcast<Material>> sent = new HashMap<>();
  private final Map<String, List<String>> checkpoints = new HashMap<>();
  private final List<Path> links = new ArrayList<>();
  private final Map<Compute, Signature> signatures = new HashMap<>();
  private JavaSparkContext spark;
  private double gflopDone;
  private double secondsDone;

  SparkEngine(String master, Settings settings) {
    this.master = master;
    this.settings = settings;
  }

  @Override
  public void compute(Subject subject, Materials materials, List<Task> tasks, Results results) {
    if (tasks.isEmpty()) {
      return;
    }
    connect();
    try {
      distribute(subject, materials, tasks, results);
    } catch (IllegalStateException e) {
      // Whatever is asked of it then fails with a page of where it was made and ended.
      throw spark.sc().isStopped() ? gone("the connection was closed", e) : e;
    }
  }

  private void distribute(Subject subject, Materials materials, List<Task> tasks, Results results) {
    List<Share> shares = shares(subject, tasks);
    Executor executor =
        new Executor(
            Source.of(subject, settings.send() ? send(subject) : List.of(), signature(subject)),
            broadcast(materials));
    JavaRDD<Share> each = spark.parallelize(shares, shares.size());
    BlockingQueue<Map.Entry<Integer, Answer>> answers = new LinkedBlockingQueue<>();
    SimpleFutureAction<BoxedUnit> job =
        spark
            .sc()
            .submitJob(
                each.rdd(),
                executor,
                CollectionConverters.asScala(indices(shares.size())).toSeq(),
                (share, answer) -> {
                  answers.add(Map.entry((Integer) share, answer));
                  return BoxedUnit.UNIT;
                },
                () -> BoxedUnit.UNIT);
    try {
      long alone = System.nanoTime();
      for (int left = shares.size(); left > 0; ) {
        boolean over = job.isCompleted();
        Map.Entry<Integer, Answer> answer = answers.poll(1, TimeUnit.SECONDS);
        if (answer != null) {
          take(shares.get(answer.getKey()), answer.getValue(), subject, results);
          left--;
          alone = System.nanoTime();
        } else if (over) {
          throw gone(reason(job), null);
        } else if (executors() > 0) {
          alone = System.nanoTime();
        } else if (System.nanoTime() - alone > settings.patience().toNanos()) {
          throw new IllegalStateException(
              "Spark at %s has had no executor for %d s: see that it has workers with %d free cores each; what was measured is kept, and the same command goes on from there"
                  .formatted(master, settings.patience().toSeconds(), settings.threads()));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Spark at " + master + " computes", e);
    } finally {
      if (!job.isCompleted()) {
        job.cancel();
      }
    }
  }

  private void take(Share share, Answer answer, Subject subject, Results results) {
    if (answer instanceof Answer.Refused refused) {
      throw new IllegalStateException(
          "Spark's executor %s computes nothing for %s: %s"
              .formatted(refused.executor(), subject.name(), refused.reason()));
    }
    Answer.Computed computed = (Answer.Computed) answer;
    for (int part = 0; part < computed.parts().size(); part++) {
      results.accept(share.task(), share.firstPart() + part, computed.parts().get(part));
    }
    gflopDone += share.gflop(subject.config());
    secondsDone += computed.seconds();
  }

  private static String reason(SimpleFutureAction<BoxedUnit> job) {
    return job.value().get().isFailure()
        ? Masters.firstLine(job.value().get().failed().get())
        : "the job ended without all its answers";
  }

  private IllegalStateException gone(String reason, Exception e) {
    return new IllegalStateException(
        "Spark at %s computes no more (%s): what was measured is kept, and the same command goes on from there once the cluster does"
            .formatted(master, reason),
        e);
  }

  private List<Share> shares(Subject subject, List<Task> tasks) {
    double perSecond =
        secondsDone > 0
            ? gflopDone / secondsDone
            : GFLOP_PER_SECOND_AND_THREAD * settings.threads();
    return Share.of(
        tasks,
        subject.config(),
        Math.max(1, spark.defaultParallelism() / settings.threads()),
        perSecond * settings.taskTime().toSeconds());
  }

  private int executors() {
    // The driver counts as one.
    return spark.isLocal() ? 1 : spark.sc().statusTracker().getExecutorInfos().length - 1;
  }

  /** Once, since it takes a look at all code. */
  private Signature signature(Subject subject) {
    return signatures.computeIfAbsent(subject.compute(), Signature::of);
  }

  private static List<Object> indices(int count) {
    List<Object> indices = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      indices.add(i);
    }
    return indices;
  }

  /** Each material once, whichever tasks name it. */
  private Map<String, Broadcast<Material>> broadcast(Materials materials) {
    Map<String, Broadcast<Material>> named = new TreeMap<>();
    materials
        .byName()
        .forEach(
            (name, material) ->
                named.put(
                    name,
                    sent.computeIfAbsent(
                        material.fingerprint(), unknown -> spark.broadcast(made(material)))));
    return named;
  }

  /** What is made when it is needed is needed now. */
  private static Material made(Material material) {
    return material instanceof Deferred deferred ? deferred.made().get() : material;
  }

  /** The checkpoint's files by Spark, once, and the names they go under. */
  private List<String> send(Subject subject) {
    return checkpoints.computeIfAbsent(
        subject.sha256(),
        sha256 -> {
          List<String> names = new ArrayList<>();
          try {
            Path folder = Files.createTempDirectory("touchstone");
            links.add(folder);
            for (Path file : subject.checkpoint().files()) {
              String name = file.getFileName().toString();
              Path link = folder.resolve(Source.prefix(sha256) + name);
              link(link, file.toRealPath());
              links.add(link);
              spark.addFile(link.toString());
              names.add(name);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(
                "the checkpoint of " + subject.name() + " cannot be sent to executors", e);
          }
          return names;
        });
  }

  /** Another name for a file, since Spark sends files under their own. */
  private static void link(Path link, Path file) throws IOException {
    try {
      Files.createLink(link, file);
    } catch (IOException | UnsupportedOperationException otherDisk) {
      Files.copy(file, link);
    }
  }

  private void connect() {
    if (spark != null) {
      return;
    }
    Masters.check(master);
    // Takes what system properties beginning with "spark." say; these come first.
    SparkConf conf = new SparkConf();
    conf.setMaster(master);
    conf.setAppName("Touchstone");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    conf.set("spark.task.cpus", String.valueOf(settings.threads()));
    if (!master.startsWith("local")) {
      // One task at a time: PyTorch's number of threads is a process's, and a pass's memory large.
      conf.set("spark.executor.cores", String.valueOf(settings.threads()));
      conf.set("spark.jars", String.join(",", settings.library()));
      for (String name : ENVIRONMENT) {
        String value = System.getenv(name);
        if (value != null) {
          conf.setIfMissing("spark.executorEnv." + name, value);
        }
      }
      conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", String.valueOf(settings.threads()));
      conf.set(
          "spark.executor.extraJavaOptions",
          "-Dtouchstone.threads=%d -Dtouchstone.device=%s %s"
              .formatted(
                  settings.threads(),
                  settings.device(),
                  conf.get("spark.executor.extraJavaOptions", ""))
              .strip());
    }
    spark = Connection.open(conf);
    spark
        .sc()
        .uiWebUrl()
        .foreach(
            address -> {
              System.err.println("Spark at " + master + " computes; watch it at " + address);
              return BoxedUnit.UNIT;
            });
  }

  @Override
  public void close() {
    if (spark != null) {
      Connection.close(spark);
    }
    for (int i = links.size() - 1; i >= 0; i--) {
      try {
        Files.deleteIfExists(links.get(i));
      } catch (IOException e) {
        // It lies in a temporary folder.
      }
    }
  }
}
