package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.experiment.Experiments;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Gives tests what they ask for by a parameter's type. What is expensive is opened once in a JVM
 * and closed by JUnit after the last test; an {@link Agreement} is each test's own, and is settled
 * when the test has ended.
 */
public final class Fixtures implements ParameterResolver, AfterTestExecutionCallback {
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
