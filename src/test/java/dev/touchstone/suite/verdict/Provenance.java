package dev.touchstone.suite.verdict;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What verdicts depend on besides the subjects' weights.
 *
 * @param revision of the source; empty where Git does not tell
 * @param claims the SHA-256 of each claim file, by its name
 * @param ledger the SHA-256 of the ledger
 * @param threads that an operation uses on a CPU
 * @param engine name and version of what computes, asked for only when something was measured: an
 *     audit loads no engine
 * @param numerics a hash over the code that a pass can depend on, asked for likewise
 * @param texts the SHA-256 of the texts that were read, by name, asked for at the end of a run
 * @param replay what is judged again; empty where it is measured
 */
public record Provenance(
    Optional<Revision> revision,
    Map<String, String> claims,
    String ledger,
    int threads,
    Supplier<String> engine,
    Supplier<String> numerics,
    Supplier<Map<String, String>> texts,
    Optional<EarlierRun> replay) {}
