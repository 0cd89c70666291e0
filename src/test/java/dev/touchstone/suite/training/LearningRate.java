package dev.touchstone.suite.training;

import ai.djl.training.tracker.Tracker;

/**
 * A learning rate that rises from 0 in a straight line and falls along a cosine.
 *
 * @param highest at the end of the rise
 * @param last at the last step
 * @param warmUp steps of the rise
 * @param steps all of them
 */
record LearningRate(float highest, float last, int warmUp, int steps) {
  /** The rate by step, counted from 1. */
  Tracker tracker() {
    return Tracker.warmUp()
        .optWarmUpBeginValue(0f)
        .optWarmUpSteps(warmUp)
        .setMainTracker(
            Tracker.cosine()
                .setBaseValue(highest)
                .optFinalValue(last)
                .setMaxUpdates(steps - warmUp)
                .build())
        .build();
  }
}
