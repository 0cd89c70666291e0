package dev.touchstone.suite.reproduction;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** A test class that holds what Touchstone measures against what something else gives. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Fixtures.class)
public @interface AgreesWith {
  /** A file of {@code golden/oracle}, {@code nano144/nano144.json}; or what else, in words. */
  String value();
}
