package dev.touchstone.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Parts that JMH times, each in a process of its own that has this one's environment.
 *
 * @param windows how many windows of time each has after those that warm it up
 */
record Parts(Path checkpoint, int chunks, int windows) {
  List<Double> matrixProduct() throws RunnerException {
    return seconds(MatrixProduct.class, "product", new OptionsBuilder());
  }

  /** One block, or the loss: {@code block}, {@code loss}. */
  List<Double> pass(String method) throws RunnerException {
    return seconds(
        Pass.class,
        method,
        new OptionsBuilder()
            .param("checkpoint", checkpoint.toString())
            .param("chunks", Integer.toString(chunks)));
  }

  List<Double> components() throws RunnerException {
    return seconds(Components.class, "components", new OptionsBuilder());
  }

  /** Seconds that the method takes, window by window. */
  private List<Double> seconds(Class<?> type, String method, ChainedOptionsBuilder options)
      throws RunnerException {
    return new Runner(
            options
                .include("^" + Pattern.quote(type.getName() + "." + method) + "$")
                .forks(1)
                .measurementIterations(windows)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build())
        .runSingle().getBenchmarkResults().stream()
            .flatMap(fork -> fork.getIterationResults().stream())
            .map(window -> window.getPrimaryResult().getScore())
            .toList();
  }
}
