package dev.touchstone;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import dev.touchstone.measurement.Interval;
import dev.touchstone.measurement.Observation;
import java.util.List;
import java.util.stream.IntStream;

/** The rooms of DESIGN.md: what each package may know. */
@AnalyzeClasses(packages = "dev.touchstone", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final List<String> ROOMS =
      List.of(
          "tensor",
          "statistics",
          "model",
          "intervention",
          "decomposition",
          "corpus",
          "measurement",
          "laboratory",
          "experiment",
          "claim");
  private static final String TENSORS = "ai.djl..";

  @ArchTest
  static final ArchRule ROOMS_KNOW_ONLY_THOSE_BEFORE_THEM =
      CompositeArchRule.of(
          IntStream.range(0, ROOMS.size())
              .mapToObj(ArchitectureTest::knowsOnlyEarlierRooms)
              .toList());

  @ArchTest
  static final ArchRule EVERYTHING_IS_IN_A_ROOM =
      classes()
          .should()
          .resideInAnyPackage(ROOMS.stream().map(ArchitectureTest::room).toArray(String[]::new));

  @ArchTest
  static final ArchRule CLAIMS_KNOW_NO_TENSORS =
      noClasses()
          .that()
          .resideInAPackage(room("claim"))
          .should()
          .dependOnClassesThat(resideInAPackage(TENSORS));

  @ArchTest
  static final ArchRule OBSERVATIONS_KNOW_NO_TENSORS =
      noClasses()
          .that(
              DescribedPredicate.describe(
                  "are what claims see of a measurement",
                  (JavaClass each) ->
                      each.isAssignableTo(Observation.class)
                          || each.isEquivalentTo(Interval.class)))
          .should()
          .dependOnClassesThat(resideInAPackage(TENSORS));

  @ArchTest
  static final ArchRule CLAIMS_ASK_EXPERIMENTS_BY_PATH_ONLY =
      noClasses()
          .that()
          .resideInAPackage(room("claim"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  room("tensor"),
                  room("model"),
                  room("intervention"),
                  room("decomposition"),
                  room("laboratory")));

  @ArchTest
  static final ArchRule NO_STATIC_STATE =
      fields().that().areStatic().should().beFinal().because("two tests share one JVM");

  private static ArchRule knowsOnlyEarlierRooms(int index) {
    String[] later =
        ROOMS.subList(index + 1, ROOMS.size()).stream()
            .map(ArchitectureTest::room)
            .toArray(String[]::new);
    return noClasses()
        .that()
        .resideInAPackage(room(ROOMS.get(index)))
        .should()
        .dependOnClassesThat(resideInAnyPackage(later))
        .allowEmptyShould(true);
  }

  private static String room(String name) {
    return "dev.touchstone." + name + "..";
  }
}
