/**
 * JUnit's side and Allure's: the test classes that judge every claim, and those that hold the
 * measurements against independent oracles.
 */
package dev.touchstone.suite.reproduction;
