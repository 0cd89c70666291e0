package dev.touchstone.claim;

import dev.touchstone.claim.Figures.Figure;
import dev.touchstone.claim.Figures.Row;
import java.util.List;
import java.util.Optional;

/**
 * A claim as its file has it, with what can be checked only once every file is read.
 *
 * @param figure what it prints, for expressions; empty when it prints nothing to compute with
 * @param row of the table it stands in
 * @param observable where its observable's path is written
 */
record Draft(
    Claim claim,
    Optional<Figure> figure,
    Optional<Row> row,
    List<Rule> rules,
    Optional<Place> observable) {}
