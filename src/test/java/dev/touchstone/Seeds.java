package dev.touchstone;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** The seeds of random tests: which one a failed test had is said, and a property takes it back. */
public final class Seeds implements TestExecutionListener {
  private static final String PROPERTY = "touchstone.test.seed";
  private static final Map<String, Long> DRAWN = new ConcurrentHashMap<>();

  /**
   * The seed that the property {@code touchstone.test.seed} gives, else the test's own.
   *
   * @param test the class's simple name
   */
  public static long seed(String test) {
    return DRAWN.computeIfAbsent(test, name -> Long.getLong(PROPERTY, name.hashCode()));
  }

  /** How to repeat what a seed gave. */
  public static String say(long seed) {
    return "repeat it with -D" + PROPERTY + "=" + seed;
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == Status.FAILED
        && test.getSource().orElse(null) instanceof MethodSource method) {
      String name = method.getJavaClass().getSimpleName();
      if (DRAWN.containsKey(name)) {
        System.err.println(
            name + "." + method.getMethodName() + " was random: " + say(DRAWN.get(name)));
      }
    }
  }
}
