package dev.touchstone.suite.reproduction;

import dev.touchstone.suite.observation.Tier;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** A test with a case for every claim of a report about so much text. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(ClaimCases.OfReport.class)
@interface ClaimsOf {
  /** The report's short name, {@code exp06}. */
  String value();

  /** How much text. */
  Tier tier();
}
