package dev.touchstone.suite.reproduction;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.AnnotationConsumer;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Where the reproduction tests' parameters come from. */
final class ClaimCases {
  private ClaimCases() {}

  /** The claims a {@link ClaimsOf} asks for. */
  static final class OfReport implements ArgumentsProvider, AnnotationConsumer<ClaimsOf> {
    private ClaimsOf wanted;

    @Override
    public void accept(ClaimsOf annotation) {
      wanted = annotation;
    }

    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Suite suite = Suite.of(context);
      return suite
          .claims(wanted.value(), wanted.tier())
          .map(claim -> Arguments.of(new ClaimCase(claim, suite)));
    }
  }

  /** Every claim that another subject is asked too. */
  static final class Replicated implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Suite suite = Suite.of(context);
      return suite.replicatedClaims().map(claim -> Arguments.of(new ClaimCase(claim, suite)));
    }
  }

  /** The suite itself, for what is said once of a whole run. */
  static final class OfTheSuite implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      return Stream.of(Arguments.of(Suite.of(context)));
    }
  }

  /** Every deliberate fault. */
  static final class Faulty implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Suite suite = Suite.of(context);
      return suite.faults().map(fault -> Arguments.of(fault, suite));
    }
  }

  /** Every claim with a rule. */
  static final class Audited implements ArgumentsProvider {
    @Override
    public Stream<Arguments> provideArguments(
        ParameterDeclarations parameters, ExtensionContext context) {
      Suite suite = Suite.of(context);
      return suite.auditedClaims().map(claim -> Arguments.of(new ClaimCase(claim, suite)));
    }
  }
}
