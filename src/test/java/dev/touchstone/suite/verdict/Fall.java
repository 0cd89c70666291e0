package dev.touchstone.suite.verdict;

import dev.touchstone.suite.claim.Claim;
import dev.touchstone.suite.golden.Fault;

/**
 * A claim that falls under a fault.
 *
 * @param subject what it was measured on
 * @param sound what is expected, or measured without the fault
 * @param faulty what is measured with it
 */
public record Fall(Fault fault, Claim claim, String subject, String sound, String faulty) {}
