/**
 * Has what the laboratory measures computed by a Spark cluster. Knows the library and Spark;
 * nothing knows it, but whoever looks for a {@link dev.touchstone.laboratory.Engine.Cluster}.
 */
package dev.touchstone.spark;
