package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.experiment.Experiments;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests what they ask for by a parameter's type. What is expensive is opened once in a JVM
 * and closed by JUnit after the last test.
 */
public final class Fixtures implements ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(Fixtures.class);

  private static final Map<Class<?>, Function<ExtensionContext, Object>> GIVEN =
      Map.of(
          Suite.class, context -> shared(context, Suite.class, Suite::open),
          // Not the suite's: what tests have measured before would be missing from its verdicts.
          Experiments.class,
              context -> shared(context, Instruments.class, Instruments::open).experiments());

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return GIVEN.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return GIVEN.get(parameter.getParameter().getType()).apply(context);
  }

  private static <T> T shared(ExtensionContext context, Class<T> type, Supplier<T> open) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(type, each -> open.get(), type);
  }
}
