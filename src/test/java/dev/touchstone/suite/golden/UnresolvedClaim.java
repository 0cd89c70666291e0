package dev.touchstone.suite.golden;

import dev.touchstone.suite.audit.Figures.Figure;
import dev.touchstone.suite.audit.Figures.Row;
import dev.touchstone.suite.audit.Rule;
import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.claim.Place;
import java.util.List;
import java.util.Optional;

/**
 * A claim as its file has it, with what can be checked only once every file is read.
 *
 * @param figure what it prints, for expressions; empty when it prints nothing to compute with
 * @param row of the table it stands in
 * @param observable where its observable is written
 * @param elsewhere where another subject's observable is written
 */
record UnresolvedClaim(
    Claim claim,
    Optional<Figure> figure,
    Optional<Row> row,
    List<Rule> rules,
    Optional<Place> observable,
    Optional<Place> elsewhere) {}
