import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Makes the ahead-of-time cache: the real router, real sockets, a few thousand real requests, then
 * SIGTERM, because the JVM writes the cache only when it exits normally.
 *
 * <p>Usage: {@code java jlink/aot/TrainingRun.java RUNTIME WORK_FOLDER}
 */
final class TrainingRun {
  // Enough for the profile of the hot path; more only makes the build slower.
  private static final int ROUTED = 3000;
  private static final int CONNECTIONS = 4;

  private TrainingRun() {}

  public static void main(String[] args) throws Exception {
    Path runtime = Path.of(args[0]).toAbsolutePath();
    Path output = Path.of(args[1]).resolve("training.log");
    Path cache = runtime.resolve("lib/router.aot");
    Files.deleteIfExists(cache);
    try (Cells cells = new Cells();
        RouterProcess router =
            RouterProcess.start(runtime, List.of("-XX:AOTCacheOutput=" + cache), cells, output)) {
      try (Conversation conversation = new Conversation(router)) {
        conversation.everyAnswer();
        int wrong = routeMany(conversation);
        if (wrong > 0) {
          throw router.failure("answered " + wrong + " of " + ROUTED + " requests wrongly");
        }
      }
      router.stop();
      if (!Files.exists(cache)) {
        throw router.failure("wrote no cache");
      }
    }
  }

  /** Over a few connections at once; returns how many answers were wrong. */
  private static int routeMany(Conversation conversation) throws InterruptedException {
    AtomicInteger left = new AtomicInteger(ROUTED);
    AtomicInteger wrong = new AtomicInteger();
    Runnable work =
        () -> {
          for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
            if (!conversation.routedToItsCell(1 + n % 3)) {
              wrong.incrementAndGet();
            }
          }
        };
    List<Thread> threads =
        Stream.generate(() -> Thread.ofVirtual().start(work)).limit(CONNECTIONS).toList();
    for (Thread thread : threads) {
      thread.join();
    }
    return wrong.get();
  }
}
