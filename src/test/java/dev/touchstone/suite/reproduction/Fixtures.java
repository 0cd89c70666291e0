package dev.touchstone.suite.reproduction;

import dev.touchstone.corpus.BrokenAssetException;
import dev.touchstone.model.CheckpointException;
import dev.touchstone.suite.experiment.Experiments;
import dev.touchstone.suite.golden.GoldenException;
import dev.touchstone.suite.golden.InputException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/**
 * Gives tests what they ask for by a parameter's type. What is expensive is opened once in a JVM
 * and closed by JUnit after the last test; an {@link Agreement} is each test's own, and is settled
 * when the test has ended.
 */
public final class Fixtures
    implements BeforeAllCallback, ParameterResolver, AfterTestExecutionCallback {
  private static final Namespace NAMESPACE = Namespace.create(Fixtures.class);

  private static final Map<Class<?>, Function<ExtensionContext, Object>> GIVEN =
      Map.of(
          Suite.class, context -> shared(context, Suite.class, Suite::open),
          // Not the suite's: what tests have measured before would be missing from its verdicts.
          Experiments.class,
              context -> shared(context, Instruments.class, Instruments::open).experiments(),
          DecomposedLlama.class,
              context -> shared(context, DecomposedLlama.class, DecomposedLlama::open),
          Recorded.class, context -> Recorded.in(file(context)),
          Agreement.class, Fixtures::agreement);

  /**
   * Opens the suite for a class that asks for it. What it was given and cannot use is said once, by
   * the first class, and not by each of its tests.
   */
  @Override
  public void beforeAll(ExtensionContext context) {
    Class<?> tests = context.getRequiredTestClass();
    boolean asks =
        Stream.of(tests.getMethods(), tests.getDeclaredMethods())
            .flatMap(Arrays::stream)
            .anyMatch(method -> List.of(method.getParameterTypes()).contains(Suite.class));
    if (!asks) {
      return;
    }
    try {
      shared(context, Suite.class, Suite::open);
    } catch (GoldenException
        | InputException
        | BrokenAssetException
        | CheckpointException refusal) {
      if (!shared(context, AtomicBoolean.class, AtomicBoolean::new).compareAndSet(false, true)) {
        throw new TestAbortedException("Nothing was judged: " + refusal.getMessage());
      }
      throw refusal;
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return GIVEN.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return GIVEN.get(parameter.getParameter().getType()).apply(context);
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    Agreement agreement = context.getStore(NAMESPACE).get(Agreement.class, Agreement.class);
    if (agreement != null) {
      agreement.show();
      // A test that has failed by itself may not have come to its comparisons.
      if (context.getExecutionException().isEmpty()) {
        agreement.settle();
      }
    }
  }

  private static Agreement agreement(ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            Agreement.class, type -> new Agreement(Recorded.named(file(context))), Agreement.class);
  }

  private static String file(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), AgreesWith.class)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    context.getRequiredTestClass() + " does not say what it @AgreesWith"))
        .value();
  }

  private static <T> T shared(ExtensionContext context, Class<T> type, Supplier<T> open) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(type, each -> open.get(), type);
  }
}
