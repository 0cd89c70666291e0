package dev.touchstone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Holds what reads a stranger's bytes to SECURITY.md: nothing but the exceptions it names comes
 * out, each with a sentence, it allocates a multiple of the input's size at most, and no input
 * takes a second. It says at the end what it saw.
 */
public final class Untrusted implements AfterAllCallback {
  /** Of the processor, which others use too. */
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final long always;
  private final long perByte;
  private final Set<Class<?>> promised;

  private long inputs;
  private long refused;
  private Cost slowest = new Cost(0, 0, 0, false);
  private Cost largest = new Cost(0, 0, 0, false);

  /** What reads an input. */
  @FunctionalInterface
  public interface Reading {
    void run() throws IOException;
  }

  private record Cost(long bytes, long nanos, long allocated, boolean refused) {
    boolean fits(long always, long perByte) {
      return nanos < LONGEST.toNanos() && allocated < always + perByte * bytes;
    }

    Cost least(Cost other) {
      return new Cost(
          bytes, Math.min(nanos, other.nanos), Math.min(allocated, other.allocated), refused);
    }
  }

  /**
   * @param megabytes of Java's memory that may be allocated whatever the input: buffers of parsers,
   *     messages, stack traces
   * @param perByte what may be allocated for each byte of the input beside
   * @param promised the classes themselves; the JDK throws subclasses of its own
   */
  public Untrusted(int megabytes, long perByte, Class<?>... promised) {
    this.always = (long) megabytes << 20;
    this.perByte = perByte;
    this.promised = Set.of(promised);
  }

  /** Reads an input. */
  public void read(byte[] input, Reading reading) throws IOException {
    inputs++;
    Cost cost = measured(input, reading);
    // The first time loads classes, and now and then a compiler or a collector is paid for.
    if (cost.nanos > slowest.nanos
        || cost.allocated > largest.allocated
        || !cost.fits(always, perByte)) {
      cost = cost.least(measured(input, reading));
    }
    refused += cost.refused ? 1 : 0;
    slowest = cost.nanos > slowest.nanos ? cost : slowest;
    largest = cost.allocated > largest.allocated ? cost : largest;
    assertThat(cost.fits(always, perByte)).as("%s is too much for the input", cost).isTrue();
  }

  private Cost measured(byte[] input, Reading reading) throws IOException {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    boolean refused = false;
    long begun = THREADS.getCurrentThreadCpuTime();
    try {
      reading.run();
    } catch (RuntimeException e) {
      if (!promised.contains(e.getClass())) {
        throw e;
      }
      assertThat(e.getMessage()).isNotBlank();
      refused = true;
    }
    return new Cost(
        input.length,
        THREADS.getCurrentThreadCpuTime() - begun,
        THREADS.getCurrentThreadAllocatedBytes() - allocated,
        refused);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    System.out.printf(
        "%s: %,d inputs, %,d of them refused; the slowest took %,d ms (%,d bytes), the largest %,d KB (%,d bytes)%n",
        context.getRequiredTestClass().getSimpleName(),
        inputs,
        refused,
        Duration.ofNanos(slowest.nanos).toMillis(),
        slowest.bytes,
        largest.allocated >> 10,
        largest.bytes);
  }
}
