package dev.touchstone.suite.golden;

import dev.touchstone.suite.audit.Figures;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the claim files have of the reports beside claims; reading a file adds to it.
 *
 * @param figures every figure, for expressions
 * @param tables every table, in the files' order
 * @param titles what each report is about, by its short name
 */
record Transcript(Figures figures, List<PrintedTable> tables, Map<String, String> titles) {
  static Transcript empty() {
    return new Transcript(new Figures(), new ArrayList<>(), new LinkedHashMap<>());
  }
}
