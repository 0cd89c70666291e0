package dev.touchstone;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.touchstone.runtime.Lazy;
import dev.touchstone.tensor.SeededArrays;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The two houses of docs/architecture.md: what each room may know. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {
  /** The library, each room knowing only those before it. */
  static final List<String> LIBRARY =
      Stream.of(
              "runtime",
              "tensor",
              "statistics",
              "model",
              "intervention",
              "decomposition",
              "corpus",
              "measurement",
              "laboratory")
          .map("dev.touchstone."::concat)
          .toList();

  /** The suite, each room knowing only those before it and the library. */
  private static final List<String> SUITE =
      Stream.of(
              "observation",
              "subject",
              "experiment.exp06",
              "experiment.exp07",
              "experiment.exp10b",
              "experiment.exp10d",
              "experiment.spd",
              "experiment",
              "claim",
              "audit",
              "golden",
              "verdict",
              "page",
              "figure",
              "fault",
              "soak",
              "training",
              "reproduction")
          .map("dev.touchstone.suite."::concat)
          .toList();

  /** The rooms that know what is claimed, and nothing of how it is measured. */
  private static final String[] CLAIMS =
      Stream.of("claim", "audit", "golden", "verdict", "page")
          .map("dev.touchstone.suite."::concat)
          .toArray(String[]::new);

  private static final String[] MEASURING =
      Stream.concat(
              Stream.of("tensor", "model", "intervention", "decomposition", "laboratory")
                  .map("dev.touchstone."::concat),
              Stream.of("ai.djl..", "dev.touchstone.suite.subject", "..suite.experiment.."))
          .toArray(String[]::new);

  private static final Pattern TESTS =
      Pattern.compile(".*suite/(?!reproduction).*(?:Test|IT)(?:\\$.*)?\\.class");

  private static final List<Class<?>> RANDOM =
      List.of(Random.class, SplittableRandom.class, SeededArrays.class);

  private final JavaClasses testClasses =
      new ClassFileImporter().importUrl(code(ArchitectureTest.class));

  private final JavaClasses libraryClasses = new ClassFileImporter().importUrl(code(Lazy.class));

  /** The suite without the tests of its own rooms, which may look into any. */
  private final JavaClasses suiteClasses =
      new ClassFileImporter()
          .withImportOption(place -> place.contains("/touchstone/suite/") && !place.matches(TESTS))
          .importUrl(code(ArchitectureTest.class));

  private static URL code(Class<?> of) {
    return of.getProtectionDomain().getCodeSource().getLocation();
  }

  static Stream<ArchRule> libraryRules() {
    return Stream.of(
            order(LIBRARY),
            Stream.of(
                classes().should().resideInAnyPackage(LIBRARY.toArray(String[]::new)),
                noClasses()
                    .that()
                    .resideInAPackage("dev.touchstone.statistics")
                    .should()
                    .dependOnClassesThat(resideInAPackage("ai.djl..")),
                noStaticState(),
                noTimeOfDay(),
                acyclic()))
        .flatMap(rules -> rules);
  }

  static Stream<ArchRule> suiteRules() {
    return Stream.of(
            order(SUITE),
            Stream.of(
                classes()
                    .that()
                    .doNotHaveSimpleName("package-info")
                    .should()
                    .resideInAnyPackage(SUITE.toArray(String[]::new)),
                noClasses()
                    .that()
                    .resideInAnyPackage(CLAIMS)
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(MEASURING)),
                noClasses()
                    .that()
                    .resideInAPackage("dev.touchstone.suite.observation")
                    .should()
                    .dependOnClassesThat(resideInAPackage("ai.djl..")),
                noStaticState(),
                acyclic()))
        .flatMap(rules -> rules);
  }

  @ParameterizedTest
  @MethodSource("libraryRules")
  void theLibraryKeepsItsOrder(ArchRule rule) {
    rule.check(libraryClasses);
  }

  @ParameterizedTest
  @MethodSource("suiteRules")
  void theSuiteKeepsItsOrder(ArchRule rule) {
    rule.check(suiteClasses);
  }

  @Test
  void theLibraryKnowsNothingOfTheSuite() {
    noClasses()
        .should()
        .dependOnClassesThat(resideInAPackage("dev.touchstone.suite.."))
        .check(libraryClasses);
  }

  @Test
  void whatIsRandomInATestFollowsFromASeed() {
    noClasses()
        .should()
        .callConstructor(Random.class)
        .orShould()
        .callConstructor(SplittableRandom.class)
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .check(testClasses);
    assertThat(
            testClasses.stream()
                .filter(each -> each.getSimpleName().matches(".*(?:Test|IT)"))
                .filter(each -> calls(each.getConstructorCallsFromSelf(), RANDOM))
                .filter(each -> !calls(each.getMethodCallsFromSelf(), List.of(Seeds.class))))
        .as("the seed is one of Seeds, which says and takes it")
        .isEmpty();
  }

  /** A suite writes its run when its process ends, and there is one run. */
  @Test
  void whatRunsApartIsGivenNoSuite() throws IOException {
    Matcher apart =
        Pattern.compile("<apart.tests>(.+IT\\.java)</apart.tests>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(apart.find()).isTrue();
    Pattern names =
        Pattern.compile(
            apart
                .group(1)
                .replace("**/", "")
                .replace(".java", "")
                .replace("*", ".*")
                .replace(',', '|'));
    List<JavaClass> classes =
        testClasses.stream().filter(each -> names.matcher(each.getSimpleName()).matches()).toList();

    assertThat(classes).extracting(JavaClass::getSimpleName).contains("GivenModelIT", "ReadmeIT");
    assertThat(classes)
        .filteredOn(each -> each.isMetaAnnotatedWith(ExtendWith.class))
        .flatExtracting(JavaClass::getMethods)
        .filteredOn(
            method ->
                method.getRawParameterTypes().stream()
                    .anyMatch(type -> type.getSimpleName().equals("Suite")))
        .isEmpty();
  }

  private static boolean calls(Set<? extends JavaCall<?>> calls, List<Class<?>> owners) {
    return calls.stream()
        .anyMatch(call -> owners.stream().anyMatch(call.getTargetOwner()::isEquivalentTo));
  }

  private static Stream<ArchRule> order(List<String> rooms) {
    return IntStream.range(0, rooms.size() - 1)
        .mapToObj(
            room ->
                noClasses()
                    .that()
                    .resideInAPackage(rooms.get(room))
                    .should()
                    .dependOnClassesThat(
                        resideInAnyPackage(
                            rooms.subList(room + 1, rooms.size()).toArray(String[]::new))));
  }

  private static ArchRule noStaticState() {
    return fields().that().areStatic().should().beFinal().because("two tests share one JVM");
  }

  private static ArchRule noTimeOfDay() {
    return noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(ProgressState.class, "getElapsedAfterStart")
        .orShould()
        .callMethod(ProgressState.class, "getTotalElapsed")
        .because("a clock may be set while something is measured; name an InstantSource");
  }

  private static ArchRule acyclic() {
    return slices().matching("dev.touchstone.(**)").should().beFreeOfCycles();
  }
}
